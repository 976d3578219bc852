"""Everything about one person, to be read by that person: all rows, nothing of anybody else (I30).

Of a row that is another's first and only names this person as well, one reads that it is there: its kind, its status
and its dates. Left out of each row are secrets and what only the machine reads (hashes, indexes, keys) and the names and ids of
staff: whose desk it was stands in the trail, as office.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Column, Date, String, Table, and_, or_, select
from sqlalchemy.orm import Session

from training import audit, clock, keys
from training.audit import ActorKind, AuditEvent, SubjectKind
from training.database import Moment
from training.people.models import PersonKey
from training.privacy.queries.rows import PERSON, Row, is_own, own_ids, relations, rows_about

SECRET_ENDINGS = ("_hash", "_index")
NOT_FOR_READERS = frozenset(
    [
        "wrapped",
        "staff_id",
        "idempotency_key",
        "slip_key",
        "actor",
        "actor_id",
        "came_from",
        "not_by",
        "draft_decision",
        "shared_with",
    ]
)
STAFF_ID = 26
OUTLINE = ("kind", "status")
SUBJECT_OF = {
    PERSON: SubjectKind.PERSON,
    "enrolment": SubjectKind.ENROLMENT,
    "claim": SubjectKind.CLAIM,
    "matter": SubjectKind.MATTER,
}
Said = dict[str, Any]


@dataclass(frozen=True)
class Everything:
    """`rows` by table, in clear; `events` of the trail with their office and no clerk; all of them ready for JSON."""

    made_at: datetime
    rows: Mapping[str, Sequence[Said]]
    events: Sequence[Said]

    def document(self) -> Said:
        """What the file holds."""
        return {
            "made_at": self.made_at.isoformat(),
            "rows": {name: list(found) for name, found in self.rows.items() if found},
            "events": list(self.events),
        }


def everything_about(session: Session, person_id: str) -> Everything:
    """All that is known of a person, those records included that were merged into this one. Reads only."""
    ids = own_ids(session, person_id)
    own_keys = _own_keys(session, ids)
    rows: dict[str, list[Said]] = {}
    subjects: dict[SubjectKind, list[str]] = {}
    for table, found in rows_about(session, ids):
        rows.setdefault(table.name, []).extend(_readable(table, row, ids, own_keys) for row in found)
        if table.name in SUBJECT_OF:
            subjects[SUBJECT_OF[table.name]] = [row["id"] for row in found if is_own(table, row, ids)]
    return Everything(clock.now(), rows, _events(session, subjects, own_keys))


def _own_keys(session: Session, ids: Collection[str]) -> list[bytes]:
    found = session.scalars(select(PersonKey).where(PersonKey.person_id.in_(ids)))
    return [key for row in found if (key := row.open()) is not None]


def _readable(table: Table, row: Row, ids: Collection[str], own_keys: Sequence[bytes]) -> Said:
    names_people = {one.column.name for one in relations() if one.table is table and one.parent == PERSON}
    said: Said = {}
    shown = table.columns if is_own(table, row, ids) else _outline(table)
    for column in shown:
        value = row[column.name]
        if is_left_out(column) or (column.name in names_people and value not in ids):
            continue
        if column.name.endswith("_sealed"):
            name = column.name.removesuffix("_sealed")
            said[name] = _opened(value, f"{table.name}:{row.get('id', '')}:{name}", own_keys)
        else:
            said[column.name] = _plain(value)
    return said


def _outline(table: Table) -> list[Column[Any]]:
    """What is read of another's row: that it is there, and when."""
    return [one for one in table.columns if one.name in OUTLINE or isinstance(one.type, Date | Moment)]


def is_left_out(column: Column[Any]) -> bool:
    """Secrets, what only the machine reads, and who of the staff it was."""
    name = column.name
    is_staff = (
        name.endswith("_by") and isinstance(column.type, String) and (column.type.length or 0) >= STAFF_ID
    )
    is_hash = name.endswith(SECRET_ENDINGS) or name == "mac"
    return is_staff or is_hash or name in NOT_FOR_READERS


def _opened(value: str | None, context: str, own_keys: Sequence[bytes]) -> str | None:
    if not value:
        return None
    for key in own_keys if keys.is_own(value) else [None]:
        try:
            return keys.unseal(value, context, key)
        except ValueError:
            continue
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {name: said for name, said in value.items() if name not in NOT_FOR_READERS}
    return value.isoformat() if isinstance(value, date | datetime) else value


def _events(
    session: Session, subjects: Mapping[SubjectKind, Sequence[str]], own_keys: Sequence[bytes]
) -> list[Said]:
    chosen = [
        and_(AuditEvent.kind == kind, AuditEvent.subject.in_(found)) for kind, found in subjects.items()
    ]
    query = select(AuditEvent).where(or_(*chosen)).order_by(AuditEvent.id)
    return [_event(event, own_keys) for event in session.scalars(query)]


def _event(event: AuditEvent, own_keys: Sequence[bytes]) -> Said:
    context = audit.personal_context(event.kind, event.subject, event.n)
    facts = {name: said for name, said in event.facts.items() if name not in NOT_FOR_READERS}
    return {
        "at": event.at.isoformat(),
        "about": event.kind.value,
        "what": event.name,
        "outcome": event.outcome.value,
        "status": event.status,
        "by": "you" if event.actor_kind is ActorKind.PERSON else event.office or event.actor_kind.value,
        "facts": {name: said for name, said in facts.items() if not name.endswith("_by")},
        "values": _opened(event.personal, context, own_keys),
    }
