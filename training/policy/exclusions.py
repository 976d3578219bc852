"""Who gets nothing whatever the class: too young, or one of the people a notice leaves out."""

from __future__ import annotations

from datetime import date

from training.policy.amounts import Basis
from training.policy.caps import OPPOSITE, Reason, Said
from training.policy.facts import Answer, Facts
from training.policy.models import ExclusionRule, FamilyRule, Notice


def _ages(facts: Facts, on: date) -> tuple[int, int] | None:
    """The least and the greatest age that the person may have on `on`."""
    if facts.birth_on:
        had = (on.month, on.day) >= (facts.birth_on.month, facts.birth_on.day)
        age = on.year - facts.birth_on.year - (not had)
        return age, age
    if facts.birth_year is None:
        return None
    most = on.year - facts.birth_year
    return (most if (on.month, on.day) == (12, 31) else most - 1), most


def age_reason(facts: Facts, notice: Notice, on: date) -> list[Reason]:
    """The reason `under_age`. `values`: `age`, the greatest that the person may have, and `min_age`."""
    ages, least = _ages(facts, on), notice.min_age.value
    met: Answer = "unknown"
    if ages:
        met = "yes" if ages[0] >= least else "unknown" if ages[1] >= least else "no"
    values: dict[str, Said] = {"age": ages[1] if ages else None, "min_age": least}
    return [Reason("under_age", met, values, Basis.of(notice.min_age))]


def exclusion_reasons(rule: FamilyRule, facts: Facts, notice: Notice, on: date) -> list[Reason]:
    """A reason for each exclusion that is met, or in doubt because of the person's age.

    What nobody knows of the others is taken as no: the register says so at the enrolment.
    """
    reasons = []
    for name, exclusion in (notice.exclusions | rule.exclusions).items():
        if not exclusion.applies.value:
            continue
        told = facts.excluded.get(name, "unknown")
        doubted = _is_doubted(exclusion, facts, on)
        if told == "yes" or doubted:
            reasons.append(Reason(name, OPPOSITE[told], {}, Basis.of(exclusion.applies)))
    return reasons


def _is_doubted(exclusion: ExclusionRule, facts: Facts, on: date) -> bool:
    ages = _ages(facts, on)
    return (
        exclusion.doubt_from_age is not None
        and ages is not None
        and ages[1] >= exclusion.doubt_from_age.value
    )
