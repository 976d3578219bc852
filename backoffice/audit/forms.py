"""What an auditor looks for, read from the address; what cannot be read is left out, and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from training.audit import EventName, SubjectKind
from training.oversight.queries.trail import Filters, Subject, staff_named, subject_named
from training.policy.pack import Pack

FIELDS = ("subject", "actor", "name", "first", "last", "district")


@dataclass(frozen=True)
class Wanted:
    """The filters, how they were typed, and the fields that could not be read."""

    filters: Filters
    typed: Mapping[str, str]
    unread: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Somebody asked for what is not there: then nothing fits."""
        return bool({"subject", "actor"} & set(self.unread))

    @property
    def query(self) -> dict[str, str]:
        """What goes into an address that asks for the same."""
        return {name: text for name, text in self.typed.items() if text}


def wanted(session: Session, pack: Pack, query: Mapping[str, str]) -> Wanted:
    """Read the filters."""
    typed = {name: query.get(name, "").strip()[:60] for name in FIELDS}
    subject = subject_named(session, typed["subject"]) if typed["subject"] else None
    actor = staff_named(session, typed["actor"]) if typed["actor"] else None
    name = next((event for event in EventName if event.value == typed["name"]), None)
    district = typed["district"] if typed["district"] in pack.districts else ""
    before = query.get("before", "")
    filters = Filters(
        subject=subject,
        actor_id=actor.id if actor else None,
        name=name,
        first=_day(typed["first"]),
        last=_day(typed["last"]),
        district=district,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
    )
    read: dict[str, object] = {
        "subject": subject,
        "actor": actor,
        "name": name,
        "first": filters.first,
        "last": filters.last,
        "district": district,
    }
    unread = tuple(field for field in FIELDS if typed[field] and not read[field])
    return Wanted(filters, typed, unread)


def subject_at(kind: str, subject: str) -> Subject | None:
    """What an address names; None for no kind of the trail."""
    found = next((member for member in SubjectKind if member.value == kind), None)
    return Subject(found, subject[:26]) if found else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
