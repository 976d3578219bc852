"""What runs and what answers: the last word of each job and of each outside system, for the status page.

The worker writes a line after each run of a task; a system's line is written now and then by whoever asks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Integer, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from training import clock
from training.database import Model, Moment, whole, words


class PulseKind(StrEnum):
    TASK = "task"
    SYSTEM = "system"


class SystemPulse(Model):
    """One task of the clock, or one outside system.

    `failing_since` and `last_error` stand while it fails. A task has its duration and when it runs next;
    `asked_at` is set when somebody wants it run now. A system has what was asked of it and what failed in the
    hour that began at `hour`, and `is_resting` while the breaker leaves it alone.
    """

    __tablename__ = "system_pulse"
    __table_args__ = (whole("asked"), whole("failed"))

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[PulseKind] = mapped_column(words(PulseKind, "kind"))
    at: Mapped[datetime] = mapped_column(Moment)
    last_ok_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(String(80))
    failing_since: Mapped[datetime | None] = mapped_column(Moment)
    took_ms: Mapped[int | None] = mapped_column(Integer)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    hour: Mapped[datetime | None] = mapped_column(Moment)
    asked: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    is_resting: Mapped[bool] = mapped_column(default=False)


def tell_task(session: Session, name: str, *, took_ms: int, next_at: datetime, error: str | None) -> None:
    """A step: one run of a task is over; `error` names what went wrong, None: nothing did."""
    row = _row(session, name, PulseKind.TASK)
    row.took_ms, row.next_at, row.asked_at = took_ms, next_at, None
    _said(row, error)


def tell_system(
    session: Session, name: str, *, asked: int, failed: int, error: str | None, is_resting: bool
) -> None:
    """A step: what was asked of an outside system since the last time, and how the last of it ended."""
    row = _row(session, name, PulseKind.SYSTEM)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    if row.hour != hour:
        row.hour, row.asked, row.failed = hour, 0, 0
    row.asked, row.failed, row.is_resting = row.asked + asked, row.failed + failed, is_resting
    _said(row, error)


def ask_again(session: Session, name: str) -> bool:
    """A step: this task is to run at once. False where there is no such task."""
    row = session.get(SystemPulse, name, with_for_update=True)
    if row is None or row.kind is not PulseKind.TASK:
        return False
    row.asked_at = clock.now()
    return True


def asked_for(session: Session) -> list[str]:
    """The tasks that somebody wants run now."""
    return list(session.scalars(select(SystemPulse.name).where(SystemPulse.asked_at.is_not(None))))


def all_pulses(session: Session, kind: PulseKind) -> Sequence[SystemPulse]:
    """The last word of each, those that fail first."""
    order = (SystemPulse.failing_since.is_(None), SystemPulse.name)
    return session.scalars(select(SystemPulse).where(SystemPulse.kind == kind).order_by(*order)).all()


def failing_count(session: Session) -> int:
    """How many tasks and systems fail just now."""
    failing = select(func.count()).select_from(SystemPulse).where(SystemPulse.failing_since.is_not(None))
    return session.scalar(failing) or 0


def _row(session: Session, name: str, kind: PulseKind) -> SystemPulse:
    row = session.get(SystemPulse, name, with_for_update=True)
    if row is None:
        row = SystemPulse(name=name, kind=kind, asked=0, failed=0, is_resting=False)
        session.add(row)
    return row


def _said(row: SystemPulse, error: str | None) -> None:
    row.at = clock.now()
    if error is None:
        row.last_ok_at, row.failing_since, row.last_error = row.at, None, None
    else:
        row.failing_since, row.last_error = row.failing_since or row.at, error[:80]
