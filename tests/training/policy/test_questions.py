"""The anonymous check: five answers, and a sixth question only where it changes something."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from tests.training.policy.makers import TODAY, notice
from tests.training.policy.packs import chongqing
from training.policy.facts import Answers, Situation, facts_from_answers
from training.policy.queries import wanted
from training.policy.questions import missing_facts
from training.policy.rules import findings

NOTICE = notice()


def answers(**told: Any) -> Answers:
    usual: dict[str, Any] = {
        "birth_year": 1985,
        "situation": "migrant",
        "had_subsidy_this_year": "no",
        "wanted": wanted(chongqing(), "welding_electric"),
    }
    return Answers(**usual | told)


def outcomes(told: Answers) -> dict[str, tuple[str, int | None]]:
    found = findings(facts_from_answers(told), told.wanted, None, NOTICE, TODAY)
    return {finding.family: (finding.outcome, finding.amount_fen) for finding in found}


@pytest.mark.parametrize("situation", ["unemployed", "migrant", "graduate", "school_leaver"])
def test_the_four_groups_may_get_the_fee(situation):
    assert outcomes(answers(situation=situation))["tuition"] == ("yes", 150000)


def test_a_subsidy_this_year_makes_tuition_no():
    assert outcomes(answers(had_subsidy_this_year="yes"))["tuition"] == ("no", None)


def test_not_knowing_makes_tuition_maybe_with_an_amount():
    assert outcomes(answers(had_subsidy_this_year="unknown"))["tuition"] == ("maybe", 150000)


def test_an_employee_is_no_group_in_itself():
    told = answers(situation="employee", further={"poverty_monitored": "no"})
    assert outcomes(told)["tuition"] == ("no", None)
    assert missing_facts(told, NOTICE, TODAY) == []


def test_unsure_is_asked_what_may_still_help():
    assert missing_facts(answers(situation="unsure"), NOTICE, TODAY) == ["hard_to_place", "poverty_monitored"]


def test_the_sixth_question_settles_the_allowance():
    assert missing_facts(answers(), NOTICE, TODAY) == ["poverty_monitored"]
    settled = answers(further={"poverty_monitored": "yes"})
    assert outcomes(settled)["living_allowance"] == ("yes", 100000)
    assert missing_facts(settled, NOTICE, TODAY) == []


def test_not_knowing_the_sixth_answer_is_not_asked_again():
    assert missing_facts(answers(further={"poverty_monitored": "unknown"}), NOTICE, TODAY) == []


def test_the_pension_is_asked_about_from_an_age_only():
    assert "draws_pension" in missing_facts(answers(birth_year=1964), NOTICE, TODAY)
    assert "draws_pension" not in missing_facts(answers(birth_year=1970), NOTICE, TODAY)
    drawn = answers(birth_year=1964, further={"draws_pension": "yes"})
    assert outcomes(drawn)["tuition"] == ("no", None)


def test_a_child_is_asked_nothing_more():
    told = answers(birth_year=2015)
    assert outcomes(told)["tuition"] == ("no", None)
    assert missing_facts(told, NOTICE, TODAY) == []


def test_in_the_year_of_the_sixteenth_birthday_the_age_is_open():
    assert outcomes(answers(birth_year=2010, situation="school_leaver"))["tuition"][0] == "maybe"


@pytest.mark.parametrize("situation", get_args(Situation))
@pytest.mark.parametrize("had", ["yes", "no", "unknown"])
@pytest.mark.parametrize("birth_year", [1955, 1985, 2010, 2015])
def test_no_fact_is_asked_that_changes_nothing(situation, had, birth_year):
    told = answers(situation=situation, had_subsidy_this_year=had, birth_year=birth_year)
    for name in missing_facts(told, NOTICE, TODAY):
        either = [outcomes(replace(told, further={name: answer})) for answer in ("yes", "no")]
        assert either[0] != either[1]
