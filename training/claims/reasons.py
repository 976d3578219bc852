"""Why a claim is returned or refused, as closed lists; and what sets one apart from its batch. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mode

from training.claims.lifecycle import TaskOutcome
from training.policy.service import Sharing

RETURN_REASONS = (
    "attendance_to_explain",
    "certificate_to_show",
    "result_to_show",
    "group_to_prove",
    "amount_to_check",
    "account_to_clear",
)
REFUSE_REASONS = (
    "attendance_too_low",
    "certificate_missing",
    "exam_not_passed",
    "group_not_eligible",
    "already_paid_same_level",
    "cap_reached",
    "higher_level_held",
    "paid_from_other_fund",
)
# The contract's other refusal reasons: not on the page, since a claim seldom rests on them, but reasons all the same.
OTHER_REASONS = (
    "under_age",
    "deceased",
    "draws_pension",
    "full_time_student",
    "already_in_class",
    "overlapping_class",
    "school_suspended",
    "staff_phone",
)


def fitting_reasons(decision: str, chosen: Sequence[str]) -> list[str]:
    """Of the reasons chosen those that fit the decision. A return may name why a claim would be refused, where
    nothing of its own list was chosen."""
    to_return = [code for code in chosen if code in RETURN_REASONS]
    to_refuse = [code for code in chosen if code in (*REFUSE_REASONS, *OTHER_REASONS)]
    return {"return": to_return or to_refuse, "refuse": to_refuse}.get(decision, [])


@dataclass(frozen=True)
class InBatch:
    """A claim as it lies among the others of its batch. `percent` is its attendance, None where none was found."""

    amount_fen: int
    percent: int | None
    tasks: Mapping[str, TaskOutcome]

    @property
    def not_passed(self) -> list[str]:
        """The tasks that are not simply passed."""
        return [task for task, outcome in self.tasks.items() if outcome is not TaskOutcome.PASSED]


def reasons_apart(own: InBatch, batch: Sequence[InBatch], terms: Sharing) -> list[str]:
    """What sets a claim apart from its batch: each task not simply passed, its amount, its attendance."""
    found = own.not_passed
    if own.amount_fen != mode(one.amount_fen for one in batch):
        found.append("amount_differs")
    shares = sorted(one.percent for one in batch if one.percent is not None)
    if own.percent is None or len(shares) < terms.apart_of_at_least:
        return found
    if abs(own.percent - shares[len(shares) // 2]) > terms.apart_points:
        found.append("attendance_differs")
    return found
