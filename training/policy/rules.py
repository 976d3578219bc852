"""What may this person get? Pure: facts, class, past, notice and day in; findings with their reasons out.

The same for the anonymous check, the course page, the enrolment, the counter and the claim. A group counts on
the day the class starts; age, exclusions and caps are judged on the day `on`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from training.policy.amounts import Amount, Basis, Factor, amount_due, highest_amount, standard_of
from training.policy.caps import (
    Reason,
    Said,
    cap_reasons,
    exclude_reasons,
    higher_level_reasons,
    reasons_not_to_hold_entitlement,
    told_reasons,
)
from training.policy.exclusions import age_reason, exclusion_reasons
from training.policy.facts import (
    Answer,
    Answers,
    Course,
    CourseTerms,
    Facts,
    GroupFact,
    History,
    PastSubsidy,
    Wanted,
    facts_from_answers,
    facts_from_register,
)
from training.policy.groups import group_end, group_reason
from training.policy.models import Family, FamilyRule, Notice, Payee
from training.ports import Group

__all__ = [
    "Amount",
    "Answer",
    "Answers",
    "Basis",
    "Course",
    "CourseTerms",
    "Factor",
    "Facts",
    "Finding",
    "GroupFact",
    "History",
    "PastSubsidy",
    "Reason",
    "Wanted",
    "amount_due",
    "facts_from_answers",
    "facts_from_register",
    "findings",
    "group_end",
    "reasons_not_to_claim",
    "reasons_not_to_hold_entitlement",
    "refusals",
    "sum_of_sure",
]


Outcome = Literal["yes", "maybe", "no"]


@dataclass(frozen=True)
class Finding:
    """One subsidy for one person. `amount_fen` is None only for the outcome `no`.

    `group` is the one it rests on; `papers` are codes of the family's papers that would settle what is open.
    """

    family: Family
    outcome: Outcome
    amount_fen: int | None
    factors: tuple[Factor, ...]
    reasons: tuple[Reason, ...]
    papers: tuple[str, ...]
    payee: Payee
    group: Group | None
    notice_number: str

    @property
    def is_example(self) -> bool:
        """Whether any line of the amount rests on an invented value."""
        return any(factor.basis.status == "example" for factor in self.factors)


def findings(
    facts: Facts, course: Course, history: History | None, notice: Notice, on: date
) -> list[Finding]:
    """One finding for each family of the notice, in its order.

    `course` is a class, or what a person wants to learn; `history` None: not known, so that
    `facts.had_subsidy_this_year` answers for it. `history` never holds the entitlement being judged.
    """
    found: dict[Family, Finding] = {}
    for name, rule in notice.families.items():
        found[name] = _finding(name, rule, facts, course, history, notice, on, found)
    return list(found.values())


def refusals(found: list[Finding], family: Family) -> list[Reason]:
    """Why `family` is refused; empty: it is not."""
    return [
        reason for item in found if item.family == family for reason in item.reasons if reason.met == "no"
    ]


def sum_of_sure(found: list[Finding]) -> int:
    """The most that the subsidies with outcome `yes` bring in all, in fen."""
    return sum(item.amount_fen or 0 for item in found if item.outcome == "yes")


def _finding(
    name: Family,
    rule: FamilyRule,
    facts: Facts,
    course: Course,
    history: History | None,
    notice: Notice,
    on: date,
    earlier: Mapping[Family, Finding],
) -> Finding:
    group_day = course.starts_on if isinstance(course, CourseTerms) else on
    by_group, group = group_reason(rule, facts, notice, group_day)
    reasons = [
        *age_reason(facts, notice, on),
        *exclusion_reasons(rule, facts, notice, on),
        by_group,
        *course_reasons(rule, course),
        *_past_reasons(name, rule, facts, course, history, on),
        *_certificate_reason(rule),
        *_only_with_reason(rule, earlier),
    ]
    outcome = _outcome(reasons)
    amount = highest_amount(rule, course, group) if outcome != "no" else Amount(0, ())
    return Finding(
        name,
        outcome,
        None if outcome == "no" else amount.fen,
        amount.factors,
        tuple(reasons),
        _papers(rule, reasons),
        rule.payee.value,
        group,
        notice.number,
    )


def _outcome(reasons: list[Reason]) -> Outcome:
    met = {reason.met for reason in reasons}
    return "no" if "no" in met else "maybe" if "unknown" in met else "yes"


def _papers(rule: FamilyRule, reasons: list[Reason]) -> tuple[str, ...]:
    open_codes = {reason.code for reason in reasons if reason.met == "unknown"}
    return tuple(
        code
        for code, paper in rule.papers.items()
        if paper.proves is not None and paper.proves.value in open_codes
    )


def course_reasons(rule: FamilyRule, course: Course) -> list[Reason]:
    """What a notice asks of the class itself: hours, occupation and level, the school's grade."""
    if not isinstance(course, CourseTerms):
        return []
    reasons = []
    if rule.min_hours is not None:
        long_enough: Answer = "yes" if course.hours >= rule.min_hours.value else "no"
        values: dict[str, Said] = {"hours": course.hours, "min_hours": rule.min_hours.value}
        reasons.append(Reason("class_too_short", long_enough, values, Basis.of(rule.min_hours)))
    if not rule.amounts.daily and standard_of(rule.amounts, course.occupation, course.level) is None:
        reasons.append(Reason("level_not_paid", "no", {"level": course.level}, Basis(rule.payee.notice)))
    share = rule.amounts.by_grade.get(course.grade)
    if share is not None and share.value == 0:
        reasons.append(Reason("grade_too_low", "no", {"grade": course.grade}, Basis.of(share)))
    return reasons


def _past_reasons(
    name: Family, rule: FamilyRule, facts: Facts, course: Course, history: History | None, on: date
) -> list[Reason]:
    if history is None:
        return told_reasons(name, rule, facts.had_subsidy_this_year)
    reasons = cap_reasons(name, rule, course, history, on)
    if isinstance(course, CourseTerms):
        reasons += exclude_reasons(rule, course, history, on)
        reasons += higher_level_reasons(rule, course, history, facts.certificates)
    return reasons


def _certificate_reason(rule: FamilyRule) -> list[Reason]:
    if rule.begins_with.value == "class":
        return []
    return [Reason("certificate_missing", "unknown", {}, Basis.of(rule.begins_with))]


def _only_with_reason(rule: FamilyRule, earlier: Mapping[Family, Finding]) -> list[Reason]:
    if rule.only_with is None:
        return []
    other = earlier[rule.only_with.value].outcome
    met: Answer = "unknown" if other == "maybe" else other
    return [
        Reason("only_with_other_subsidy", met, {"family": rule.only_with.value}, Basis.of(rule.only_with))
    ]


def reasons_not_to_claim(
    family: Family, course: CourseTerms, attendance_percent: int, has_certificate: bool, notice: Notice
) -> list[Reason]:
    """What is still missing before `family` may be claimed after the class; empty: nothing.

    `attendance_percent` is rounded down; `course.grade` is the school's grade in force at the claim.
    """
    rule = notice.families[family]
    reasons = [reason for reason in course_reasons(rule, course) if reason.met != "yes"]
    least = rule.min_attendance_percent
    if least is not None and attendance_percent < least.value:
        values: dict[str, Said] = {"attendance": attendance_percent, "min_attendance": least.value}
        reasons.append(Reason("attendance_too_low", "no", values, Basis.of(least)))
    if rule.certificate.value and not has_certificate:
        reasons.append(Reason("certificate_missing", "no", {}, Basis.of(rule.certificate)))
    return reasons
