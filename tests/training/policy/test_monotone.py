"""I40: eligibility is monotone where the notice says so, and blind to what is not in a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.training.policy.makers import COOK, ELECTRICIAN, TODAY, WELDER, a_class, notice
from training.policy.facts import Facts, GroupFact, History, PastSubsidy
from training.policy.models import Family, Notice
from training.policy.rules import findings

NOTICE = notice()
ORDER = {"no": 0, "maybe": 1, "yes": 2}
DAYS = st.dates(date(2018, 1, 1), TODAY)
GROUPS = st.sampled_from(
    ["unemployed", "migrant", "graduate", "school_leaver", "poverty_monitored", "employee"]
)
ANSWERS = st.sampled_from(["yes", "no", "unknown"])
PAST: st.SearchStrategy[PastSubsidy] = st.builds(
    PastSubsidy,
    family=st.sampled_from(["tuition", "assessment", "living_allowance", "unemployment_insurance_skill"]),
    occupation=st.sampled_from([ELECTRICIAN, WELDER, COOK]),
    level=st.sampled_from(["5", "4", "3"]),
    on=DAYS,
    state=st.sampled_from(["used", "held"]),
)
HISTORIES = st.lists(PAST, max_size=5).map(tuple)
PEOPLE: st.SearchStrategy[Facts] = st.builds(
    Facts,
    birth_on=st.dates(date(1950, 1, 1), date(2012, 12, 31)),
    groups=st.lists(st.builds(GroupFact, GROUPS, ANSWERS, from_on=st.none() | DAYS), max_size=3).map(tuple),
    employed=ANSWERS,
    excluded=st.dictionaries(st.sampled_from(["draws_pension", "full_time_student", "deceased"]), ANSWERS),
)
CLASSES = st.builds(
    a_class,
    occupation=st.sampled_from([ELECTRICIAN, WELDER, COOK]),
    level=st.sampled_from(["5", "4", "3", "special"]),
    hours=st.integers(1, 300),
    fee_fen=st.integers(0, 500000),
    grade=st.sampled_from(["A", "B", "C", "D", "none"]),
)


def outcomes(facts: Facts, course: Any, past: History, law: Notice) -> dict[Family, tuple[str, int | None]]:
    found = findings(facts, course, past, law, TODAY)
    return {finding.family: (finding.outcome, finding.amount_fen) for finding in found}


def with_count(cap: str, count: int) -> Notice:
    rule = NOTICE.families["tuition"]
    kept = rule.caps[cap]
    raised = kept.model_copy(update={"count": kept.count.model_copy(update={"value": count})})
    family = rule.model_copy(update={"caps": rule.caps | {cap: raised}})
    return NOTICE.model_copy(update={"families": NOTICE.families | {"tuition": family}})


@given(PEOPLE, CLASSES, HISTORIES, st.sampled_from(["year", "lifetime"]), st.integers(0, 4))
def test_I40_raising_a_cap_never_makes_anybody_ineligible(facts, course, past, cap, count):
    low = outcomes(facts, course, past, with_count(cap, count))
    high = outcomes(facts, course, past, with_count(cap, count + 1))
    assert all(ORDER[high[family][0]] >= ORDER[low[family][0]] for family in low)


@given(PEOPLE, CLASSES, HISTORIES, PAST)
def test_I40_one_more_subsidy_never_makes_anybody_eligible(facts, course, past, more):
    before = outcomes(facts, course, past, NOTICE)
    after = outcomes(facts, course, (*past, more), NOTICE)
    assert all(ORDER[after[family][0]] <= ORDER[before[family][0]] for family in before)


@given(PEOPLE, CLASSES, HISTORIES)
def test_I40_lowering_the_least_age_never_makes_anybody_ineligible(facts, course, past):
    younger = NOTICE.min_age.model_copy(update={"value": NOTICE.min_age.value - 1})
    before = outcomes(facts, course, past, NOTICE)
    after = outcomes(facts, course, past, NOTICE.model_copy(update={"min_age": younger}))
    assert all(ORDER[after[family][0]] >= ORDER[before[family][0]] for family in before)


@given(PEOPLE, CLASSES, HISTORIES, st.sampled_from(["500101", "500106", None]), ANSWERS)
def test_I40_what_is_not_in_the_rule_changes_nothing(facts, course, past, district, answer):
    """Where a person lives, what was answered where the past is known, and who else may pay."""
    other = replace(facts, district=district, had_subsidy_this_year=answer)
    elsewhere = replace(course, district="500240", open_to_self_payers=not course.open_to_self_payers)
    assert outcomes(other, elsewhere, past, NOTICE) == outcomes(facts, course, past, NOTICE)


@given(PEOPLE, CLASSES, HISTORIES, st.randoms())
def test_I40_the_order_in_which_the_past_is_told_changes_nothing(facts, course, past, chance):
    shuffled = list(past)
    chance.shuffle(shuffled)
    assert outcomes(facts, course, tuple(shuffled), NOTICE) == outcomes(facts, course, past, NOTICE)


@given(PEOPLE, CLASSES, HISTORIES)
def test_an_amount_is_never_negative_never_above_the_fee_and_adds_up(facts, course, past):
    for finding in findings(facts, course, past, NOTICE, TODAY):
        assert (finding.amount_fen is None) == (finding.outcome == "no")
        assert sum(factor.fen for factor in finding.factors) == (finding.amount_fen or 0)
        assert (finding.amount_fen or 0) >= 0
        if finding.family == "tuition":
            assert (finding.amount_fen or 0) <= course.fee_fen
