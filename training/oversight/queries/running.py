"""How the system stands: what waits to be sent, what is dead, how far the seals are, what ran when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training import clock, pulse, seals
from training.database import schema_revision
from training.outbox import Errand, OutboxRow, OutboxState
from training.oversight.models import TrailCheck
from training.oversight.queries.trail import last_checks
from training.pulse import PulseKind, SystemPulse

DAY = timedelta(days=1)
SHOWN_DEAD = 20


@dataclass(frozen=True)
class Waiting:
    """Errands of one kind that wait, and since when the oldest does."""

    number: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True)
class DeadErrand:
    """An errand that was tried to the end. Neither its text nor its phone is shown; a reference leads to the case."""

    id: str
    errand: Errand
    created_at: datetime
    attempts: int
    last_error: str
    reference: str


@dataclass(frozen=True)
class Standing:
    """Everything that the status page shows at one moment."""

    at: datetime
    waiting: Mapping[Errand, Waiting]
    dead: Sequence[DeadErrand]
    dead_count: int
    sent_today: int
    seal: seals.Standing
    last_check: TrailCheck | None
    systems: Sequence[SystemPulse]
    tasks: Sequence[SystemPulse]
    database: str
    revision: str | None


def standing(session: Session) -> Standing:
    """Read it all, in a handful of statements."""
    dead = session.scalars(
        select(OutboxRow).where(OutboxRow.state == OutboxState.DEAD).order_by(OutboxRow.created_at.desc())
    ).all()
    return Standing(
        at=clock.now(),
        waiting=_waiting(session),
        dead=[_dead(row) for row in dead[:SHOWN_DEAD]],
        dead_count=len(dead),
        sent_today=_sent(session),
        seal=seals.standing(session),
        last_check=next(iter(last_checks(session, 1)), None),
        systems=pulse.all_pulses(session, PulseKind.SYSTEM),
        tasks=pulse.all_pulses(session, PulseKind.TASK),
        database=session.get_bind().dialect.name,
        revision=schema_revision(session),
    )


def dead_count(session: Session) -> int:
    """How many errands wait for a person."""
    dead = select(func.count(OutboxRow.id)).where(OutboxRow.state == OutboxState.DEAD)
    return session.scalar(dead) or 0


def _waiting(session: Session) -> dict[Errand, Waiting]:
    columns = (OutboxRow.errand, func.count(OutboxRow.id), func.min(OutboxRow.created_at))
    query = select(*columns).where(OutboxRow.state == OutboxState.WAITING).group_by(OutboxRow.errand)
    found = {errand: Waiting(number, oldest) for errand, number, oldest in session.execute(query)}
    return {errand: found.get(errand, Waiting()) for errand in Errand}


def _sent(session: Session) -> int:
    told = (OutboxRow.errand == Errand.SEND_MESSAGE, OutboxRow.state == OutboxState.DONE)
    query = select(func.count(OutboxRow.id)).where(*told, OutboxRow.done_at > clock.real_now() - DAY)
    return session.scalar(query) or 0


def _dead(row: OutboxRow) -> DeadErrand:
    values = row.payload.get("values") or {} if row.payload_sealed else {}
    reference = str(values.get("reference") or "")
    return DeadErrand(row.id, row.errand, row.created_at, row.attempts, row.last_error or "", reference)
