"""Payments of the past: written in pieces while nobody sees them, then counted, or not, by one switch.

A district's file holds up to 200,000 payments. Their rows are written over minutes, in short transactions that hold
up no other writer; `counting()` leaves them out until the switch of their batch is turned, in one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from training import clock
from training.bulk import write_many
from training.database import Model
from training.entitlements.models import Entitlement, EntitlementState, Family, PastBatch, Source


def counting() -> ColumnElement[bool]:
    """A condition on entitlements: ours, or of a batch whose switch is on. Every read of the past asks it."""
    on = select(PastBatch.id).where(PastBatch.id == Entitlement.batch_id, PastBatch.counts)
    return or_(Entitlement.batch_id.is_(None), on.exists())


def past_of_year(person: Any, family: Any, year: Any) -> ScalarSelect[int]:
    """How many payments of batches that count a person has of a family and year; the counter does not hold them."""
    wanted = (Entitlement.person_id == person, Entitlement.family == family, Entitlement.year == year)
    counted = (
        select(func.count()).select_from(Entitlement).join(PastBatch, PastBatch.id == Entitlement.batch_id)
    )
    return counted.where(
        *wanted, Entitlement.state == EntitlementState.USED, PastBatch.counts
    ).scalar_subquery()


def people_of_batch(batch_id: str) -> Select[str]:
    """The ids of the people whose payments came in by a batch, as a question for other questions."""
    return select(Entitlement.person_id).where(Entitlement.batch_id == batch_id)


def open_batch(session: Session, batch_id: str) -> None:
    """A step: a batch under this id, which does not count yet; the second time it stands there already."""
    if session.get(PastBatch, batch_id) is None:
        session.add(PastBatch(id=batch_id, counts=False, changed_at=clock.now()))


def add_past(session: Session, batch_id: str, payments: Sequence[dict[str, Any]]) -> None:
    """A step: write payments of a batch. Each has `id, person_id, occupation, level, on_date, district, amount_fen`
    (fen); they are training subsidies, used, and count once the batch does."""
    if not payments:
        return
    same = {
        "family": Family.TUITION,
        "state": EntitlementState.USED,
        "source": Source.IMPORTED,
        "enrolment_id": None,
        "changed_at": clock.now(),
        "batch_id": batch_id,
    }
    table = Model.metadata.tables[Entitlement.__tablename__]
    write_many(session, table, [payment | {"year": payment["on_date"].year} for payment in payments], same)


def turn_batch(session: Session, batch_id: str, counts: bool) -> None:
    """A step: from this transaction on all payments of the batch count, or none does."""
    session.execute(
        update(PastBatch).where(PastBatch.id == batch_id).values(counts=counts, changed_at=clock.now())
    )


def set_amount(session: Session, entitlement_id: str, amount_fen: int) -> None:
    """A step: a corrected file says another amount (fen) of a payment that is in already."""
    values = {"amount_fen": amount_fen, "changed_at": clock.now()}
    session.execute(update(Entitlement).where(Entitlement.id == entitlement_id).values(**values))


def drop_past(session: Session, batch_id: str, at_most: int) -> list[str]:
    """A step: remove payments of a batch that does not count, at most so many. Returns their persons."""
    asked = select(Entitlement.id, Entitlement.person_id).join(
        PastBatch, PastBatch.id == Entitlement.batch_id
    )
    rows = session.execute(asked.where(PastBatch.id == batch_id, ~PastBatch.counts).limit(at_most)).all()
    session.execute(delete(Entitlement).where(Entitlement.id.in_([row.id for row in rows])))
    return sorted({row.person_id for row in rows})
