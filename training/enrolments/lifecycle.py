"""The life of an enrolment: statuses, actions, and which follows which."""

from __future__ import annotations

from enum import StrEnum

from training.errors import NotAllowedNow


class EnrolmentStatus(StrEnum):
    RECEIVED = "received"
    VERIFYING = "verifying"
    RETURNED = "returned"
    WAITING = "waiting"
    OFFERED = "offered"
    ENROLLED = "enrolled"
    ATTENDING = "attending"
    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DROPPED_OUT = "dropped_out"
    EXPIRED = "expired"


class Action(StrEnum):
    TAKE = "take"
    TAKE_OVER = "take_over"
    PASS = "pass"
    RETURN = "return"
    REFUSE = "refuse"
    CORRECT = "correct"
    LAPSE = "lapse"
    GIVE_SEAT = "give_seat"
    GIVE_SEAT_UNCHECKED = "give_seat_unchecked"
    OFFER = "offer"
    ACCEPT = "accept"
    ACCEPT_UNCHECKED = "accept_unchecked"
    MISS = "miss"
    NEXT_OFFERED = "next_offered"
    NEXT_WAITS = "next_waits"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    START = "start"
    DROP_OUT = "drop_out"
    COMPLETE = "complete"
    PASS_EXAM = "pass_exam"
    FAIL_EXAM = "fail_exam"
    REOPEN = "reopen"
    DOUBT = "doubt"
    REOPEN_IN_LINE = "reopen_in_line"


S, A = EnrolmentStatus, Action
NEXT: dict[tuple[EnrolmentStatus, Action], EnrolmentStatus] = {
    (S.RECEIVED, A.TAKE): S.VERIFYING,
    (S.RECEIVED, A.TAKE_OVER): S.VERIFYING,
    (S.RECEIVED, A.LAPSE): S.WAITING,
    (S.RECEIVED, A.REFUSE): S.REFUSED,
    (S.RECEIVED, A.WITHDRAW): S.WITHDRAWN,
    (S.VERIFYING, A.TAKE): S.VERIFYING,
    (S.VERIFYING, A.PASS): S.ENROLLED,
    (S.VERIFYING, A.RETURN): S.RETURNED,
    (S.VERIFYING, A.REFUSE): S.REFUSED,
    (S.VERIFYING, A.WITHDRAW): S.WITHDRAWN,
    (S.RETURNED, A.CORRECT): S.VERIFYING,
    (S.RETURNED, A.WITHDRAW): S.WITHDRAWN,
    (S.RETURNED, A.LAPSE): S.EXPIRED,
    (S.WAITING, A.TAKE): S.WAITING,
    (S.WAITING, A.TAKE_OVER): S.WAITING,
    (S.WAITING, A.PASS): S.WAITING,
    (S.WAITING, A.GIVE_SEAT): S.ENROLLED,
    (S.WAITING, A.GIVE_SEAT_UNCHECKED): S.VERIFYING,
    (S.WAITING, A.WITHDRAW): S.WITHDRAWN,
    (S.WAITING, A.REFUSE): S.REFUSED,
    (S.WAITING, A.OFFER): S.OFFERED,
    (S.WAITING, A.LAPSE): S.EXPIRED,
    (S.OFFERED, A.ACCEPT): S.ENROLLED,
    (S.OFFERED, A.ACCEPT_UNCHECKED): S.VERIFYING,
    (S.OFFERED, A.MISS): S.WAITING,
    (S.OFFERED, A.LAPSE): S.EXPIRED,
    (S.OFFERED, A.REFUSE): S.REFUSED,
    (S.OFFERED, A.WITHDRAW): S.WITHDRAWN,
    (S.ENROLLED, A.DOUBT): S.VERIFYING,
    (S.ENROLLED, A.WITHDRAW): S.WITHDRAWN,
    (S.ENROLLED, A.START): S.ATTENDING,
    (S.ATTENDING, A.DROP_OUT): S.DROPPED_OUT,
    (S.ATTENDING, A.COMPLETE): S.COMPLETED,
    (S.COMPLETED, A.PASS_EXAM): S.PASSED,
    (S.COMPLETED, A.FAIL_EXAM): S.FAILED,
    (S.REFUSED, A.REOPEN): S.VERIFYING,
    (S.REFUSED, A.REOPEN_IN_LINE): S.WAITING,
}
# The class will not be held: a seat in the next one, a place in its line, or nothing.
BEFORE_CLASS = frozenset({S.RECEIVED, S.VERIFYING, S.RETURNED, S.WAITING, S.OFFERED, S.ENROLLED})
NEXT |= {(status, A.NEXT_OFFERED): S.OFFERED for status in BEFORE_CLASS}
NEXT |= {(status, A.NEXT_WAITS): S.WAITING for status in BEFORE_CLASS}
NEXT |= {(status, A.CANCEL): S.EXPIRED for status in BEFORE_CLASS}
# Who may change to another class of the course: who holds a seat, or stands in line.
MAY_CHANGE = frozenset({S.VERIFYING, S.RETURNED, S.ENROLLED, S.WAITING})

LIVE = frozenset(
    {S.RECEIVED, S.VERIFYING, S.RETURNED, S.WAITING, S.OFFERED, S.ENROLLED, S.ATTENDING, S.COMPLETED}
)
TAKES_TIME = frozenset({S.RECEIVED, S.VERIFYING, S.RETURNED, S.ENROLLED, S.ATTENDING, S.COMPLETED})
HOLDS_SEAT = TAKES_TIME | {S.OFFERED}
FINAL = frozenset({S.REFUSED, S.WITHDRAWN, S.DROPPED_OUT, S.EXPIRED, S.FAILED, S.PASSED})


def next_status(status: EnrolmentStatus, action: Action) -> EnrolmentStatus:
    """The status after `action`. Raises NotAllowedNow when the step does not follow."""
    try:
        return NEXT[(status, action)]
    except KeyError:
        raise NotAllowedNow(f"{status.value}_{action.value}") from None


def allowed(status: EnrolmentStatus) -> frozenset[Action]:
    """Which actions follow `status`: pages ask this which buttons to show."""
    return frozenset(action for at, action in NEXT if at is status)
