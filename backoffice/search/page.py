"""A case outside one's queue, opened with a reason: read only, masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backoffice.search.rows import Row, rows_of
from backoffice.session import clerk
from backoffice.verify.rows import Tag, tags_of
from training import audit, clock
from training.audit import ActorKind, AuditEvent, SubjectKind
from training.claims.models import Claim
from training.claims.queries import claims_of_enrolment
from training.enrolments.models import Enrolment
from training.enrolments.search import others_of
from training.numbers import masked, masked_name, masked_phone
from training.people.models import LookPurpose
from training.people.queries import ONE_LOOK, last_look, phone_in_use
from training.staff.queries import Scope, names_of, seen_since
from web.event_words import said

SHOWN_FOR = timedelta(seconds=60)


@dataclass(frozen=True)
class Happened:
    """One event in words."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True)
class Opened:
    """What the page shows. `full_number` stands for a minute after a reason was given for it."""

    case: Enrolment
    row: Row
    name: str
    number: str
    phone: str
    tags: Sequence[Tag]
    claims: Sequence[Claim]
    others: Sequence[Row]
    history: Sequence[Happened]
    full_number: str | None


def is_opened(session: Session, case: Enrolment) -> bool:
    """Whether this member of staff has said within the last ten minutes why this case is opened."""
    told = {"purpose": LookPurpose.SEARCH.value, "reference": case.reference}
    return last_look(session, case.person_id, clerk().account.id, told, clock.now() - ONE_LOOK) is not None


def opened_page(session: Session, case: Enrolment, scope: Scope) -> Opened:
    """Everything about the case that the page shows."""
    person, own_id = case.person, clerk().account.id
    phone = phone_in_use(session, case.person_id)
    in_clear = seen_since(session, own_id, case.person_id, clock.now() - SHOWN_FOR)
    return Opened(
        case=case,
        row=rows_of(session, [case])[0],
        name=masked_name(person.name),
        number=masked(person.number or case.number or ""),
        phone=masked_phone(phone.number or "") if phone else "",
        tags=tags_of(case),
        claims=claims_of_enrolment(session, case.id, case.person_id),
        others=rows_of(session, others_of(session, case, scope)),
        history=happened(session, audit.history(session, SubjectKind.ENROLMENT, case.id)),
        full_number=(person.number or case.number) if in_clear else None,
    )


def happened(session: Session, events: Sequence[AuditEvent]) -> list[Happened]:
    """Events as sentences, newest first; staff by their names, everybody else by their part."""
    names = names_of(session, {event.actor_id for event in events if event.actor_kind is ActorKind.STAFF})
    return [Happened(event.at, who(event, names), said(event.name)) for event in reversed(events)]


def who(event: AuditEvent, names: Mapping[str, str]) -> str:
    """Who did it, as staff read it."""
    if event.actor_kind is ActorKind.STAFF:
        return names.get(event.actor_id, event.office)
    return str(_("The applicant") if event.actor_kind is ActorKind.PERSON else _("The system"))
