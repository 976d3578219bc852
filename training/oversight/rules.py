"""Pure questions about those who look, and about what may leave the system."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from statistics import median

from training.policy.service import Looks

FEW = 10
IDENTIFIERS = frozenset({"name", "number", "card", "phone"})


def usual_at_most(days: Sequence[int], deviations: int) -> int | None:
    """How many looks in a day are still usual at a desk: the median of its days and `deviations` times the median
    distance from it, which one busy day does not move. None where there are too few days to say."""
    if len(days) < FEW:
        return None
    middle = median(days)
    spread = median(abs(day - middle) for day in days)
    return round(middle + deviations * max(1, spread))


def reasons_that_stand_out(
    looks: int, full_numbers: int, desk_days: Sequence[int], terms: Looks
) -> list[str]:
    """Why one clerk's day stands out: `many_looks`, `many_full_numbers`, `unlike_the_desk`. Empty: it does not."""
    found = []
    if looks > terms.a_day:
        found.append("many_looks")
    if full_numbers > terms.full_numbers_a_day:
        found.append("many_full_numbers")
    usual = usual_at_most(desk_days, terms.deviations)
    if usual is not None and looks >= terms.at_least and looks > usual:
        found.append("unlike_the_desk")
    return found


def needs_second_person(columns: Collection[str]) -> bool:
    """A list from which people can be told needs a second person (A24)."""
    return bool(IDENTIFIERS & set(columns))


def reasons_not_to_decide(asked_by: str, decided_by: str, status: str) -> list[str]:
    """Why an export may not be decided: `own_export`, `decided_already`. Empty: it may."""
    found = ["own_export"] if asked_by == decided_by else []
    return found + (["decided_already"] if status != "asked" else [])
