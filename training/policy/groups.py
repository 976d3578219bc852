"""Which groups a person belongs to on a day, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from training.policy.amounts import Basis
from training.policy.caps import Reason, Said
from training.policy.facts import Answer, Facts, GroupFact
from training.policy.models import FamilyRule, GroupRule, Notice
from training.ports import Group


def months_later(day: date, months: int) -> date:
    """The same day `months` months later; the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def group_end(fact: GroupFact, rule: GroupRule) -> date | None:
    """The last day on which the group counts; None when no end is known."""
    if fact.from_on is None or rule.counts.value == "as_registered":
        return fact.to_on
    if rule.counts.value == "calendar_year":
        return date(fact.from_on.year, 12, 31)
    assert rule.months is not None
    return months_later(fact.from_on, rule.months.value)


def group_start(fact: GroupFact, rule: GroupRule) -> date | None:
    """The first day on which the group counts; None when it is not limited."""
    if fact.from_on is not None and rule.counts.value == "calendar_year":
        return date(fact.from_on.year, 1, 1)
    return fact.from_on


def holds(fact: GroupFact, rule: GroupRule, facts: Facts, day: date) -> Answer:
    """Whether the person belongs to the group on `day`. What is only declared stays unknown."""
    if fact.met != "yes":
        return fact.met
    start, end = group_start(fact, rule), group_end(fact, rule)
    if (start is not None and day < start) or (end is not None and day > end):
        return "no"
    if fact.source == "declared":
        return "unknown"
    doubted = rule.ends_with_job is not None and rule.ends_with_job.value and facts.employed == "yes"
    return "unknown" if doubted else "yes"


def proven_groups(rule: FamilyRule, facts: Facts, notice: Notice, day: date) -> dict[Group, Answer]:
    """For each group that the family pays for: yes, no or unknown on `day`."""
    return {group: _best(_answers(group, facts, notice, day)) for group in rule.groups}


def _answers(group: Group, facts: Facts, notice: Notice, day: date) -> list[Answer]:
    rule = notice.groups[group]
    return [holds(fact, rule, facts, day) for fact in facts.groups if fact.group == group]


def _best(answers: Iterable[Answer]) -> Answer:
    """Yes if any says so, else unknown if any is, else no; nothing said is unknown."""
    said = list(answers)
    if "yes" in said:
        return "yes"
    return "unknown" if "unknown" in said or not said else "no"


def group_reason(rule: FamilyRule, facts: Facts, notice: Notice, day: date) -> tuple[Reason, Group | None]:
    """The reason `group_not_eligible`, and the group it rests on: the best paid of those that hold.

    `values` say `group`, `source` and `to_on`, the last day on which it counts; where no group holds, those of
    one that has ended. Nothing to say where it is open which group it could be.
    """
    if not rule.groups:
        return Reason("group_not_eligible", "yes"), None
    answers = proven_groups(rule, facts, notice, day)
    claimed = [fact for fact in facts.groups if fact.met == "yes" and fact.group in rule.groups]
    for met in _POSSIBLE:
        resting = [fact for fact in claimed if holds(fact, notice.groups[fact.group], facts, day) == met]
        if resting and met in answers.values():
            best = max(resting, key=lambda fact: rule.groups[fact.group].value)
            return _reason(met, rule, best, notice), best.group
    met = "unknown" if "unknown" in answers.values() else "no"
    return _reason(met, rule, claimed[0] if claimed else None, notice), None


_POSSIBLE: tuple[Answer, ...] = ("yes", "unknown")


def _reason(met: Answer, rule: FamilyRule, fact: GroupFact | None, notice: Notice) -> Reason:
    basis = Basis.of(rule.groups[fact.group] if fact else next(iter(rule.groups.values())))
    if fact is None:
        return Reason("group_not_eligible", met, {}, basis)
    values: dict[str, Said] = {
        "group": fact.group,
        "source": fact.source,
        "from_on": fact.from_on,
        "to_on": group_end(fact, notice.groups[fact.group]),
    }
    return Reason("group_not_eligible", met, values, basis)
