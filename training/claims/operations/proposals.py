"""A claim for whoever passed, made without anybody applying; and the claimant's own withdrawal."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock
from training.audit import Actor, Entry, EventName, SubjectKind, attempt, record
from training.claims import rules
from training.claims.lifecycle import FINAL, ClaimAction, ClaimStatus, allowed
from training.claims.models import Claim, PayeeKind
from training.claims.operations.steps import close, entry, move, set_amount, set_tasks, submit
from training.claims.queries import account_task_of, facts_for
from training.claims.rules import ClaimFacts, Due
from training.database import transaction
from training.enrolments.models import Enrolment
from training.enrolments.queries import was_not_theirs
from training.entitlements.models import Family
from training.entitlements.operations import release
from training.errors import NotAllowedNow, NotEligible, NotThere, NotYours
from training.people.messages import tell
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_numbered
from training.references import new_reference

PROPOSER = Actor.system("propose_claims")
NOT_THEIRS = "not_theirs"


def propose(enrolment_id: str, pack: Pack, today: date, actor: Actor = PROPOSER) -> Claim | None:
    """Make the claim that a passed enrolment is due, and submit it once its evidence is there.

    Nobody has to apply. The same call again finds the claim and changes nothing; None where nothing is due, the
    record was emptied, or the person was never there.
    Raises NotThere, and NotEligible(already_paid_same_level) where another claim of this person lives (A25).
    """

    def work(session: Session) -> Claim | None:
        enrolment = locked_enrolment(session, enrolment_id)
        own = (Claim.enrolment_id == enrolment.id, Claim.family == Family.TUITION)
        standing = session.scalars(select(Claim).where(*own).order_by(Claim.proposed_at.desc())).first()
        if standing is not None and standing.status is not ClaimStatus.PROPOSED:
            return standing
        if enrolment.person.frozen_at is not None or enrolment.person.own_key() is None:
            return standing
        if was_not_theirs(session, enrolment.id):
            return standing
        facts = facts_for(session, enrolment, pack, today)
        notice = notice_numbered(pack, enrolment.notice)
        due = rules.claims_due(enrolment.status, enrolment.self_pay, facts, notice)
        if not due:
            return standing
        return _put_forward(session, standing, enrolment, due[0], facts, notice, pack, today, actor)

    return transaction(work)


def withdraw(enrolment_id: str, actor: Actor) -> list[Claim]:
    """The claimant gives up the claims of an enrolment that are not in a payment batch yet.

    Raises NotYours, and NotAllowedNow where there is none to withdraw.
    """

    def work(session: Session) -> list[Claim]:
        query = select(Claim).where(Claim.enrolment_id == enrolment_id).with_for_update(of=Claim)
        found = session.scalars(query).all()
        for claim in found:
            attempt(session, actor, Entry(EventName.CLAIM_WITHDRAWN, SubjectKind.CLAIM, claim.id))
            if claim.person_id != actor.id:
                raise NotYours("not_yours")
        claims = [claim for claim in found if ClaimAction.WITHDRAW in allowed(claim.status)]
        if not claims:
            raise NotAllowedNow("nothing_to_withdraw")
        for claim in claims:
            before = move(claim, ClaimAction.WITHDRAW)
            close(session, claim, actor, ClaimAction.WITHDRAW, {"from": before.value})
        return claims

    return transaction(work)


def end_claims_not_theirs(
    session: Session, enrolment_id: str, actor: Actor, because: str
) -> tuple[bool, bool]:
    """A step: an upheld "this was not me" gives up the claims of the enrolment, in the person's stead, and frees what
    it held. `because` is the reference of the matter.

    Says whether a claim ended, and whether money has gone out already, which nothing here calls back.
    """
    query = select(Claim).where(Claim.enrolment_id == enrolment_id).order_by(Claim.id)
    found = session.scalars(query.with_for_update(of=Claim)).all()
    ending = [claim for claim in found if ClaimAction.WITHDRAW in allowed(claim.status)]
    for claim in ending:
        before = move(claim, ClaimAction.WITHDRAW)
        claim.reasons = [NOT_THEIRS]
        facts = {"from": before.value, "reasons": claim.reasons, "because": because}
        record(session, actor, entry(claim, EventName.CLAIM_WITHDRAWN, facts))
    has_gone = any(claim.status not in FINAL for claim in found)
    if not has_gone:
        release(session, enrolment_id)
    return bool(ending), has_gone


def locked_enrolment(session: Session, enrolment_id: str) -> Enrolment:
    """The enrolment that a claim is made for, locked. Raises NotThere."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update(of=Enrolment)
    enrolment = session.scalars(query).first()
    if enrolment is None:
        raise NotThere(enrolment_id)
    return enrolment


def _put_forward(
    session: Session,
    standing: Claim | None,
    enrolment: Enrolment,
    due: Due,
    facts: ClaimFacts,
    notice: Notice,
    pack: Pack,
    today: date,
    actor: Actor,
) -> Claim:
    claim = standing or new_claim(session, enrolment, due, facts, notice, today)
    findings = rules.tasks_before(facts, due.family, due.amount.fen, notice)
    waits = bool(rules.still_to_come(findings))
    if standing is not None and waits:
        return claim
    set_amount(claim, due, facts)
    set_tasks(claim, [*findings, account_task_of(session, claim)])
    entries = (
        [] if standing is not None else [entry(claim, EventName.CLAIM_PROPOSED, _made(claim), is_first=True)]
    )
    if not waits:
        entries += submit(claim, notice, pack, today, {}, is_first=standing is None)
    record(session, actor, *entries)
    if standing is None or not waits:
        message = "claim_made" if waits else "claim_district_review"
        tell(session, enrolment.person, message, reference=enrolment.reference)
    return claim


def another_lives(session: Session, enrolment: Enrolment, due: Due) -> bool:
    """Whether this person has a claim alive, or paid, for the same subsidy, occupation and level (A25)."""
    course = enrolment.class_run.course
    same = (
        Claim.person_id == enrolment.person_id,
        Claim.family == Family(due.family),
        Claim.occupation == course.occupation,
        Claim.level == course.level.value,
        Claim.status.not_in(FINAL),
    )
    return session.scalar(select(Claim.id).where(*same).limit(1)) is not None


def new_claim(
    session: Session, enrolment: Enrolment, due: Due, facts: ClaimFacts, notice: Notice, today: date
) -> Claim:
    """A step: the row of a claim, not yet submitted. Raises NotEligible(already_paid_same_level): another lives."""
    course, at = enrolment.class_run.course, clock.now()
    if another_lives(session, enrolment, due):
        raise NotEligible("already_paid_same_level")
    claim = Claim(
        reference=new_reference("CL", today),
        enrolment=enrolment,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        family=Family(due.family),
        occupation=course.occupation,
        level=course.level.value,
        year=facts.counted_on.year,
        district=enrolment.district,
        status=ClaimStatus.PROPOSED,
        notice=notice.number,
        payee=PayeeKind(due.payee),
        payee_name=course.institution.name if due.payee == "institution" else "",
        proposed_at=at,
        changed_at=at,
        enrolled_by=enrolment.created_by,
        verified_by=enrolment.verified_by,
        version=1,
    )
    session.add(claim)
    return claim


def _made(claim: Claim) -> dict[str, Any]:
    return {"family": claim.family.value, "amount_fen": claim.amount_fen, "notice": claim.notice}
