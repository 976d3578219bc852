"""A case outside one's queue, opened with a reason: read only, masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backoffice.search.rows import Row, rows_of
from backoffice.seeing import shows_number, was_opened
from backoffice.story import Happened, happened
from backoffice.verify.rows import Tag, tags_of
from training import audit
from training.audit import SubjectKind
from training.claims.models import Claim
from training.claims.queries import claims_of_enrolment
from training.enrolments.models import Enrolment
from training.enrolments.search import others_of
from training.numbers import masked, masked_name, masked_phone
from training.people.queries import phone_in_use
from training.staff.queries import Scope


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
    return was_opened(session, case.person_id, "search", reference=case.reference)


def opened_page(session: Session, case: Enrolment, scope: Scope) -> Opened:
    """Everything about the case that the page shows."""
    person, phone = case.person, phone_in_use(session, case.person_id)
    history = audit.history(session, SubjectKind.ENROLMENT, case.id)
    return Opened(
        case=case,
        row=rows_of(session, [case])[0],
        name=masked_name(person.name),
        number=masked(person.number or case.number or ""),
        phone=masked_phone(phone.number or "") if phone else "",
        tags=tags_of(case),
        claims=claims_of_enrolment(session, case.id, case.person_id),
        others=rows_of(session, others_of(session, case, scope)),
        history=happened(session, history[::-1]),
        full_number=(person.number or case.number) if shows_number(session, person.id) else None,
    )
