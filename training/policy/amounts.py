"""How much: the standard, changed line by line, every line printed.

amount = standard × group share × grade share + uplift, never more than the fee where the notice says so
(domain §1.4). Whole fen, rounded down. The lines of an amount add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from training.policy.facts import Course, CourseTerms
from training.policy.models import Amounts, FamilyRule, Level, Value
from training.ports import Group


@dataclass(frozen=True)
class Basis:
    """The paper behind a line: number of the notice, clause, source, and the mark of the value."""

    notice: str
    clause: str = ""
    source: str = ""
    status: str = "confirmed"

    @classmethod
    def of(cls, value: Value[Any]) -> Basis:
        return cls(value.notice, value.clause, value.source, value.status)


@dataclass(frozen=True)
class Factor:
    """One line of an amount. `fen` is what the line adds (negative: takes away); the lines sum to the amount.

    Names: `standard`, `days`, `group_share`, `grade`, `uplift`, `fee_limit`. `value_text` has no words:
    `90%`, `16 × 5000`, `150000`.
    """

    name: str
    value_text: str
    fen: int
    basis: Basis


@dataclass(frozen=True)
class Amount:
    """Fen and the lines that make them."""

    fen: int
    factors: tuple[Factor, ...]


def amount_due(family: FamilyRule, course: CourseTerms, group: Group | None) -> Amount:
    """What `family` pays for `course` to a person of `group` (None: the best share the notice gives).

    0 fen where the notice has no standard for the level.
    """
    factors = _standard(family.amounts, course)
    for step in (_group_share, _grade, _uplift, _fee_limit):
        factors += step(family, course, group, sum(factor.fen for factor in factors))
    return Amount(sum(factor.fen for factor in factors), tuple(factors))


def highest_amount(family: FamilyRule, course: Course, group: Group | None) -> Amount:
    """As `amount_due`; where no class is chosen yet, the most that one of the choices may bring."""
    if isinstance(course, CourseTerms):
        return amount_due(family, course, group)
    plain = (_standard_alone(family, occupation, level, group) for occupation, level in course.choices)
    return max(plain, key=lambda amount: amount.fen, default=Amount(0, ()))


def _standard_alone(family: FamilyRule, occupation: str, level: Level, group: Group | None) -> Amount:
    daily = family.amounts.daily
    if daily:
        factors = [_days(family.amounts, daily.max_days.value)]
    else:
        factors = _by_level(family.amounts, occupation, level)
    factors += _group_share_of(family, group, sum(factor.fen for factor in factors))
    factors += _uplifts(family.amounts, occupation, level)
    return Amount(sum(factor.fen for factor in factors), tuple(factors))


def _standard(amounts: Amounts, course: CourseTerms) -> list[Factor]:
    if amounts.daily:
        days = -(-course.hours // amounts.daily.hours_a_day.value)
        return [_days(amounts, min(days, amounts.daily.max_days.value))]
    return _by_level(amounts, course.occupation, course.level)


def _days(amounts: Amounts, days: int) -> Factor:
    assert amounts.daily is not None
    fen = amounts.daily.fen
    return Factor("days", f"{days} × {fen.value}", days * fen.value, Basis.of(fen))


def _by_level(amounts: Amounts, occupation: str, level: Level) -> list[Factor]:
    value = standard_of(amounts, occupation, level)
    return [Factor("standard", str(value.value), value.value, Basis.of(value))] if value else []


def standard_of(amounts: Amounts, occupation: str, level: Level) -> Value[int] | None:
    """The standard for occupation and level; None where the notice pays nothing for the level."""
    for standard in reversed(amounts.standards.values()):
        if occupation in standard.occupations.value and level in standard.by_level:
            return standard.by_level[level]
    return amounts.by_level.get(level)


def _group_share(family: FamilyRule, _: CourseTerms, group: Group | None, so_far: int) -> list[Factor]:
    return _group_share_of(family, group, so_far)


def _group_share_of(family: FamilyRule, group: Group | None, so_far: int) -> list[Factor]:
    if not family.groups or not so_far:
        return []
    share = best_share(family, [group] if group else family.groups)
    return [Factor("group_share", f"{share.value}%", so_far * share.value // 100 - so_far, Basis.of(share))]


def best_share(family: FamilyRule, groups: Iterable[Group]) -> Value[int]:
    """The highest share among `groups`, all of which the family names."""
    return max((family.groups[group] for group in groups), key=lambda share: share.value)


def _grade(family: FamilyRule, course: CourseTerms, _: Group | None, so_far: int) -> list[Factor]:
    share = family.amounts.by_grade.get(course.grade)
    if share is None or not so_far:
        return []
    return [Factor("grade", f"{share.value}%", so_far * share.value // 100 - so_far, Basis.of(share))]


def _uplift(family: FamilyRule, course: CourseTerms, _: Group | None, so_far: int) -> list[Factor]:
    return _uplifts(family.amounts, course.occupation, course.level) if so_far else []


def _uplifts(amounts: Amounts, occupation: str, level: Level) -> list[Factor]:
    return [
        Factor("uplift", str(uplift.fen.value), uplift.fen.value, Basis.of(uplift.fen))
        for uplift in amounts.uplifts.values()
        if occupation in uplift.occupations.value and level in uplift.levels.value
    ]


def _fee_limit(family: FamilyRule, course: CourseTerms, _: Group | None, so_far: int) -> list[Factor]:
    limit = family.amounts.up_to_fee
    if limit is None or not limit.value or so_far <= course.fee_fen:
        return []
    return [Factor("fee_limit", str(course.fee_fen), course.fee_fen - so_far, Basis.of(limit))]
