"""What proposing and deciding have in common, inside the transaction of either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from training import clock
from training.audit import Actor, Entry, EventName, SubjectKind, record
from training.claims.lifecycle import FINAL, ClaimAction, ClaimStatus, TaskOutcome, next_status
from training.claims.models import Claim, ClaimTask
from training.claims.rules import ClaimFacts, Due, Finding
from training.clock import SHANGHAI
from training.entitlements.operations import release
from training.people.messages import tell
from training.policy.models import Notice
from training.policy.pack import Pack

EVENT = {
    ClaimAction.SUBMIT: EventName.CLAIM_SUBMITTED,
    ClaimAction.OPEN_REVIEW: EventName.CLAIM_REVIEW_OPENED,
    ClaimAction.AGREE: EventName.CLAIM_AGREED,
    ClaimAction.RETURN: EventName.CLAIM_RETURNED,
    ClaimAction.REFUSE: EventName.CLAIM_REFUSED,
    ClaimAction.WITHDRAW: EventName.CLAIM_WITHDRAWN,
}
MESSAGES = {
    ClaimStatus.MUNICIPAL_REVIEW: "claim_municipal_review",
    ClaimStatus.APPROVED: "claim_approved",
    ClaimStatus.RETURNED: "claim_returned",
    ClaimStatus.REFUSED: "claim_refused",
    ClaimStatus.WITHDRAWN: "claim_withdrawn",
}


def set_amount(claim: Claim, due: Due, facts: ClaimFacts) -> None:
    claim.amount_fen, claim.factors = due.amount.fen, factors_as_rows(due)
    claim.facts = facts.to_json()


def factors_as_rows(due: Due) -> list[dict[str, Any]]:
    """The lines of an amount as they are stored: codes, fen, and the paper behind each."""
    return [
        {
            "name": factor.name,
            "value": factor.value_text,
            "fen": factor.fen,
            "notice": factor.basis.notice,
            "clause": factor.basis.clause,
            "status": factor.basis.status,
        }
        for factor in due.amount.factors
    ]


def set_tasks(claim: Claim, findings: Sequence[Finding], looked_at_by: str | None = None) -> None:
    """Write what was found; a task that needs a look bears the name of who agreed to it."""
    known, at = {task.task: task for task in claim.tasks}, clock.now()
    for position, found in enumerate(findings):
        row = known.get(found.task) or ClaimTask(task=found.task)
        if found.task not in known:
            claim.tasks.append(row)
        looked = looked_at_by if found.outcome is TaskOutcome.LOOK else None
        row.position, row.outcome, row.at = position, found.outcome, at
        row.by, row.values = looked or "system", dict(found.values)


def submit(
    claim: Claim, notice: Notice, pack: Pack, today: date, facts: dict[str, Any], *, is_first: bool = False
) -> list[Entry]:
    """Submitted and before the district at once; `facts` stand with the first of the two events."""
    entries = []
    for action in (ClaimAction.SUBMIT, ClaimAction.OPEN_REVIEW):
        before = move(claim, action)
        entries.append(entry(claim, EVENT[action], {"from": before.value, **facts}, is_first=is_first))
        facts = {}
    claim.due_at = deadline(notice, claim.status, pack, today)
    return entries


def move(claim: Claim, action: ClaimAction) -> ClaimStatus:
    before = claim.status
    claim.status = next_status(before, action, claim.held_from)
    claim.changed_at, claim.version = clock.now(), (claim.version or 0) + 1
    claim.due_at = None
    return before


def deadline(notice: Notice, status: ClaimStatus, pack: Pack, today: date) -> datetime | None:
    """The end of the last working day that the notice gives the step."""
    if status.value not in notice.steps:
        return None
    last = pack.calendar.add_working_days(today, notice.steps[status.value].at_most_working_days.value)
    return datetime.combine(last + timedelta(days=1), time(), SHANGHAI)


def entry(claim: Claim, name: EventName, facts: dict[str, Any], *, is_first: bool = False) -> Entry:
    return Entry(name, SubjectKind.CLAIM, claim.id, claim.status.value, facts=facts, is_first=is_first)


def close(session: Session, claim: Claim, actor: Actor, action: ClaimAction, facts: dict[str, Any]) -> None:
    """Tell the trail and the person; a claim that ended gives back what the enrolment held."""
    if claim.status in FINAL:
        facts["released"] = release(session, claim.enrolment_id)
    record(session, actor, entry(claim, EVENT[action], facts))
    reasons = " ".join(claim.reasons or [])
    enrolment = claim.enrolment
    tell(session, enrolment.person, MESSAGES[claim.status], reference=enrolment.reference, reasons=reasons)
