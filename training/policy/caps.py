"""How often: caps, subsidies that exclude each other, a higher level that blocks a lower (domain §1.3).

A subsidy that is only held counts like one that is used: two districts cannot race. What a refusal says about
it is the office, the day and the telephone number, never the course or the amount.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from training.policy.amounts import Basis
from training.policy.facts import Answer, Course, CourseTerms, History, PastSubsidy
from training.policy.models import RANK, Cap, Exclude, Family, FamilyRule, Notice

Said = str | int | date | None
OPPOSITE: dict[Answer, Answer] = {"yes": "no", "no": "yes", "unknown": "unknown"}
_WIDE = {"all", "family"}


@dataclass(frozen=True)
class Reason:
    """A rule that was asked. `code` is the refusal code; `met` yes means that the rule is satisfied."""

    code: str
    met: Answer
    values: Mapping[str, Said] = field(default_factory=dict)
    basis: Basis = field(default_factory=lambda: Basis(""))

    @property
    def is_example(self) -> bool:
        return self.basis.status == "example"


def cap_reasons(name: Family, rule: FamilyRule, course: Course, past: History, on: date) -> list[Reason]:
    """One reason for each cap of the family, counted on the day `on`.

    Where no class is chosen yet, only the caps that ask neither occupation nor level.
    """
    return [
        _cap_reason(cap, [item for item in past if _counts(cap, name, item, course, on)], on)
        for cap in rule.caps.values()
        if isinstance(course, CourseTerms) or cap.scope.value in _WIDE
    ]


def told_reasons(name: Family, rule: FamilyRule, had_subsidy_this_year: Answer) -> list[Reason]:
    """Where only the person's own answer is known: the caps of a year on the training subsidy."""
    if name != "tuition":
        return []
    return [
        Reason(cap.code, _told(cap, had_subsidy_this_year), _told_values(cap), Basis.of(cap.count))
        for cap in rule.caps.values()
        if cap.window.value == "calendar_year" and cap.scope.value in _WIDE
    ]


def _told(cap: Cap, had_subsidy_this_year: Answer) -> Answer:
    if cap.count.value == 0:
        return "no"
    if cap.count.value > 1 and had_subsidy_this_year == "yes":
        return "unknown"
    return OPPOSITE[had_subsidy_this_year]


def _told_values(cap: Cap) -> dict[str, Said]:
    return {"count": cap.count.value, "window": cap.window.value, "scope": cap.scope.value}


def _cap_reason(cap: Cap, counted: list[PastSubsidy], on: date) -> Reason:
    values = _told_values(cap) | {
        "used": sum(item.state == "used" for item in counted),
        "held": sum(item.state == "held" for item in counted),
    }
    if len(counted) < cap.count.value:
        return Reason(cap.code, "yes", values, Basis.of(cap.count))
    if counted:
        values |= _elsewhere(max(counted, key=lambda item: _day(cap, item)))
        values["again_on"] = _again_on(cap, counted, on)
    return Reason(cap.code, "no", values, Basis.of(cap.count))


def _day(cap: Cap, item: PastSubsidy) -> date:
    return cap.day(item.on, item.claimed_on, item.paid_on)


def _elsewhere(item: PastSubsidy) -> dict[str, Said]:
    return {"office": item.office, "on": item.paid_on or item.on, "phone": item.phone, "state": item.state}


def _counts(cap: Cap, name: Family, item: PastSubsidy, course: Course, on: date) -> bool:
    return _same_scope(cap, name, item, course) and _in_window(cap, _day(cap, item), on)


def _same_scope(cap: Cap, name: Family, item: PastSubsidy, course: Course) -> bool:
    scope = cap.scope.value
    if scope in _WIDE or not isinstance(course, CourseTerms):
        return scope == "all" or item.family == name
    same_level = scope == "family_occupation" or item.level == course.level
    return item.family == name and item.is_of(course.occupation) and same_level


def _in_window(cap: Cap, day: date, on: date) -> bool:
    if cap.window.value == "calendar_year":
        return day.year == on.year
    return cap.window.value == "lifetime" or day > a_year_before(on)


def a_year_before(day: date) -> date:
    """The same day of the year before; 29 February becomes the 28th."""
    if (day.month, day.day) == (2, 29) and not isleap(day.year - 1):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)


def _again_on(cap: Cap, counted: list[PastSubsidy], on: date) -> date | None:
    """The first day on which the cap lets one more in; None for a cap of a lifetime or of zero."""
    if cap.window.value == "lifetime" or cap.count.value == 0:
        return None
    if cap.window.value == "calendar_year":
        return date(on.year + 1, 1, 1)
    days = sorted(_day(cap, item) for item in counted)
    leaves = days[len(days) - cap.count.value]
    return (
        leaves.replace(year=leaves.year + 1)
        if (leaves.month, leaves.day) != (2, 29)
        else date(leaves.year + 1, 3, 1)
    )


def exclude_reasons(rule: FamilyRule, course: CourseTerms, past: History, on: date) -> list[Reason]:
    """One reason for each subsidy paid from another source that shuts this one out."""
    reasons = []
    for exclude in rule.excludes.values():
        found = next((item for item in past if _excludes(exclude, item, course, on)), None)
        values: dict[str, Said] = {"family": exclude.family.value, "within": exclude.on.value}
        values |= _elsewhere(found) if found else {}
        reasons.append(
            Reason("paid_from_other_fund", "no" if found else "yes", values, Basis.of(exclude.family))
        )
    return reasons


def _excludes(exclude: Exclude, item: PastSubsidy, course: CourseTerms, on: date) -> bool:
    if item.family != exclude.family.value:
        return False
    if exclude.on.value == "period":
        return item.on.year == on.year
    return item.is_of(course.occupation) and item.level == course.level


def higher_level_reasons(
    rule: FamilyRule, course: CourseTerms, past: History, certificates: tuple[tuple[str, str], ...] = ()
) -> list[Reason]:
    """Whoever holds a higher level of the same occupation gets nothing for a lower."""
    blocks = rule.higher_level_blocks_lower
    if blocks is None or not blocks.value or course.level == "special":
        return []
    held = [level for occupation, level in certificates if occupation == course.occupation]
    held += [item.level for item in past if item.state == "used" and item.is_of(course.occupation)]
    highest = max((RANK[level] for level in held), default=0)
    met: Answer = "no" if highest > RANK[course.level] else "yes"
    values: dict[str, Said] = {"occupation": course.occupation, "level": course.level}
    return [Reason("higher_level_held", met, values, Basis.of(blocks))]


def reasons_not_to_hold_entitlement(
    family: Family, course: CourseTerms, history: History, notice: Notice, on: date
) -> list[Reason]:
    """Why `family` may not be held for `course` on the day `on`; empty: it may. `history` without its own hold."""
    rule = notice.families[family]
    reasons = [
        *cap_reasons(family, rule, course, history, on),
        *exclude_reasons(rule, course, history, on),
        *higher_level_reasons(rule, course, history),
    ]
    return [reason for reason in reasons if reason.met != "yes"]
