"""Events of the trail as staff read them: when, who, what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from training.audit import ActorKind, AuditEvent
from training.staff.queries import names_of
from web.event_words import event_word


@dataclass(frozen=True)
class Happened:
    """One event in words."""

    at: datetime
    who: str
    what: str


def happened(session: Session, events: Sequence[AuditEvent]) -> list[Happened]:
    """These events in their order; staff by their names, everybody else by their part."""
    names = staff_in(session, events)
    return [Happened(event.at, who(event, names), event_word(event.name)) for event in events]


def staff_in(session: Session, events: Sequence[AuditEvent]) -> Mapping[str, str]:
    """The names of the staff who did these, by their ids."""
    return names_of(session, {event.actor_id for event in events if event.actor_kind is ActorKind.STAFF})


def who(event: AuditEvent, names: Mapping[str, str]) -> str:
    """Who did it: a member of staff by name, else by office; the applicant; the system."""
    if event.actor_kind is ActorKind.STAFF:
        return names.get(event.actor_id, "") or event.office
    return str(_("The applicant") if event.actor_kind is ActorKind.PERSON else _("The system"))
