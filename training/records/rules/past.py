"""What the past holds twice, what a corrected file says again, and what forbids an import or its undoing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

CapOf = Callable[[date, str], int | None]


@dataclass(frozen=True)
class Paid:
    """One payment of one person. `row`: of the file at hand, or 0 for one that counts already, which has an `id`.

    `batch`: the earlier import by which it came in; empty where it was paid in this system.
    """

    row: int
    occupation: str
    level: str
    on: date
    district: str
    amount_fen: int
    id: str = ""
    batch: str = ""

    @property
    def key(self) -> tuple[str, str, date, str]:
        """By this a corrected file finds the payment again: the district, the course and the day."""
        return self.occupation, self.level, self.on, self.district


@dataclass(frozen=True)
class Double:
    """A payment of the file that stands beside another. `code`: paid_twice_here, paid_before, paid_elsewhere, over_cap."""

    row: int
    code: str
    amount_fen: int
    facts: Mapping[str, str | int] = field(default_factory=dict)


def known_of(mine: Sequence[Paid], before: Sequence[Paid]) -> dict[int, Paid]:
    """Rows of the file that earlier imports hold already, each with its payment there: the same district, course and
    day, equal amounts first. What stands there more often than in the past stays new."""
    found: dict[int, Paid] = {}
    left = [paid for paid in before if paid.batch]
    for is_exact in (True, False):
        for paid in mine:
            if paid.row in found:
                continue
            same = next((one for one in left if _is_again(paid, one, is_exact)), None)
            if same is not None:
                found[paid.row] = same
                left.remove(same)
    return found


def _is_again(paid: Paid, other: Paid, is_exact: bool) -> bool:
    return paid.key == other.key and (not is_exact or paid.amount_fen == other.amount_fen)


def doubles_of(mine: Sequence[Paid], before: Sequence[Paid], cap_of: CapOf) -> list[Double]:
    """Payments of the file that stand beside another of the same person: for the same occupation and level, or above
    the count of the year by the notice of that day and district. Each is named once, the later one of the two.

    `cap_of(day, district)` is that count; None where no notice of that day is known.
    """
    seen, found = list(before), []
    for paid in sorted(mine, key=lambda one: (one.on, one.row)):
        double = _same_course(paid, seen) or _over_cap(paid, seen, cap_of)
        if double is not None:
            found.append(double)
        seen.append(paid)
    return found


def _same_course(paid: Paid, seen: Sequence[Paid]) -> Double | None:
    same = [one for one in seen if (one.occupation, one.level) == (paid.occupation, paid.level)]
    if not same:
        return None
    other = next((one for one in same if one.district != paid.district), same[-1])
    facts: dict[str, str | int] = {"district": other.district, "year": other.on.year}
    if other.district != paid.district:
        return Double(paid.row, "paid_elsewhere", paid.amount_fen, facts)
    if other.row:
        return Double(paid.row, "paid_twice_here", paid.amount_fen, facts | {"other": other.row})
    return Double(paid.row, "paid_before", paid.amount_fen, facts)


def _over_cap(paid: Paid, seen: Sequence[Paid], cap_of: CapOf) -> Double | None:
    same_year = [one for one in seen if one.on.year == paid.on.year]
    cap = cap_of(paid.on, paid.district) if same_year else None
    if cap is None or len(same_year) < cap:
        return None
    facts: dict[str, str | int] = {"district": same_year[-1].district, "year": paid.on.year, "cap": cap}
    return Double(paid.row, "over_cap", paid.amount_fen, facts)


def reasons_not_to_import(
    status: str, *, rows: int, wrong: int, unmapped: int, missing: Sequence[str]
) -> list[str]:
    """What is still lacking before a file may come in; empty: nothing. `missing`: columns without a counterpart, and
    `district` where nothing says which one."""
    if status != "checked":
        return [f"records_{status}"]
    lacking = {
        "columns_missing": bool(set(missing) - {"district"}),
        "district_missing": "district" in missing,
        "rows_wrong": wrong > 0,
        "occupations_unmapped": unmapped > 0,
        "no_rows": rows == 0,
    }
    return [code for code, is_lacking in lacking.items() if is_lacking]


def reasons_not_to_undo(status: str, *, stands_on_it: int) -> list[str]:
    """Why an import may not be undone: it is not in, or something was decided since that saw these payments."""
    if status != "imported":
        return [f"records_{status}"]
    return ["records_in_use"] if stands_on_it else []
