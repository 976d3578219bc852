"""How a class stands for the public today: what its page says at the top, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from portal.courses.cards import seats_words
from training.courses.models import ClassRun, ClassStatus
from training.enrolments.rules import reasons_of_class, without_code_share
from training.errors import NotThere
from training.policy.models import Notice

HIDDEN = (ClassStatus.DRAFT, ClassStatus.SUBMITTED, ClassStatus.RETURNED, ClassStatus.APPROVED)
TAKES = (ClassStatus.ENROLLING, ClassStatus.FULL)
KIND = {
    "enrolling": "ok",
    "full": "idle",
    "published": "wait",
    "running": "wait",
    "suspended": "stop",
    "cancelled": "stop",
}


@dataclass(frozen=True)
class Standing:
    """A class on a day. `closed` are the codes of why nobody can join; `place` is the next place in line.

    `until_on` is the last day to enrol, `without_code` the seats that people without a code may hold.
    """

    status: str
    kind: str
    closed: tuple[str, ...]
    seats: str
    seats_kind: str
    has_seat: bool
    place: int | None
    until_on: date

    @property
    def can_join(self) -> bool:
        """A seat, or a place in line."""
        return not self.closed and (self.has_seat or self.place is not None)


def standing(run: ClassRun, on: date) -> Standing:
    """How the class stands on the day `on`. Raises NotThere for one that was never made public."""
    if run.status in HIDDEN:
        raise NotThere(run.id)
    has_seat = run.seats_left > 0 and run.waiting == 0
    status = _status(run, on, has_seat=has_seat)
    seats, kind = seats_words(run.seats_left, run.waiting)
    return Standing(
        status=status,
        kind=KIND.get(status, "idle"),
        closed=tuple(reasons_of_class(run, on)),
        seats=seats,
        seats_kind=kind,
        has_seat=has_seat,
        place=run.waiting + 1 if run.takes_waiting and not has_seat else None,
        until_on=run.starts_on - timedelta(days=1),
    )


def seats_without_code(run: ClassRun, notice: Notice) -> int:
    """How many seats of the class people without a code may hold."""
    return without_code_share(run.seats, notice.identity.without_code_percent.value)


def _status(run: ClassRun, on: date, *, has_seat: bool) -> str:
    if run.status not in TAKES:
        return run.status.value
    if run.starts_on <= on:
        return ClassStatus.RUNNING.value
    return (ClassStatus.ENROLLING if has_seat else ClassStatus.FULL).value
