"""Whose day stands out, and which lists need a second person."""

from __future__ import annotations

import pytest

from training.oversight.rules import (
    needs_second_person,
    reasons_not_to_decide,
    reasons_that_stand_out,
    usual_at_most,
)
from training.policy.service import Looks

TERMS = Looks(a_day=120, full_numbers_a_day=20, at_least=30, deviations=3, days=30)
QUIET = [18, 20, 22, 19, 21, 20, 18, 22, 20, 21]


def test_what_is_usual_is_the_median_and_three_median_distances() -> None:
    assert usual_at_most(QUIET, 3) == 23
    assert usual_at_most([*QUIET, 900], 3) == 23
    assert usual_at_most(QUIET[:9], 3) is None
    assert usual_at_most([20] * 10, 3) == 23


@pytest.mark.parametrize(
    ("looks", "full_numbers", "desk_days", "reasons"),
    [
        (22, 0, QUIET, []),
        (29, 0, QUIET, []),
        (31, 0, QUIET, ["unlike_the_desk"]),
        (31, 0, QUIET[:5], []),
        (121, 0, [], ["many_looks"]),
        (25, 21, QUIET, ["many_full_numbers"]),
        (130, 30, QUIET, ["many_looks", "many_full_numbers", "unlike_the_desk"]),
        (120, 20, [120] * 10, []),
    ],
)
def test_a_day_stands_out_above_the_limits_or_far_above_its_desk(
    looks: int, full_numbers: int, desk_days: list[int], reasons: list[str]
) -> None:
    assert reasons_that_stand_out(looks, full_numbers, desk_days, TERMS) == reasons


def test_A24_a_list_from_which_people_can_be_told_needs_a_second_person() -> None:
    assert needs_second_person(["reference", "number"])
    assert needs_second_person(["name"])
    assert not needs_second_person(["reference", "status", "course"])


def test_nobody_decides_their_own_export_or_one_that_is_decided() -> None:
    assert reasons_not_to_decide("a", "b", "asked") == []
    assert reasons_not_to_decide("a", "a", "asked") == ["own_export"]
    assert reasons_not_to_decide("a", "b", "approved") == ["decided_already"]
