"""What a reviewer decides: agree, return, refuse; and putting a returned claim forward again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from training.audit import Actor, Entry, SubjectKind, attempt, record
from training.claims import rules
from training.claims.lifecycle import ClaimAction, ClaimStatus, next_status
from training.claims.models import Claim
from training.claims.operations.steps import EVENT, close, deadline, move, set_amount, set_tasks, submit
from training.claims.queries import account_task_of, facts_for, hands_of, scope_of_reviewer
from training.claims.reasons import fitting_reasons
from training.database import transaction
from training.errors import BadInput, FourEyes, NotAllowedNow, NotThere, NotYours
from training.people.messages import tell
from training.people.operations import must_not_be_frozen
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_numbered
from training.staff.models import Role, StaffAccount

REVIEWER = {
    ClaimStatus.DISTRICT_REVIEW: Role.REVIEWER_DISTRICT,
    ClaimStatus.MUNICIPAL_REVIEW: Role.REVIEWER_MUNICIPAL,
    ClaimStatus.RETURNED: Role.REVIEWER_DISTRICT,
}


@dataclass(frozen=True)
class Decision:
    """What a reviewer said: reason codes, a note, and the version that was in front of them."""

    seen_version: int
    reasons: Sequence[str] = ()
    note: str = ""


def agree(reference: str, actor: Actor, pack: Pack, decision: Decision, today: date) -> Claim:
    """Agree to a claim: the district hands it on, the municipal desk approves it and freezes its fields.

    Raises NotThere, NotYours, NotAllowedNow (another status, version or desk, or a task that is not met),
    FourEyes, and BadInput(note) where a task needs a look and nothing was said about it.
    """

    def work(session: Session) -> Claim:
        claim = _for_decision(session, reference, actor, ClaimAction.AGREE, decision)
        must_not_be_frozen(claim.enrolment.person)
        notice = notice_numbered(pack, claim.notice)
        facts = facts_for(session, claim.enrolment, pack, today)
        findings = rules.tasks_before(facts, claim.family.value, claim.amount_fen, notice)
        findings.append(account_task_of(session, claim))
        reasons = rules.reasons_not_to_agree(findings, decision.note)
        if reasons == ["note_missing"]:
            raise BadInput("note", "missing")
        if reasons:
            raise NotAllowedNow(*(reason for reason in reasons if reason != "note_missing"))
        set_tasks(claim, findings, looked_at_by=actor.id)
        facts_of_event = _decide(claim, actor, ClaimAction.AGREE, decision, notice, pack, today)
        if claim.status is ClaimStatus.APPROVED:
            facts_of_event |= claim.approved_fields | {"frozen": rules.frozen_hash(claim.approved_fields)}
        close(session, claim, actor, ClaimAction.AGREE, facts_of_event)
        return claim

    return transaction(work)


def return_claim(reference: str, actor: Actor, pack: Pack, decision: Decision, today: date) -> Claim:
    """Return a claim with what has to be mended. Raises as `agree`, and BadInput(reasons) where none was chosen."""
    return _turn_down(reference, actor, pack, decision, today, ClaimAction.RETURN)


def refuse(reference: str, actor: Actor, pack: Pack, decision: Decision, today: date) -> Claim:
    """Refuse a claim for good; what the enrolment held is given back. Raises as `return_claim`."""
    return _turn_down(reference, actor, pack, decision, today, ClaimAction.REFUSE)


def submit_again(reference: str, actor: Actor, pack: Pack, decision: Decision, today: date) -> Claim:
    """Put a returned claim forward again, with facts and amount as the rows say now.

    Raises NotThere, NotYours, NotAllowedNow, and BadInput where nothing says what was mended.
    """

    def work(session: Session) -> Claim:
        claim = _for_decision(session, reference, actor, ClaimAction.SUBMIT, decision)
        must_not_be_frozen(claim.enrolment.person)
        if not decision.note.strip():
            raise BadInput("note", "missing")
        notice = notice_numbered(pack, claim.notice)
        facts = facts_for(session, claim.enrolment, pack, today)
        due = rules.claims_due(claim.enrolment.status, claim.enrolment.self_pay, facts, notice)
        if not due:
            raise NotAllowedNow("nothing_due")
        set_amount(claim, due[0], facts)
        claim.note, claim.reasons = decision.note.strip(), []
        findings = rules.tasks_before(facts, due[0].family, claim.amount_fen, notice)
        set_tasks(claim, [*findings, account_task_of(session, claim)])
        entries = submit(claim, notice, pack, today, {"note": claim.note})
        record(session, actor, *entries)
        tell(session, claim.enrolment.person, "claim_district_review", reference=claim.enrolment.reference)
        return claim

    return transaction(work)


def _turn_down(
    reference: str,
    actor: Actor,
    pack: Pack,
    decision: Decision,
    today: date,
    action: ClaimAction,
) -> Claim:
    def work(session: Session) -> Claim:
        claim = _for_decision(session, reference, actor, action, decision)
        fitting = fitting_reasons(action.value, decision.reasons)
        if not fitting or len(fitting) < len(decision.reasons):
            raise BadInput("reasons", "missing")
        notice = notice_numbered(pack, claim.notice)
        close(session, claim, actor, action, _decide(claim, actor, action, decision, notice, pack, today))
        return claim

    return transaction(work)


def _for_decision(
    session: Session, reference: str, actor: Actor, action: ClaimAction, decision: Decision
) -> Claim:
    """The claim, locked, if this person may take this step with it now."""
    query = select(Claim).where(Claim.reference == reference).with_for_update(of=Claim)
    claim = session.scalars(query).first()
    in_force = (StaffAccount.id == actor.id, StaffAccount.disabled_at.is_(None))
    account = session.scalars(select(StaffAccount).where(*in_force)).first()
    if claim is None or account is None:
        raise NotThere(reference)
    attempt(session, actor, Entry(EVENT[action], SubjectKind.CLAIM, claim.id))
    scope = scope_of_reviewer(account)
    if not scope.is_municipal and scope.district != claim.district:
        raise NotYours("not_yours")
    next_status(claim.status, action)
    if not account.sits_at(REVIEWER[claim.status]):
        raise NotAllowedNow("other_desk")
    if action is not ClaimAction.SUBMIT:
        same_eyes = rules.four_eyes(claim.status, actor.id, hands_of(session, claim))
        if same_eyes:
            raise FourEyes(*same_eyes)
    if claim.version != decision.seen_version:
        raise NotAllowedNow("changed_meanwhile")
    return claim


def _decide(
    claim: Claim,
    actor: Actor,
    action: ClaimAction,
    decision: Decision,
    notice: Notice,
    pack: Pack,
    today: date,
) -> dict[str, Any]:
    before = move(claim, action)
    if before is ClaimStatus.DISTRICT_REVIEW:
        claim.district_by, claim.district_at = actor.id, claim.changed_at
        claim.municipal_by = claim.municipal_at = None
    else:
        claim.municipal_by, claim.municipal_at = actor.id, claim.changed_at
    claim.reasons, claim.note = list(decision.reasons), decision.note.strip()
    claim.due_at = deadline(notice, claim.status, pack, today)
    return {"from": before.value, "reasons": claim.reasons, "note": claim.note}
