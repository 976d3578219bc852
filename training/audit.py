"""The trail: append-only events, chained per subject, sealed every few seconds.

Each event carries a dense number within its subject and an HMAC over its content and the event before, and
is written in the transaction of the operation it tells of. There is no global chain: it would make every
writer wait for one row. The global order comes from seals (training/seals.py). Personal values are sealed
with the person's own key, so that deletion makes them unreadable while the chain still verifies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    FetchedValue,
    Index,
    Integer,
    String,
    UniqueConstraint,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql import tuple_

from training import clock, keys
from training.bulk import write_many
from training.database import Model, Moment, words
from training.errors import Refused
from training.events import EventName, SubjectKind

__all__ = [
    "COLUMNS",
    "Actor",
    "ActorKind",
    "AuditEvent",
    "Entry",
    "EventName",
    "Outcome",
    "SubjectKind",
    "attempt",
    "history",
    "mac_of",
    "personal_context",
    "personal_of",
    "record",
    "record_firsts",
]


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class ActorKind(StrEnum):
    PERSON = "person"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who acts. `id` is a person's or a staff account's id, or the job's name; `office` is shown to people."""

    kind: ActorKind
    id: str
    office: str = ""
    district: str | None = None

    @classmethod
    def system(cls, job: str) -> Actor:
        """The clock's door."""
        return cls(ActorKind.SYSTEM, job)


@dataclass(frozen=True)
class Entry:
    """One event to be written.

    `status` is the subject's status after it; `facts` stays readable for ever (statuses, amounts in fen, dates,
    notice numbers, codes); `personal` is sealed with `key`, the person's own key.
    """

    name: EventName
    kind: SubjectKind
    subject: str
    status: str | None = None
    facts: Mapping[str, Any] | None = None
    personal: Mapping[str, Any] | None = None
    key: bytes | None = None
    is_first: bool = False


class AuditEvent(Model):
    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "n"),
        Index(None, "actor_id", "at"),
        Index(None, "at"),
        Index(None, "transaction"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[SubjectKind] = mapped_column(words(SubjectKind, "kind"))
    subject: Mapped[str] = mapped_column(String(26))
    n: Mapped[int] = mapped_column(Integer)
    name: Mapped[EventName] = mapped_column(String(40))
    outcome: Mapped[Outcome] = mapped_column(words(Outcome, "outcome"))
    status: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment)
    actor_kind: Mapped[ActorKind] = mapped_column(words(ActorKind, "actor_kind"))
    actor_id: Mapped[str] = mapped_column(String(40))
    office: Mapped[str] = mapped_column(String(120), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    personal: Mapped[str | None] = mapped_column(String)
    mac: Mapped[str] = mapped_column(String(64))
    transaction: Mapped[int | None] = mapped_column(BigInteger, server_default=FetchedValue())

    __mapper_args__ = {"eager_defaults": False}


COLUMNS = [
    "kind",
    "subject",
    "n",
    "name",
    "outcome",
    "status",
    "at",
    "actor_kind",
    "actor_id",
    "office",
    "facts",
    "personal",
    "mac",
]


def record(session: Session, actor: Actor, *entries: Entry, outcome: Outcome = Outcome.DONE) -> None:
    """Add the entries to the trail, in the caller's transaction: one SELECT for old subjects, one INSERT."""
    last = _last_of(session, [entry for entry in entries if not entry.is_first])
    at, rows = clock.now(), []
    for entry in entries:
        place = (entry.kind, entry.subject)
        n, before = last.get(place, (0, ""))
        event = _event(actor, entry, n + 1, at, outcome)
        event.mac = mac_of(event, before)
        last[place] = (event.n, event.mac)
        rows.append({name: getattr(event, name) for name in COLUMNS})
    session.execute(insert(Model.metadata.tables[AuditEvent.__tablename__]), rows)


def record_firsts(
    session: Session,
    actor: Actor,
    name: EventName,
    kind: SubjectKind,
    subjects: Sequence[str],
    facts: Mapping[str, Any],
) -> None:
    """Add the first event of many new subjects, all with the same facts: what `record` does, many thousands at once."""
    at, told = clock.now(), dict(facts)
    same = {
        "kind": kind,
        "n": 1,
        "name": name,
        "outcome": Outcome.DONE,
        "status": None,
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "office": actor.office,
        "facts": told,
        "personal": None,
    }
    before = ("", kind.value)
    after = ("1", str(name), Outcome.DONE.value, "", at.isoformat(), actor.kind.value, actor.id, actor.office)
    end = (_written(told), "")
    rows = [{"subject": one, "mac": _mac(*before, one, *after, *end)} for one in subjects]
    write_many(session, Model.metadata.tables[AuditEvent.__tablename__], rows, same)


def attempt(session: Session, actor: Actor, entry: Entry) -> None:
    """Say what is being tried: should a rule refuse, this is what stands in the trail as refused."""

    def write(inside: Session, refusal: Refused) -> None:
        facts = {"reasons": list(refusal.reasons)}
        told = Entry(entry.name, entry.kind, entry.subject, facts=facts)
        record(inside, actor, told, outcome=Outcome.REFUSED)

    session.info["attempt"] = write


def history(session: Session, kind: SubjectKind, subject: str) -> Sequence[AuditEvent]:
    """What was done with one subject, oldest first, without what was refused."""
    wanted = (AuditEvent.kind == kind, AuditEvent.subject == subject, AuditEvent.outcome == Outcome.DONE)
    return session.scalars(select(AuditEvent).where(*wanted).order_by(AuditEvent.n)).all()


def mac_of(event: AuditEvent, before: str) -> str:
    """The chain's hash of one event, given the hash of the one before it in the same subject."""
    return _mac(
        before,
        event.kind.value,
        event.subject,
        str(event.n),
        str(event.name),
        event.outcome.value,
        event.status or "",
        event.at.isoformat(),
        event.actor_kind.value,
        event.actor_id,
        event.office,
        _written(event.facts),
        event.personal or "",
    )


def _mac(*fields: str) -> str:
    return keys.audit_mac(*(field.encode() for field in fields))


def _written(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def personal_of(event: AuditEvent, key: bytes | None) -> dict[str, Any]:
    """What stands sealed in an event, opened with the key of its person; nothing once that key is destroyed."""
    if not event.personal or (key is None and event.personal.split(".")[1] == keys.OWN):
        return {}
    text = keys.unseal(event.personal, personal_context(event.kind, event.subject, event.n), key)
    found: dict[str, Any] = json.loads(text)
    return found


def personal_context(kind: SubjectKind, subject: str, n: int) -> str:
    """What an event's sealed personal values are bound to."""
    return f"audit_event:{kind.value}:{subject}:{n}"


def _event(actor: Actor, entry: Entry, n: int, at: datetime, outcome: Outcome) -> AuditEvent:
    sealed = None
    if entry.personal:
        text = json.dumps(dict(entry.personal), ensure_ascii=False, sort_keys=True)
        sealed = keys.seal(text, personal_context(entry.kind, entry.subject, n), entry.key)
    return AuditEvent(
        kind=entry.kind,
        subject=entry.subject,
        n=n,
        name=entry.name,
        outcome=outcome,
        status=entry.status,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        office=actor.office,
        facts=dict(entry.facts or {}),
        personal=sealed,
    )


def _last_of(session: Session, entries: Sequence[Entry]) -> dict[tuple[SubjectKind, str], tuple[int, str]]:
    """The newest number and hash of each subject. A race for the next number meets the unique constraint."""
    places = sorted({(entry.kind, entry.subject) for entry in entries})
    if not places:
        return {}
    session.flush()
    place = tuple_(AuditEvent.kind, AuditEvent.subject)
    newest = select(AuditEvent.kind, AuditEvent.subject, func.max(AuditEvent.n).label("n")).where(
        place.in_(places)
    )
    newest_of = newest.group_by(AuditEvent.kind, AuditEvent.subject).subquery()
    same_row = (
        (AuditEvent.kind == newest_of.c.kind)
        & (AuditEvent.subject == newest_of.c.subject)
        & (AuditEvent.n == newest_of.c.n)
    )
    column = (AuditEvent.kind, AuditEvent.subject, AuditEvent.n, AuditEvent.mac)
    rows = session.execute(select(*column).join(newest_of, same_row))
    return {(kind, subject): (n, mac) for kind, subject, n, mac in rows}
