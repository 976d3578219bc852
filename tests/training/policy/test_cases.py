"""The worked cases come out, and every value of a notice is watched by one of them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from tests.training.policy.packs import FOLDER, chongqing
from training.policy.cases import Case, differences
from training.policy.models import CountedAt, Counts, Family, Level, Notice, Payee, Scope, Window
from training.policy.queries import paper
from training.policy.reader import merged
from training.policy.reader import paper as written

PAPERS = chongqing().papers
CASES = [(number, case) for number in PAPERS for case in chongqing().cases[number]]
WORDS: list[tuple[str, ...]] = [
    get_args(kind) for kind in (CountedAt, Counts, Payee, Scope, Window, Level, Family)
]
PAIRS = [("class", "certificate"), ("enrolment", "claim"), ("occupation_level", "period")]


@pytest.mark.parametrize(("number", "case"), CASES, ids=[case.code for _, case in CASES])
def test_case_comes_out_as_its_notice_says(number: str, case: Case) -> None:
    assert differences(case, paper(chongqing(), number)) == []


def test_cases_have_one_code_each() -> None:
    codes = [case.code for _, case in CASES]
    assert len(codes) == len(set(codes))


def test_the_cases_of_one_notice_do_not_hold_under_another() -> None:
    old = paper(chongqing(), "cq-2023-7")
    assert any(differences(case, old) for case in chongqing().cases["cq-2026-18"])


@pytest.mark.parametrize("number", PAPERS)
def test_changing_any_value_of_a_notice_breaks_a_case(number: str) -> None:
    table = written(FOLDER / "notices" / f"{number}.toml")
    unnoticed = [what for what, changed in changes(table) if holds_all_the_same(number, changed)]
    assert unnoticed == []


@pytest.mark.parametrize(("number", "least"), [("cq-2023-7", 100), ("cq-2026-18", 250), ("spb-2026-3", 10)])
def test_the_walk_over_a_notice_misses_nothing(number: str, least: int) -> None:
    table = written(FOLDER / "notices" / f"{number}.toml")
    seen = list(changes(table))
    assert len(seen) >= least
    assert all(changed != table for _, changed in seen)
    assert {path for path, _ in leaves(table)} <= {what.split(":")[0] for what, _ in seen}


def holds_all_the_same(number: str, table: dict[str, Any]) -> bool:
    """Whether every case of the paper still comes out under the changed table."""
    try:
        notice = Notice.model_validate(whole(table))
    except ValidationError:
        return False
    return not any(differences(case, notice) for case in chongqing().cases[number])


def whole(table: dict[str, Any]) -> dict[str, Any]:
    if table["scope"] == "municipal":
        return table
    return merged(written(FOLDER / "notices" / "cq-2026-18.toml"), table)


def changes(table: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The table with one value changed, for each way to change each value."""
    for path, value in leaves(table):
        for other in others(value):
            changed = deepcopy(table)
            place: Any = changed
            *way, last = path.split("/")
            for step in way:
                place = place[step]
            place[last] = other
            yield f"{path}: {value} -> {other}", changed


def leaves(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value, and the dates and districts for which a notice is in force."""
    for key, inner in table.items():
        here = f"{path}/{key}".lstrip("/")
        if key == "value" or isinstance(inner, date) or here in {"districts", "replaces"}:
            yield here, inner
        elif isinstance(inner, dict):
            yield from leaves(inner, here)


def others(value: Any) -> Iterator[Any]:
    """What a value may be changed into: the neighbours of a number, the other words, a list without one."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (number for number in (value + 1, value - 1) if number >= 0)
    elif isinstance(value, date):
        yield value + timedelta(days=1)
        yield value - timedelta(days=1)
    elif isinstance(value, list):
        yield from ([item for item in value if item != gone] for gone in value)
    else:
        kinds = [words for words in [*WORDS, *PAIRS] if value in words]
        yield from ({word for words in kinds for word in words} - {value}) or {f"{value}x"}
