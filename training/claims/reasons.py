"""The closed lists of why a claim is returned or refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence

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
