"""A pack is ready, or the check says what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.training.policy.packs import FOLDER, chongqing
from training.policy.check import pack_problems, values_of
from training.policy.queries import papers


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("demo"))
    return folder


def change(path: Path, old: str, new: str, count: int = 1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def test_chongqing_is_ready():
    assert pack_problems(FOLDER) == []


def test_a_missing_folder_is_one_problem(tmp_path):
    assert len(pack_problems(tmp_path / "nowhere")) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("notices/cq-2026-18.toml", "min_age =", "min_agee =", "min_age"),
        ("notices/cq-2026-18.toml", "number =", "numbr =", "number"),
        ("notices/cq-2026-18.toml", 'source = "S39"', 'source = "S999"', "S999"),
        ("notices/cq-2026-18.toml", '"confirmed", source = "S3"', '"confirmed"', "without a source"),
        ("notices/cq-2026-18.toml", '"6-31-07-01"', '"6-31-07-99"', "6-31-07-99"),
        ("notices/cq-2026-18.toml", "2026-01-01", "2026-01-02", "day after"),
        ("notices/cq-2026-18.toml", 'replaces = "cq-2023-7"', "", "replaces"),
        ("notices/spb-2026-3.toml", '["500106"]', '["500199"]', "500199"),
        ("notices/cq-2026-18.toml", "value = 150000", "value = 150001", "cases/cq-2026-18.toml"),
        ("notices/cq-2026-18.toml", "value = 150000", "value = -1", "greater than or equal to 0"),
        ("cases/cq-2026-18.toml", 'code = "zhou"', 'kode = "zhou"', "cases/cq-2026-18.toml"),
        ("cases/cq-2026-18.toml", 'employed = "no"', 'emploied = "no"', "emploied"),
        ("districts.csv", ",500157,", ",500999,", "500999"),
        ("districts.csv", "500101,district", "500101,distrikt", "line 2"),
        ("occupations.csv", ",cooking", ",kooking", "kooking"),
        ("occupations.csv", ",5-1,", ",5-9,", "line 2"),
        ("centres.csv", "CQ001,500101", "CQ001,500199", "500199"),
        ("calendar/2026.csv", "2026-01-01", "2026-13-01", "line 2"),
        ("names.toml", "[words]", "[wrds]", "names.toml"),
        ("pack.toml", "hotline", "hottline", "pack.toml"),
        ("pack.toml", "name = {", "name = ", "pack.toml"),
    ],
)
def test_what_is_wrong_is_named(copy, file, old, new, said):
    change(copy / file, old, new)
    assert any(said in problem for problem in pack_problems(copy))


def test_a_notice_without_cases_is_not_ready(copy):
    (copy / "cases" / "spb-2026-3.toml").unlink()
    assert pack_problems(copy) == ["cases/spb-2026-3.toml: no worked cases"]


def test_a_pack_without_a_municipal_notice_is_not_ready(copy):
    for path in (copy / "notices").glob("cq-*.toml"):
        path.unlink()
    assert "notices: no municipal notice" in pack_problems(copy)


def test_confirmed_values_have_a_source_and_no_amount_of_the_fee_is_confirmed():
    for notice in papers(chongqing()):
        for path, value in values_of(notice):
            assert value.status == "example" or value.source in notice.sources
            if path.startswith("families.tuition.amounts"):
                assert value.is_example
