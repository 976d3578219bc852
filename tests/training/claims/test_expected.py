"""What an enrolment would bring, before there is a claim: the rule is the claim's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.make import PACK
from tests.training.claims.test_rules import COURSE, FINE, NOTICE, PAID
from training.claims.rules import claims_due, expected_fen
from training.enrolments.lifecycle import EnrolmentStatus
from training.policy.facts import CourseTerms, History
from training.policy.queries import load_pack
from training.ports import Group

ON = date(2026, 2, 20)
ELSEWHERE = replace(PAID, occupation="4-03-02-01", on=date(2026, 1, 10), state="held")


@pytest.mark.parametrize("group", ["migrant", "unemployed", "graduate", "hard_to_place"])
@pytest.mark.parametrize("course", [COURSE, replace(COURSE, level="4"), replace(COURSE, grade="B")])
def test_it_is_what_the_claim_comes_to(group: Group, course: CourseTerms) -> None:
    [due] = claims_due(EnrolmentStatus.PASSED, False, replace(FINE, group=group, course=course), NOTICE)
    assert expected_fen(group, course, (), NOTICE, ON) == due.amount.fen


def test_a_group_that_nobody_knows_yet_may_have_the_best_share() -> None:
    rule = load_pack(PACK).notices["cq-2026-18"].families["tuition"]
    assert expected_fen(None, COURSE, (), NOTICE, ON) == max(
        expected_fen(group, COURSE, (), NOTICE, ON) for group in rule.groups
    )


@pytest.mark.parametrize(
    ("group", "course", "history"),
    [
        ("employee", COURSE, ()),
        ("migrant", replace(COURSE, grade="D"), ()),
        ("migrant", COURSE, (PAID,)),
        ("migrant", COURSE, (ELSEWHERE,)),
    ],
)
def test_nothing_where_the_notice_pays_nothing_or_the_past_stands_against_it(
    group: Group, course: CourseTerms, history: History
) -> None:
    assert expected_fen(group, course, history, NOTICE, ON) == 0
