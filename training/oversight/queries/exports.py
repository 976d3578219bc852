"""Reads about exports: whose they are, what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.errors import NotThere
from training.oversight.models import Export, ExportKind, ExportStatus
from training.oversight.rules import IDENTIFIERS
from training.staff.queries import Scope, in_scope

SHOWN = 40
COLUMNS = ("reference", "course", "school", "status", "group", "received_on", "name", "number", "phone")
# Which enrolments: by the status of the enrolment, or of a claim that rests on it.
BY_ENROLMENT: dict[str, tuple[EnrolmentStatus, ...]] = {
    "waiting": (EnrolmentStatus.WAITING, EnrolmentStatus.OFFERED),
    "enrolled": (EnrolmentStatus.ENROLLED, EnrolmentStatus.ATTENDING),
    "passed": (EnrolmentStatus.PASSED,),
}
BY_CLAIM: dict[str, tuple[ClaimStatus, ...]] = {
    "district_review": (ClaimStatus.DISTRICT_REVIEW,),
    "municipal_review": (ClaimStatus.MUNICIPAL_REVIEW,),
    "approved": (ClaimStatus.APPROVED, ClaimStatus.IN_BATCH, ClaimStatus.SENT),
    "paid": (ClaimStatus.PAID,),
}
LISTS = (*BY_CLAIM, *BY_ENROLMENT)


def enrolment_ids(session: Session, which: str, scope: Scope, limit: int) -> list[str]:
    """The enrolments of the scope that stand in this list, oldest first, at most `limit`."""
    query = select(Enrolment.id)
    if which in BY_CLAIM:
        of_claims = select(Claim.enrolment_id).where(Claim.status.in_(BY_CLAIM[which]))
        query = query.where(Enrolment.id.in_(of_claims))
    else:
        query = query.where(Enrolment.status.in_(BY_ENROLMENT[which]))
    query = in_scope(query, Enrolment.district, scope).order_by(Enrolment.received_at, Enrolment.id)
    return list(session.scalars(query.limit(limit)))


def export_in_scope(session: Session, export_id: str, scope: Scope, *, for_update: bool = False) -> Export:
    """An export of the own district, at municipal desks one of the city. Not yours is not there: NotThere (A16)."""
    query = select(Export).where(Export.id == export_id, _own(scope))
    export = session.scalars(query.with_for_update() if for_update else query).first()
    if export is None:
        raise NotThere(export_id)
    return export


def exports_at(session: Session, scope: Scope, own_id: str) -> Sequence[Export]:
    """What waits for a second person in the scope, and one's own of late, newest first."""
    shown = or_(Export.asked_by == own_id, Export.status == ExportStatus.ASKED)
    query = select(Export).where(_own(scope), shown).order_by(Export.asked_at.desc())
    return session.scalars(query.limit(SHOWN)).all()


def asked_count(session: Session, scope: Scope) -> int:
    """How many of the scope wait for a second person."""
    waiting = select(func.count(Export.id)).where(_own(scope), Export.status == ExportStatus.ASKED)
    return session.scalar(waiting) or 0


def exports_by(session: Session, own_id: str, kind: ExportKind) -> Sequence[Export]:
    """One's own exports of a kind, newest first."""
    query = select(Export).where(Export.asked_by == own_id, Export.kind == kind)
    return session.scalars(query.order_by(Export.asked_at.desc()).limit(SHOWN)).all()


def export_of(session: Session, export_id: str, own_id: str) -> Export:
    """One's own export. Raises NotThere, also for another's."""
    export = session.get(Export, export_id)
    if export is None or export.asked_by != own_id:
        raise NotThere(export_id)
    return export


def exported(session: Session, export: Export) -> Sequence[Enrolment]:
    """The enrolments of a list, in its order; one that is gone meanwhile is left out."""
    people = selectinload(Enrolment.person)
    query = select(Enrolment).where(Enrolment.id.in_(export.rows)).options(people)
    found = {case.id: case for case in session.scalars(query)}
    return [found[case_id] for case_id in export.rows if case_id in found]


def people_of(session: Session, export: Export) -> list[str]:
    """Everybody who can be told from a list; nobody where it has no identifiers."""
    if export.kind is not ExportKind.ENROLMENTS or not IDENTIFIERS & set(export.columns):
        return []
    query = select(Enrolment.person_id).where(Enrolment.id.in_(export.rows)).distinct()
    return sorted(session.scalars(query))


def _own(scope: Scope) -> ColumnElement[bool]:
    return Export.district.is_(None) if scope.is_municipal else Export.district == (scope.district or "")
