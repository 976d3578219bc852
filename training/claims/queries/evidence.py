"""What a claim rests on, read from the rows of today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import ActorKind, AuditEvent, EventName, Outcome, SubjectKind
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.claims.queries.accounts import account_task_of
from training.claims.rules import ClaimFacts, Finding, Hands, frozen_hash, tasks_before
from training.courses.rules import terms_of
from training.enrolments.models import Enrolment, GroupSource
from training.entitlements.models import Entitlement
from training.entitlements.queries import entitlements_of, history_of
from training.outcomes.queries import certificate_for, lessons_of, result_of
from training.outcomes.rules import attended
from training.people.models import Group
from training.policy.facts import Facts, facts_from_register
from training.policy.pack import Pack
from training.policy.queries import notice_numbered
from training.ports import Group as GroupWord
from training.ports import RegistryAnswer
from training.staff.models import StaffAccount

DECISIONS = (EventName.CLAIM_AGREED, EventName.CLAIM_RETURNED, EventName.CLAIM_REFUSED)


def facts_for(session: Session, enrolment: Enrolment, pack: Pack, today: date) -> ClaimFacts:
    """All that a claim for this enrolment would rest on, as the rows say today."""
    course = enrolment.class_run.course
    past = entitlements_of(session, enrolment.person_id)
    result = result_of(session, enrolment.id)
    certificate = certificate_for(session, enrolment.person_id, course.occupation, course.level)
    certified_on, certified_by = _certified(enrolment)
    return ClaimFacts(
        on=today,
        counted_on=_counted_on(past, enrolment),
        group=_word(enrolment.group),
        group_is_declared=enrolment.group_source is not GroupSource.REGISTER,
        facts=_register_facts(enrolment),
        course=terms_of(enrolment.class_run),
        history=history_of(past, pack, without_enrolment=enrolment.id),
        certified_on=certified_on,
        certified_by=certified_by,
        attended=attended(lessons_of(session, enrolment)),
        passed=result.passed if result else None,
        certificate_tail=certificate.number[-4:] if certificate else None,
        certificate_on=certificate.issued_on if certificate else None,
        school=course.institution.status.value,
    )


def findings_now(session: Session, claim: Claim, pack: Pack, today: date) -> list[Finding]:
    """The tasks before a claim as they stand today, by the notice stored with it, never today's."""
    facts = facts_for(session, claim.enrolment, pack, today)
    notice = notice_numbered(pack, claim.notice)
    found = tasks_before(facts, claim.family.value, claim.amount_fen, notice)
    return [*found, account_task_of(session, claim)]


def hands_of(session: Session, claim: Claim) -> Hands:
    """Who has touched the claim, from its columns and its trail, and whose account belongs to the claimant."""
    decided: dict[str, set[str]] = {}
    for event in audit.history(session, SubjectKind.CLAIM, claim.id):
        if event.name in DECISIONS:
            decided.setdefault(event.facts["from"], set()).add(event.actor_id)
    number, before = claim.enrolment.person.number_index, _hands_before(session, claim)
    own = select(StaffAccount.id).where(StaffAccount.number_index == number)
    return Hands(
        enrolled=claim.enrolled_by,
        verified=claim.verified_by,
        district=frozenset(decided.get(ClaimStatus.DISTRICT_REVIEW.value, ())),
        municipal=frozenset(decided.get(ClaimStatus.MUNICIPAL_REVIEW.value, ())),
        own=session.scalar(own.limit(1)) if number else None,
        before=before,
    )


def _hands_before(session: Session, claim: Claim) -> frozenset[str]:
    """Who refused a claim of this enrolment that came before, and who upheld the appeal against that."""
    same = (Claim.enrolment_id == claim.enrolment_id, Claim.family == claim.family)
    before = (Claim.proposed_at <= claim.proposed_at, Claim.id != claim.id)
    earlier = session.scalars(select(Claim.id).where(*same, *before)).all()
    if not earlier:
        return frozenset()
    wanted = (AuditEvent.kind == SubjectKind.CLAIM, AuditEvent.outcome == Outcome.DONE)
    refused = and_(AuditEvent.subject.in_(earlier), AuditEvent.name == EventName.CLAIM_REFUSED)
    upheld = and_(AuditEvent.subject == claim.id, AuditEvent.name == EventName.CLAIM_PROPOSED)
    staff = AuditEvent.actor_kind == ActorKind.STAFF
    return frozenset(session.scalars(select(AuditEvent.actor_id).where(*wanted, or_(refused, upheld), staff)))


def decided_since(session: Session, people: Select[str], since: datetime) -> Sequence[str]:
    """References of claims of these people that changed their status since, at most twenty: whoever decided them saw
    what counted then."""
    asked = select(Claim.reference).where(Claim.person_id.in_(people), Claim.changed_at >= since)
    return session.scalars(asked.order_by(Claim.reference).limit(20)).all()


def is_as_approved(session: Session, claim: Claim) -> bool:
    """Whether what was frozen at the approval is what stands in the row now (A33)."""
    hashes = [
        event.facts["frozen"]
        for event in audit.history(session, SubjectKind.CLAIM, claim.id)
        if "frozen" in event.facts
    ]
    return bool(hashes) and hashes[-1] == frozen_hash(claim.approved_fields)


def _counted_on(past: Sequence[Entitlement], enrolment: Enrolment) -> date:
    own = next((row for row in past if row.enrolment_id == enrolment.id), None)
    return own.on_date if own else enrolment.class_run.starts_on


def _register_facts(enrolment: Enrolment) -> Facts | None:
    evidence = enrolment.evidence
    if evidence is None or evidence.answer is None:
        return None
    person = RegistryAnswer.from_json(evidence.answer).person
    if person is None:
        return None
    declared = _word(enrolment.group) if enrolment.group_source is GroupSource.DECLARED else None
    return facts_from_register(person, enrolment.class_run.starts_on, declared)


def _certified(enrolment: Enrolment) -> tuple[date | None, str | None]:
    if enrolment.verified_by is None:
        return None, None
    at = enrolment.person.certified_at or enrolment.received_at
    return clock.on_date(at), enrolment.verified_by


def _word(group: Group | None) -> GroupWord | None:
    return group.value if group else None
