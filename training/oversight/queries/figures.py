"""Figures about the whole system, for a machine that watches it. They count; they name nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training import clock, pulse, seals
from training.claims.lifecycle import REVIEWS
from training.claims.models import Claim
from training.enrolments.models import Enrolment
from training.enrolments.queries import in_queue
from training.outbox import OutboxRow, OutboxState
from training.pulse import PulseKind


@dataclass(frozen=True)
class Figure:
    """One gauge: its name, what it says, and its values, each with its labels."""

    name: str
    help: str
    values: Sequence[tuple[Mapping[str, str], float]]


def figures(session: Session) -> list[Figure]:
    """Read them all, each with one statement."""
    return [*_outbox(session), *_seals(session), _queues(session), *_systems(session), *_tasks(session)]


def _outbox(session: Session) -> list[Figure]:
    open_rows = OutboxRow.state.in_((OutboxState.WAITING, OutboxState.DEAD))
    columns = (OutboxRow.errand, OutboxRow.state, func.count(OutboxRow.id), func.min(OutboxRow.created_at))
    rows = session.execute(
        select(*columns).where(open_rows).group_by(OutboxRow.errand, OutboxRow.state)
    ).all()
    counts = [({"errand": row[0].value, "state": row[1].value}, row[2]) for row in rows]
    waiting = [row[3] for row in rows if row[1] is OutboxState.WAITING]
    age = _age(min(waiting, default=None))
    return [
        Figure("training_outbox_rows", "Errands that are not done, by errand and state.", counts),
        Figure(
            "training_outbox_oldest_seconds", "How long the oldest waiting errand has waited.", [({}, age)]
        ),
    ]


def _seals(session: Session) -> list[Figure]:
    now = seals.standing(session)
    return [
        Figure("training_seal_number", "The newest seal of the trail.", [({}, now.number)]),
        Figure("training_seal_age_seconds", "Seconds since it was made.", [({}, _age(now.sealed_at))]),
        Figure("training_unsealed_rows", "Rows of the trail that no seal covers yet.", [({}, now.unsealed)]),
        Figure(
            "training_unsealed_seconds",
            "How long the oldest of them waits.",
            [({}, _age(now.unsealed_since))],
        ),
    ]


def _queues(session: Session) -> Figure:
    verify = session.scalar(select(func.count(Enrolment.id)).where(in_queue())) or 0
    rows = session.execute(
        select(Claim.status, func.count(Claim.id)).where(Claim.status.in_(REVIEWS)).group_by(Claim.status)
    )
    found = {row[0]: row[1] for row in rows}
    reviews = [({"queue": status.value}, found.get(status, 0)) for status in REVIEWS]
    return Figure(
        "training_queue_cases", "Cases that wait for a decision.", [({"queue": "verify"}, verify), *reviews]
    )


def _systems(session: Session) -> list[Figure]:
    rows = pulse.all_pulses(session, PulseKind.SYSTEM)
    asked = [({"system": row.name}, float(row.asked)) for row in rows]
    failed = [({"system": row.name}, float(row.failed)) for row in rows]
    up = [({"system": row.name}, float(row.failing_since is None and not row.is_resting)) for row in rows]
    return [
        Figure("training_registry_asked_this_hour", "What was asked of an outside system this hour.", asked),
        Figure("training_registry_failed_this_hour", "How much of it failed.", failed),
        Figure("training_registry_up", "1 while an outside system answers.", up),
    ]


def _tasks(session: Session) -> list[Figure]:
    rows = pulse.all_pulses(session, PulseKind.TASK)
    failing = [({"job": row.name}, float(row.failing_since is not None)) for row in rows]
    ages = [({"job": row.name}, _age(row.at)) for row in rows]
    return [
        Figure("training_job_failing", "1 while a job of the clock fails.", failing),
        Figure("training_job_told_seconds", "Seconds since a job last told how it went.", ages),
    ]


def _age(moment: datetime | None) -> float:
    return 0.0 if moment is None else max(0.0, round((clock.now() - moment).total_seconds(), 1))
