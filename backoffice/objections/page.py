"""One matter as the clerk sees it: both sides, the records, the history, and who may decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backoffice.verify.compare import Line as CompareLine
from backoffice.verify.compare import compared
from training import audit, clock
from training.audit import ActorKind, AuditEvent, SubjectKind
from training.claims.models import Claim
from training.claims.queries import claims_of_enrolment
from training.courses.models import ClassRun
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement, EntitlementState
from training.entitlements.queries import entitlements_of
from training.institutions.models import Institution
from training.objections.models import Matter, MatterKind
from training.objections.queries import enrolment_behind, is_late, matters_about, reasons_closed
from training.people.operations import answer_in
from training.people.queries import phone_in_use
from training.staff.models import StaffAccount
from training.staff.queries import names_of

SHOWN_EVENTS = 30


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    at: datetime
    event: AuditEvent


@dataclass(frozen=True)
class Decided:
    """The decision that is objected to: by whom, when, why."""

    at: datetime
    by: str
    reasons: Sequence[str]
    note: str


@dataclass(frozen=True)
class MatterPage:
    """Everything about one matter that this member of staff may see."""

    matter: Matter
    closed: Sequence[str]
    late: bool
    enrolment: Enrolment | None
    claims: Sequence[Claim]
    run: ClassRun | None
    school: Institution | None
    refused: Decided | None
    lines: Sequence[CompareLine]
    earlier: Sequence[Entitlement]
    phone: str
    others: Sequence[Matter]
    history: Sequence[Line]
    names: Mapping[str, str]

    @property
    def is_appeal(self) -> bool:
        return self.matter.kind is MatterKind.APPEAL

    @property
    def is_about_claim(self) -> bool:
        return any(claim.id == self.matter.about for claim in self.claims)

    @property
    def has_seat(self) -> bool:
        """Whether a seat is free for whoever comes back."""
        return self.run is not None and self.run.seats_left > 0 and self.run.waiting == 0

    def name(self, staff_id: str | None) -> str:
        """Who decided or acted; empty for nobody that is known here."""
        return self.names.get(staff_id or "", "")


def matter_page(session: Session, matter: Matter, account: StaffAccount) -> MatterPage:
    """Gather what the page shows, before the template begins."""
    enrolment = enrolment_behind(session, matter)
    claims = claims_of_enrolment(session, enrolment.id, enrolment.person_id) if enrolment else []
    history = _history(session, matter, enrolment, claims)
    by = {line.event.actor_id for line in history if line.event.actor_kind is ActorKind.STAFF}
    names = names_of(session, by | {matter.decided_by or ""})
    run = enrolment.class_run if enrolment else session.get(ClassRun, matter.about)
    phone = phone_in_use(session, matter.person_id) if matter.person_id else None
    return MatterPage(
        matter=matter,
        closed=reasons_closed(session, matter, account),
        late=is_late(matter),
        enrolment=enrolment,
        claims=claims,
        run=run,
        school=run.course.institution if run else session.get(Institution, matter.about),
        refused=_refused(history, names, enrolment, claims, matter),
        lines=compared(enrolment, answer_in(enrolment.evidence), clock.today()) if enrolment else [],
        earlier=_earlier(session, enrolment) if enrolment else [],
        phone=phone.number or "" if phone else "",
        others=[one for one in matters_about(session, matter.about) if one.id != matter.id]
        if matter.about
        else [],
        history=history,
        names=names,
    )


def _earlier(session: Session, enrolment: Enrolment) -> list[Entitlement]:
    """What was paid before, here or elsewhere."""
    rows = entitlements_of(session, enrolment.person_id)
    return [row for row in rows if row.state is EntitlementState.USED and row.enrolment_id != enrolment.id]


def _history(
    session: Session, matter: Matter, enrolment: Enrolment | None, claims: Sequence[Claim]
) -> list[Line]:
    """The trail of the matter and of what it is about, newest first."""
    events = list(audit.history(session, SubjectKind.MATTER, matter.id))
    if enrolment is not None:
        events += audit.history(session, SubjectKind.ENROLMENT, enrolment.id)
    for claim in claims:
        events += audit.history(session, SubjectKind.CLAIM, claim.id)
    lines = [Line(event.at, event) for event in events]
    return sorted(lines, key=lambda line: (line.at, line.event.id), reverse=True)[:SHOWN_EVENTS]


def _refused(
    history: Sequence[Line],
    names: Mapping[str, str],
    enrolment: Enrolment | None,
    claims: Sequence[Claim],
    matter: Matter,
) -> Decided | None:
    """The newest refusal before the matter was opened."""
    subjects = {matter.about}
    for line in history:
        event = line.event
        if event.status == "refused" and event.subject in subjects and event.at <= matter.opened_at:
            note = _note_of(event, enrolment, claims, matter)
            reasons = event.facts.get("reasons") or []
            return Decided(event.at, names.get(event.actor_id, ""), reasons, note)
    return None


def _note_of(event: AuditEvent, enrolment: Enrolment | None, claims: Sequence[Claim], matter: Matter) -> str:
    said = event.facts.get("note")
    if said:
        return str(said)
    claim = next((one for one in claims if one.id == matter.about), None)
    return claim.note if claim else enrolment.note if enrolment else ""
