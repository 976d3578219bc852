"""A claim after an upheld appeal. A refused claim stays refused (I16): another takes its place."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training.audit import Actor, EventName, record
from training.claims import rules
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.claims.operations.proposals import NOT_THEIRS, another_lives, locked_enrolment, new_claim
from training.claims.operations.steps import entry, set_amount, set_tasks, submit
from training.claims.queries import account_task_of, facts_for
from training.enrolments.models import Enrolment
from training.enrolments.operations.place import hold_entitlement
from training.enrolments.queries import was_not_theirs
from training.entitlements.models import Entitlement
from training.errors import NotEligible
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_numbered


def propose_again(
    session: Session, claim_id: str, actor: Actor, pack: Pack, today: date, because: str
) -> tuple[Claim | None, list[str]]:
    """A step: put a new claim forward in place of a refused one, from the facts of today and the notice of then.

    `because` is the reference of the appeal. The new claim goes before the district; who refused the old one and who
    upheld the appeal do not review it. Without a claim: the reasons why none can be made.
    """
    old = session.get_one(Claim, claim_id)
    enrolment = locked_enrolment(session, old.enrolment_id)
    notice = notice_numbered(pack, old.notice)
    reasons = _reasons_not_to(session, old, enrolment, pack, today) or _hold_again(session, enrolment, notice)
    if reasons:
        return None, reasons
    facts = facts_for(session, enrolment, pack, today)
    due = rules.claims_due(enrolment.status, enrolment.self_pay, facts, notice)
    claim = new_claim(session, enrolment, due[0], facts, notice, today)
    set_amount(claim, due[0], facts)
    found = rules.tasks_before(facts, due[0].family, due[0].amount.fen, notice)
    set_tasks(claim, [*found, account_task_of(session, claim)])
    made = {"family": claim.family.value, "amount_fen": claim.amount_fen, "notice": claim.notice}
    made |= {"because": because, "replaces": old.reference}
    first = entry(claim, EventName.CLAIM_PROPOSED, made, is_first=True)
    record(session, actor, first, *submit(claim, notice, pack, today, {}))
    return claim, []


def _reasons_not_to(session: Session, old: Claim, enrolment: Enrolment, pack: Pack, today: date) -> list[str]:
    if old.status is not ClaimStatus.REFUSED:
        return ["not_refused"]
    if was_not_theirs(session, enrolment.id):
        return [NOT_THEIRS]
    facts = facts_for(session, enrolment, pack, today)
    due = rules.claims_due(enrolment.status, enrolment.self_pay, facts, notice_numbered(pack, old.notice))
    if not due:
        return ["nothing_due"]
    return ["already_paid_same_level"] if another_lives(session, enrolment, due[0]) else []


def _hold_again(session: Session, enrolment: Enrolment, notice: Notice) -> list[str]:
    """The refusal gave back what the enrolment held; a new claim needs it again, in the year it was held for."""
    before = select(Entitlement.on_date).where(Entitlement.enrolment_id == enrolment.id)
    held_on = session.scalar(before.order_by(Entitlement.changed_at.desc()).limit(1))
    try:
        on = held_on or enrolment.class_run.starts_on
        hold_entitlement(session, enrolment, enrolment.class_run, notice, on)
    except NotEligible as refusal:
        return list(refusal.reasons)
    return []
