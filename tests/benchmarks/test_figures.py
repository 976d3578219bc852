"""A figure says what it was held against, and whether the goal is met."""

from __future__ import annotations

import json

import pytest

from benchmarks.figures import Figure, against

KEYS = ["name", "ours", "limit", "ratio", "goal", "unit", "n", "spread"]


def test_a_line_has_the_keys_of_the_contract_and_the_median_of_the_rounds() -> None:
    line = json.loads(Figure("page", [2.0, 9.0, 3.0], [1.0, 3.0, 2.0], 3.0, "ms", 120).line())
    assert list(line) == KEYS
    assert line["ours"] == 3.0
    assert line["limit"] == 2.0
    assert line["ratio"] == 2.0  # of 2, 3 and 1.5: each round by itself
    assert line["spread"] == 0.75


def test_a_goal_is_a_ceiling() -> None:
    assert Figure("page", [2.9], [1.0], 3.0, "ms", 1).is_met
    assert not Figure("page", [3.1], [1.0], 3.0, "ms", 1).is_met


def test_a_goal_of_a_rate_is_a_floor() -> None:
    assert Figure("enrol", [11.0], [100.0], 0.1, "enrolments/s", 1).is_met
    assert not Figure("enrol", [9.0], [100.0], 0.1, "enrolments/s", 1).is_met


@pytest.mark.parametrize(("seconds", "is_met"), [(2.5, True), (3.5, False)])
def test_what_has_no_measured_limit_is_held_against_a_bound(seconds: float, is_met: bool) -> None:
    figure = Figure("start", **against(3.0, [seconds]), goal=1.0, unit="s", n=1)
    assert figure.is_met is is_met
    assert json.loads(figure.line())["limit"] == 3.0
