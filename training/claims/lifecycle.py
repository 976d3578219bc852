"""The life of a claim: every road and side road, whether or not a step can be walked yet.

Until notice lists are published, a municipal agreement leads straight to `approved`: the one edge that is not
on the usual road, which passes through `publicity`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from training.enrolments.lifecycle import EnrolmentStatus
from training.errors import NotAllowedNow


class ClaimStatus(StrEnum):
    PROPOSED = "proposed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DISTRICT_REVIEW = "district_review"
    MUNICIPAL_REVIEW = "municipal_review"
    PUBLICITY = "publicity"
    OBJECTION = "objection"
    APPROVED = "approved"
    IN_BATCH = "in_batch"
    SENT = "sent"
    PAID = "paid"
    BOUNCED = "bounced"
    HELD = "held"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RECOVERING = "recovering"
    RECOVERED = "recovered"
    REVERSED = "reversed"


class TaskOutcome(StrEnum):
    """What was found about one task before a claim: in order, needs a look, or not met."""

    PASSED = "passed"
    LOOK = "look"
    FAILED = "failed"


class ClaimAction(StrEnum):
    SUBMIT = "submit"
    OPEN_REVIEW = "open_review"
    AGREE = "agree"
    RETURN = "return"
    REFUSE = "refuse"
    PUBLISH = "publish"
    OBJECT = "object"
    DISMISS = "dismiss"
    REVIEW_AGAIN = "review_again"
    REVIEW_MUNICIPAL_AGAIN = "review_municipal_again"
    CLOSE_PUBLICITY = "close_publicity"
    HOLD = "hold"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    BATCH = "batch"
    SEND = "send"
    CONFIRM = "confirm"
    BOUNCE = "bounce"
    RETRY = "retry"
    RECOVER = "recover"
    CLOSE_RECOVERY = "close_recovery"
    REVERSE = "reverse"


S, A = ClaimStatus, ClaimAction
NEXT: dict[tuple[ClaimStatus, ClaimAction], ClaimStatus] = {
    (S.PROPOSED, A.SUBMIT): S.SUBMITTED,
    (S.RETURNED, A.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, A.OPEN_REVIEW): S.DISTRICT_REVIEW,
    (S.DISTRICT_REVIEW, A.AGREE): S.MUNICIPAL_REVIEW,
    (S.DISTRICT_REVIEW, A.RETURN): S.RETURNED,
    (S.DISTRICT_REVIEW, A.REFUSE): S.REFUSED,
    (S.MUNICIPAL_REVIEW, A.AGREE): S.APPROVED,
    (S.MUNICIPAL_REVIEW, A.RETURN): S.RETURNED,
    (S.MUNICIPAL_REVIEW, A.REFUSE): S.REFUSED,
    (S.MUNICIPAL_REVIEW, A.PUBLISH): S.PUBLICITY,
    (S.PUBLICITY, A.OBJECT): S.OBJECTION,
    (S.PUBLICITY, A.CLOSE_PUBLICITY): S.APPROVED,
    (S.OBJECTION, A.DISMISS): S.PUBLICITY,
    (S.OBJECTION, A.REVIEW_AGAIN): S.DISTRICT_REVIEW,
    (S.OBJECTION, A.REVIEW_MUNICIPAL_AGAIN): S.MUNICIPAL_REVIEW,
    (S.OBJECTION, A.REFUSE): S.REFUSED,
    (S.APPROVED, A.BATCH): S.IN_BATCH,
    (S.IN_BATCH, A.SEND): S.SENT,
    (S.SENT, A.CONFIRM): S.PAID,
    (S.SENT, A.BOUNCE): S.BOUNCED,
    (S.BOUNCED, A.RETRY): S.APPROVED,
    (S.PAID, A.RECOVER): S.RECOVERING,
    (S.PAID, A.REVERSE): S.REVERSED,
    (S.RECOVERING, A.CLOSE_RECOVERY): S.RECOVERED,
    (S.PROPOSED, A.EXPIRE): S.EXPIRED,
    (S.RETURNED, A.EXPIRE): S.EXPIRED,
}

HOLDABLE = (S.SUBMITTED, S.DISTRICT_REVIEW, S.MUNICIPAL_REVIEW, S.PUBLICITY, S.OBJECTION, S.APPROVED)
BEFORE_BATCH = (S.PROPOSED, S.RETURNED, *HOLDABLE, S.HELD)
FINAL = frozenset({S.REFUSED, S.WITHDRAWN, S.EXPIRED, S.RECOVERED, S.REVERSED})
LIVE = frozenset(ClaimStatus) - FINAL - {S.PAID, S.RECOVERING}
REVIEWS = (S.DISTRICT_REVIEW, S.MUNICIPAL_REVIEW)
NEXT |= {(status, A.HOLD): S.HELD for status in HOLDABLE}
NEXT |= {(status, A.WITHDRAW): S.WITHDRAWN for status in BEFORE_BATCH}


def next_status(
    status: ClaimStatus, action: ClaimAction, held_from: ClaimStatus | None = None
) -> ClaimStatus:
    """The status after `action`; a held claim goes back to where it was held from. Raises NotAllowedNow."""
    if (status, action) == (S.HELD, A.RELEASE) and held_from in HOLDABLE:
        return held_from
    try:
        return NEXT[(status, action)]
    except KeyError:
        raise NotAllowedNow(f"{status.value}_{action.value}") from None


def allowed(status: ClaimStatus) -> frozenset[ClaimAction]:
    """Which actions follow `status`: pages ask this which buttons to show."""
    found = {action for at, action in NEXT if at is status}
    return frozenset(found | {A.RELEASE} if status is S.HELD else found)


NEEDS_THE_PERSON = (
    S.RETURNED,
    S.BOUNCED,
    S.OBJECTION,
    S.HELD,
    S.RECOVERING,
)
ROAD = (
    S.WITHDRAWN,
    S.EXPIRED,
    S.REFUSED,
    S.REVERSED,
    S.RECOVERED,
    S.PROPOSED,
    S.SUBMITTED,
    S.DISTRICT_REVIEW,
    S.MUNICIPAL_REVIEW,
    S.PUBLICITY,
    S.APPROVED,
    S.IN_BATCH,
    S.SENT,
    S.PAID,
)
PUBLIC = {
    S.PROPOSED: "claimed",
    S.SUBMITTED: "claimed",
    S.APPROVED: "paying",
    S.IN_BATCH: "paying",
    S.SENT: "paying",
}


def public_status(enrolment: EnrolmentStatus, claims: Iterable[ClaimStatus]) -> str:
    """The status that a person reads (contract §3): the enrolment's, until a claim stands.

    Then that of the claim that most needs the person, else of the one furthest along; ended ones come last.
    """
    found = set(claims)
    if not found:
        return enrolment.value
    waiting = [status for status in NEEDS_THE_PERSON if status in found]
    chosen = waiting[0] if waiting else max(found, key=ROAD.index)
    return PUBLIC.get(chosen, chosen.value)
