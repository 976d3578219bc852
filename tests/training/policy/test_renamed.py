"""An occupation under a new code is the same occupation: it is not paid for twice, and the pack says where it leads."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.training.policy.makers import COOK, ELECTRICIAN, codes, paid, person, tuition
from tests.training.policy.packs import FOLDER, chongqing
from training.policy.check import pack_problems
from training.policy.pack import Pack
from training.policy.queries import codes_of_trade, same_trade
from training.policy.reader import read_pack

OLD, OLDER = "6-99-01-01", "X6-99-01"
HEADING = "old_code,new_code,from,note\n"
LONG_AGO = date(2019, 5, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "pack"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("demo"))
    return copy


def renamed(folder: Path, *rows: tuple[str, str]) -> Path:
    lines = "".join(f"{old},{new},2022-07-11,\n" for old, new in rows)
    (folder / "renamed_occupations.csv").write_text(HEADING + lines, encoding="utf-8")
    return folder


@pytest.fixture
def pack(folder: Path) -> Pack:
    """The electrician had one code before, and another before that."""
    return read_pack(renamed(folder, (OLDER, OLD), (OLD, ELECTRICIAN)))


def test_the_newest_code_counts_however_often_it_was_renamed(pack: Pack) -> None:
    assert [same_trade(pack, code) for code in (OLDER, OLD, ELECTRICIAN)] == [ELECTRICIAN] * 3
    assert codes_of_trade(pack, OLD) == {OLDER, OLD, ELECTRICIAN}


def test_what_was_never_renamed_stands_for_itself(pack: Pack) -> None:
    for code in (COOK, "unknown", ""):
        assert same_trade(pack, code) == code
        assert codes_of_trade(pack, code) == {code}
    assert same_trade(chongqing(), OLD) == OLD


def test_the_same_level_under_an_old_code_is_paid_already() -> None:
    past = paid(LONG_AGO, occupation=OLD)
    assert codes(tuition(person(), past)) == []
    known = replace(past, also=frozenset({ELECTRICIAN}))
    assert codes(tuition(person(), known)) == ["already_paid_same_level"]
    assert codes(tuition(person(), replace(known, level="4"), level="3")) == []


def test_a_higher_level_under_an_old_code_blocks_a_lower() -> None:
    past = paid(LONG_AGO, occupation=OLD, level="3", also=frozenset({ELECTRICIAN}))
    assert codes(tuition(person(), past)) == ["higher_level_held"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(OLD, "6-99-09-09")], f"{OLD} leads to an unknown occupation 6-99-09-09"),
        ([(OLD, OLDER), (OLDER, OLD)], f"{OLD} leads in a circle"),
        ([(OLD, OLD)], f"{OLD} leads in a circle"),
        ([(COOK, ELECTRICIAN)], f"{COOK} is still an occupation"),
        ([(OLD, ELECTRICIAN), (OLD, COOK)], f"{OLD} stands there twice"),
        ([("", ELECTRICIAN)], "line 2"),
    ],
)
def test_a_row_that_leads_nowhere_or_in_a_circle_is_named(
    folder: Path, rows: list[tuple[str, str]], said: str
) -> None:
    assert any(said in problem for problem in pack_problems(renamed(folder, *rows)))


def test_a_pack_with_rows_that_lead_somewhere_is_ready(folder: Path) -> None:
    assert pack_problems(renamed(folder, (OLDER, OLD), (OLD, ELECTRICIAN))) == []
