"""Claims of the past and of today, made from the same facts and rules as the operations make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.demo.book import Book
from jobs.demo.stories import Story
from jobs.demo.trail import as_of
from training import clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.claims.lifecycle import ClaimAction, ClaimStatus, next_status
from training.claims.models import Claim, PayeeKind
from training.claims.operations.proposals import PROPOSER
from training.claims.operations.steps import deadline, set_amount, set_tasks
from training.claims.queries import facts_for
from training.claims.rules import claims_due, frozen_hash, tasks_before
from training.entitlements.models import EntitlementState, Family
from training.policy.queries import notice_numbered
from training.staff.models import Role

S, A = ClaimStatus, ClaimAction
BANK = Actor.system("payments")
PROPOSE = (A.SUBMIT, A.OPEN_REVIEW)
ROADS: dict[ClaimStatus, tuple[ClaimAction, ...]] = {
    S.PROPOSED: (),
    S.DISTRICT_REVIEW: PROPOSE,
    S.RETURNED: (*PROPOSE, A.RETURN),
    S.REFUSED: (*PROPOSE, A.REFUSE),
    S.WITHDRAWN: (*PROPOSE, A.WITHDRAW),
    S.MUNICIPAL_REVIEW: (*PROPOSE, A.AGREE),
    S.APPROVED: (*PROPOSE, A.AGREE, A.AGREE),
    S.PAID: (*PROPOSE, A.AGREE, A.AGREE, A.BATCH, A.SEND, A.CONFIRM),
}
EVENT = {
    A.SUBMIT: EventName.CLAIM_SUBMITTED,
    A.OPEN_REVIEW: EventName.CLAIM_REVIEW_OPENED,
    A.AGREE: EventName.CLAIM_AGREED,
    A.RETURN: EventName.CLAIM_RETURNED,
    A.REFUSE: EventName.CLAIM_REFUSED,
    A.WITHDRAW: EventName.CLAIM_WITHDRAWN,
    A.BATCH: EventName.CLAIM_BATCHED,
    A.SEND: EventName.CLAIM_SENT,
    A.CONFIRM: EventName.CLAIM_PAID,
}
ENDS = {S.REFUSED, S.WITHDRAWN}


@dataclass(frozen=True)
class Ending:
    """Where a claim stands, since how many days, and why where it was not agreed."""

    status: ClaimStatus
    since_days: int
    reason: str = ""
    note: str = ""


class ClaimStory:
    """The claim of somebody who passed, walked along the usual road as far as `ending`."""

    def __init__(self, book: Book, story: Story, ending: Ending) -> None:
        self.book, self.story, self.ending = book, story, ending
        self.notice = notice_numbered(book.pack, story.enrolment.notice)
        road = ROADS[ending.status]
        moments = self._moments(len(road) - 1 if road else 0)
        self.claim = self._propose(moments[0] if road else book.days_ago(ending.since_days))
        for action, at in zip(road, [moments[0], *moments] if road else [], strict=True):
            self._step(action, at)
        self._finish()

    def _moments(self, steps: int) -> list[datetime]:
        """The submission and the steps after it, some working days apart, up to the day of the ending."""
        gaps = [self.book.chance.randint(2, 4) for _ in range(max(0, steps - 1))]
        ago = [self.ending.since_days + sum(gaps[place:]) for place in range(len(gaps) + 1)]
        moments = [self.book.days_ago(days) for days in ago]
        for place in range(1, len(moments)):
            moments[place] = max(moments[place], moments[place - 1] + timedelta(minutes=5))
        return moments

    def _propose(self, at: datetime) -> Claim:
        """As training.claims proposes it, on the facts of that day."""
        book, enrolment = self.book, self.story.enrolment
        today, course = clock.on_date(at), self.story.run.course
        facts = facts_for(book.session, enrolment, book.pack, today)
        due = claims_due(enrolment.status, enrolment.self_pay, facts, self.notice)[0]
        claim = Claim(
            id=book.chance.id(),
            reference=book.chance.reference("CL", today),
            enrolment=enrolment,
            enrolment_id=enrolment.id,
            person_id=enrolment.person_id,
            family=Family(due.family),
            occupation=course.occupation,
            level=course.level.value,
            year=facts.counted_on.year,
            district=enrolment.district,
            status=S.PROPOSED,
            notice=self.notice.number,
            payee=PayeeKind(due.payee),
            payee_name=course.institution.name,
            proposed_at=at,
            changed_at=at,
            enrolled_by=enrolment.created_by,
            verified_by=enrolment.verified_by,
            reasons=[],
            note="",
            version=1,
        )
        with as_of(at):
            set_amount(claim, due, facts)
            set_tasks(claim, tasks_before(facts, due.family, due.amount.fen, self.notice))
        book.session.add(claim)
        made = {"family": claim.family.value, "amount_fen": claim.amount_fen, "notice": claim.notice}
        self._note(claim, at, PROPOSER, EventName.CLAIM_PROPOSED, made)
        return claim

    def _step(self, action: ClaimAction, at: datetime) -> None:
        claim, before = self.claim, self.claim.status
        claim.status = next_status(before, action)
        claim.changed_at, claim.version = at, claim.version + 1
        actor = self._actor(before, action)
        if action is A.AGREE and before is S.DISTRICT_REVIEW:
            claim.district_by, claim.district_at = actor.id, at
        elif action is A.AGREE:
            claim.municipal_by, claim.municipal_at = actor.id, at
        elif action in (A.RETURN, A.REFUSE):
            claim.district_by, claim.district_at = actor.id, at
            claim.reasons, claim.note = [self.ending.reason], self.ending.note
        self._note(claim, at, actor, EVENT[action], self._facts(action, before))

    def _facts(self, action: ClaimAction, before: ClaimStatus) -> dict[str, Any]:
        facts: dict[str, Any] = {"from": before.value}
        if action in (A.AGREE, A.RETURN, A.REFUSE):
            facts |= {"reasons": self.claim.reasons, "note": self.claim.note}
        if self.claim.status is S.APPROVED:
            frozen = frozen_hash(self.claim.approved_fields)
            facts |= self.claim.approved_fields | {"frozen": frozen}
        if self.claim.status in ENDS:
            facts["released"] = True
        return facts

    def _actor(self, before: ClaimStatus, action: ClaimAction) -> Actor:
        if action in PROPOSE:
            return PROPOSER
        if action is A.WITHDRAW:
            return self.story.owner
        if action in (A.BATCH, A.SEND, A.CONFIRM):
            return BANK
        role = Role.REVIEWER_DISTRICT if before is S.DISTRICT_REVIEW else Role.REVIEWER_MUNICIPAL
        return self.book.hand(role, self.book.chance.randrange(2))

    def _finish(self) -> None:
        claim, held = self.claim, self.story.entitlement
        on = clock.on_date(claim.changed_at)
        claim.due_at = deadline(self.notice, claim.status, self.book.pack, on)
        if held is not None and claim.status in ENDS:
            held.state, held.changed_at = EntitlementState.RELEASED, claim.changed_at
        if held is not None and claim.status is S.PAID:
            claim.paid_on = on
            held.state, held.changed_at = EntitlementState.USED, claim.changed_at
            held.amount_fen = claim.amount_fen

    def _note(self, claim: Claim, at: datetime, actor: Actor, name: EventName, facts: dict[str, Any]) -> None:
        entry = Entry(name, SubjectKind.CLAIM, claim.id, claim.status.value, facts)
        self.book.trail.note(at, actor, entry)
