"""How what was found looks in a list: masked, how it stands, who has it, and whether a reason is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from backoffice.roles import DESKS, own_scope, role_at
from backoffice.session import clerk
from backoffice.verify.rows import course_title
from training.claims.lifecycle import public_status
from training.claims.queries import claims_in_scope, statuses_of
from training.enrolments.models import Enrolment
from training.enrolments.queue import is_in_queue
from training.enrolments.search import SHOWN, Asked, Wanted, found_enrolments
from training.errors import NotThere
from training.numbers import masked_name
from training.objections.queries import matter_in_scope
from training.staff.models import Role
from training.staff.queries import Scope
from web.labels import Words, word

HOLDER: Words = {
    "received": _l("Identity checks"),
    "verifying": _l("Identity checks"),
    "returned": _l("The applicant"),
    "offered": _l("The applicant"),
    "waiting": _l("Waiting list"),
    "claimed": _l("District review"),
    "district_review": _l("District review"),
    "municipal_review": _l("Municipal review"),
    "publicity": _l("Published for objection"),
    "objection": _l("Objections and appeals"),
    "paying": _l("Finance"),
    "bounced": _l("Finance"),
}
AT_SCHOOL = ("enrolled", "attending", "completed")
LEVEL = {Role.REVIEWER_DISTRICT: "district_review", Role.REVIEWER_MUNICIPAL: "municipal_review"}


@dataclass(frozen=True)
class Row:
    """One line. `address` leads straight to one's own queue (`is_own`), or to the question why."""

    case: Enrolment
    claim: str
    name: str
    course: str
    status: str
    holder: str
    is_own: bool
    address: str


def found_rows(session: Session, asked: Asked | None, scope: Scope) -> list[Row]:
    """What was found, at most SHOWN + 1; a claim's reference finds its enrolment."""
    if asked is None:
        return []
    if asked.kind is Wanted.REFERENCE and asked.value.startswith("CL"):
        claims = claims_in_scope(session, asked.value, scope)
        return rows_of(
            session, [claim.enrolment for claim in claims], {c.enrolment_id: c.reference for c in claims}
        )
    return rows_of(session, found_enrolments(session, asked, scope))


def matter_address(session: Session, asked: Asked | None) -> str | None:
    """Where the matter with this reference lies, for whoever works at the desk of objections; None: nowhere."""
    may = role_at(clerk().account, DESKS["objections"].roles) is not None
    if asked is None or asked.kind is not Wanted.REFERENCE or not may or not asked.value.startswith("OB"):
        return None
    try:
        matter_in_scope(session, asked.value, own_scope("objections"))
    except NotThere:
        return None
    return url_for("office.objections.matter", reference=asked.value)


def rows_of(session: Session, cases: Sequence[Enrolment], claims: dict[str, str] | None = None) -> list[Row]:
    """The lines of these enrolments, with one question for all their claims."""
    statuses = statuses_of(session, [case.id for case in cases])
    return [
        _row(case, public_status(case.status, statuses[case.id]), (claims or {}).get(case.id, ""))
        for case in cases
    ]


def _row(case: Enrolment, status: str, claim: str) -> Row:
    desk = _own_desk(case, status)
    address = desk or url_for("office.search.case", reference=case.reference)
    at_school = case.class_run.course.institution.name if status in AT_SCHOOL else ""
    holder = at_school or (word(HOLDER, status) if status in HOLDER else "")
    name = masked_name(case.person.name)
    return Row(case, claim, name, course_title(case), status, holder, desk is not None, address)


def _own_desk(case: Enrolment, status: str) -> str | None:
    """Where it lies in a queue of one's own, which needs no reason."""
    account = clerk().account
    if account.sits_at(Role.VERIFIER) and is_in_queue(case):
        return url_for("office.verify.case", reference=case.reference)
    if any(account.sits_at(role) and status == level for role, level in LEVEL.items()):
        return url_for("office.claims.claim", reference=case.reference)
    return None


def is_cut(rows: Sequence[Row]) -> bool:
    """Whether there is more than is shown."""
    return len(rows) > SHOWN
