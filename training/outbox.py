"""What must also happen outside: a row in the operation's transaction, sent by the worker within seconds.

The worker may be killed at any moment and started twice: a row is leased, tried, and marked done; the row's
id is the idempotency key that goes outside.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Integer, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from training import clock, keys
from training.database import Model, Moment, new_id, words

LEASE = timedelta(seconds=40)
BACK_OFF = (2, 5, 15, 60, 300, 900, 3600)
ATTEMPTS = 12


class Errand(StrEnum):
    """What the worker can be asked to do."""

    SEND_CODE = "send_code"
    ASK_REGISTRY = "ask_registry"
    SEND_MESSAGE = "send_message"
    VERIFY_TRAIL = "verify_trail"


class OutboxState(StrEnum):
    """A dead row waits for a person, who lets it be tried again or drops it."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    DROPPED = "dropped"


class OutboxRow(Model):
    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    errand: Mapped[Errand] = mapped_column(words(Errand, "errand"))
    payload_sealed: Mapped[str] = mapped_column(String)
    state: Mapped[OutboxState] = mapped_column(words(OutboxState, "state"), default=OutboxState.WAITING)
    due_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(String(80))

    @property
    def payload(self) -> dict[str, Any]:
        """What the errand is about, unsealed."""
        found: dict[str, Any] = json.loads(keys.unseal(self.payload_sealed, f"outbox:{self.id}"))
        return found


def put(
    session: Session, errand: Errand, payload: Mapping[str, Any], *, due_at: datetime | None = None
) -> OutboxRow:
    """Ask for an errand, in the caller's transaction."""
    row_id, at = new_id(), clock.real_now()
    sealed = keys.seal(json.dumps(dict(payload), ensure_ascii=False), f"outbox:{row_id}")
    row = OutboxRow(id=row_id, errand=errand, payload_sealed=sealed, due_at=due_at or at, created_at=at)
    session.add(row)
    return row


def take_due(session: Session, limit: int = 20) -> Sequence[OutboxRow]:
    """Lease what is due, inside a transaction: another worker passes over it until the lease ends."""
    at = clock.real_now()
    due = select(OutboxRow).where(OutboxRow.state == OutboxState.WAITING, OutboxRow.due_at <= at)
    rows = session.scalars(
        due.order_by(OutboxRow.due_at).limit(limit).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.due_at, row.attempts = at + LEASE, row.attempts + 1
    return rows


def mark_done(session: Session, row_id: str) -> None:
    """The errand is done; its sealed payload is dropped. Doing it twice changes nothing."""
    row = session.get(OutboxRow, row_id, with_for_update=True)
    if row is not None and row.state is OutboxState.WAITING:
        row.state, row.done_at, row.payload_sealed = OutboxState.DONE, clock.real_now(), ""


def mark_failed(session: Session, row_id: str, cause: str) -> None:
    """Try again later, further apart each time; after the last attempt the row waits for a person."""
    row = session.get(OutboxRow, row_id, with_for_update=True)
    if row is None or row.state is not OutboxState.WAITING:
        return
    row.last_error = cause[:80]
    if row.attempts >= ATTEMPTS:
        row.state = OutboxState.DEAD
    else:
        row.due_at = clock.real_now() + timedelta(seconds=BACK_OFF[min(row.attempts, len(BACK_OFF)) - 1])


def drop_messages_of(session: Session, person_ids: Collection[str]) -> int:
    """A step: what waits to be told to these people is not sent any more. Returns how many rows."""
    waiting = select(OutboxRow).where(OutboxRow.state != OutboxState.DONE, OutboxRow.payload_sealed != "")
    rows = session.scalars(waiting.with_for_update())
    theirs = [row for row in rows if row.payload.get("person") in person_ids]
    for row in theirs:
        row.state, row.done_at, row.payload_sealed = OutboxState.DONE, clock.real_now(), ""
    return len(theirs)


def revive(row: OutboxRow) -> None:
    """A step: a dead row is tried again, as often as a new one."""
    row.state, row.due_at, row.attempts = OutboxState.WAITING, clock.real_now(), 0


def drop(row: OutboxRow) -> None:
    """A step: a dead row is given up; its sealed payload goes."""
    row.state, row.done_at, row.payload_sealed = OutboxState.DROPPED, clock.real_now(), ""


def open_count(session: Session) -> int:
    """How many rows are not done, dead ones included: for the status page and tests."""
    open_rows = select(OutboxRow.id).where(
        or_(OutboxRow.state == OutboxState.WAITING, OutboxRow.state == OutboxState.DEAD)
    )
    return len(session.scalars(open_rows).all())
