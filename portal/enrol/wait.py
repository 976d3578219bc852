"""The waiting list of a class, told honestly: which place, how many seats came free before, what else there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.enrol.classes import others_like, pack
from portal.session import visitor
from training import clock
from training.courses.models import ClassRun
from training.courses.queries import Listed
from training.database import db
from training.enrolments.lifecycle import LIVE
from training.enrolments.models import Enrolment
from training.enrolments.queries import LineHistory, enrolments_of, line_history
from training.policy.rules import Reason
from training.policy.service import Offers


@dataclass(frozen=True)
class Line:
    """`history` is None where too few such classes have begun to say anything; `mine`: one stands there already."""

    run: ClassRun
    history: LineHistory | None
    others: Sequence[Listed]
    terms: Offers
    mine: Enrolment | None

    @property
    def place(self) -> int:
        """The place of who joins now."""
        return self.run.waiting + 1

    @property
    def is_likely(self) -> bool:
        """In half of the classes before, or more, so many seats came free."""
        return self.history is not None and 2 * self.history.reaching(self.place) >= self.history.classes


def has_seat(run: ClassRun) -> bool:
    """Whether a seat is free and nobody stands in line."""
    return run.seats_left > 0 and run.waiting == 0


def why_no_line(run: ClassRun) -> list[Reason]:
    """Why nobody can join the line; empty: there is one, or none is needed."""
    return [] if run.takes_waiting or has_seat(run) else [Reason("class_full", "no")]


def line_of(run: ClassRun) -> Line:
    """The line of a class, for whoever looks at it now."""
    session, terms, who = db.session(), pack().offers, visitor()
    history = line_history(session, run, clock.today(), terms)
    live = [one for one in enrolments_of(session, who.person.id) if one.status in LIVE] if who else []
    mine = next((one for one in live if one.class_id == run.id), None)
    return Line(run, history, others_like(run), terms, mine)
