"""What a cell means: dates, amounts, levels, numbers and names as districts write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.records.files import number_of, short_number
from training.records.rules import (
    BadCell,
    Figure,
    day_in,
    fen_in,
    level_in,
    name_in,
    number_in,
    shown,
    word_in,
)
from training.records.rules.cells import EXCEL_DAY_0, FIRST_DAY

TODAY = date(2026, 6, 16)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-3-1",
        "2024/03/01",
        "2024.3.1",
        "2024年3月1日",
        "20240301",
        "45352",
        "45352.5",
        "2024-03-01 00:00:00",
        " ２０２４－３－１ ",
        "2024-03-01T08:30:00",
        "2024 年 3 月 1 号",
    ],
)
def test_a_day_is_read_in_every_form_that_is_certain(cell) -> None:
    assert day_in(cell, TODAY) == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2021-02-30", "no_such_day"),
        ("2021-13-02", "no_such_day"),
        ("21.3.4", "date_form"),
        ("3/4/2021", "date_form"),
        ("2024", "date_form"),
        ("2024年3月", "date_form"),
        ("2026-06-17", "date_future"),
        ("1999-12-31", "date_old"),
        ("", "empty"),
        ("\u200b", "empty"),
    ],
)
def test_a_day_that_is_not_certain_is_named(cell, code) -> None:
    with pytest.raises(BadCell) as bad:
        day_in(cell, TODAY)
    assert bad.value.code == code


def test_days_of_a_workbook_that_counts_from_1904() -> None:
    assert day_in("43890", TODAY, True) == date(2024, 3, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "1500",
        "1,500.00",
        "¥1500",
        "￥1,500",
        "1500元",
        "0.15万",
        "０．１５万元",
        "1500.0",
        "人民币1500元整",
        "1.5E3",
    ],
)
def test_A44_an_amount_is_read_in_fen(cell) -> None:
    assert fen_in(cell) == 150_000


@pytest.mark.parametrize("cell", ["0.15", "0.15000000000000002", "0.15万", "1500元"])
def test_a_heading_in_ten_thousands_counts_unless_the_cell_says_its_unit(cell) -> None:
    assert fen_in(cell, True) == 150_000


@pytest.mark.parametrize(
    ("cell", "wide", "code"),
    [
        ("1500", True, "seems_yuan"),
        ("-1500", False, "amount_negative"),
        ("0", False, "amount_negative"),
        ("1500.005", False, "amount_fraction"),
        ("1E-999", False, "amount_fraction"),
        ("1e999999", False, "amount_large"),
        ("100000.01", False, "amount_large"),
        ("NaN", False, "amount_form"),
        ("Infinity", False, "amount_form"),
        ("一千五", False, "amount_form"),
        ("1,50", False, "amount_form"),
        ("1500+200", False, "amount_form"),
        ("", False, "empty"),
    ],
)
def test_A44_an_amount_that_cannot_be_is_named(cell, wide, code) -> None:
    with pytest.raises(BadCell) as bad:
        fen_in(cell, wide)
    assert bad.value.code == code


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        ("五级", "5"),
        ("初级", "5"),
        ("初级工", "5"),
        ("5", "5"),
        ("Level 5", "5"),
        ("5.0", "5"),
        ("技师", "2"),
        ("高级技师", "1"),
        ("专项", "special"),
        ("专项职业能力", "special"),
        ("四级（中级工）", "4"),
        ("三级/高级工", "3"),
    ],
)
def test_levels_old_and_new(cell, level) -> None:
    assert level_in(cell) == level


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (Figure("5.00101198702222E+17"), "damaged"),
        ("5.00101E+17", "damaged"),
        (Figure("500101198702222016"), "damaged"),
        ("500101198702221000", "damaged"),
        ("5001011987022", "number_length"),
        ("500101198702222222", "check_digit"),
        ("E04312291", "identity_needed"),
        ("6222021234567890123", "number_length"),
        ("", "empty"),
        ("50010119870222\u202e2222", "bad_character"),
    ],
)
def test_A26_a_number_that_is_none_says_why(cell, code) -> None:
    with pytest.raises(BadCell) as bad:
        number_in(cell, TODAY)
    assert bad.value.code == code


def test_A26_one_number_in_all_its_spellings() -> None:
    number = next(one for one in map(number_of, range(500)) if one.endswith("X"))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for cell in (number, number.lower(), f" {number[:6]} {number[6:14]} {number[14:]} ", wide, f"'{number}"):
        assert number_in(cell, TODAY).value == number
    for cell in (f'="{number}"', f"\u200b{number}\ufeff", short_number(number), Figure(short_number(number))):
        assert number_in(cell, TODAY).value == number


@pytest.mark.parametrize("cell", ["冉·阿依古丽", "𠮷田一芳", "〇小满", "Ann O'Neil", "x" * 64])
def test_A61_rare_names_stay_as_they_are(cell) -> None:
    assert name_in(f" {cell}\u200b") == cell


@pytest.mark.parametrize(
    ("cell", "code"),
    [("", "empty"), ("冉\u202e平", "name_character"), ("冉平1", "name_character"), ("冉" * 65, "name_long")],
)
def test_A61_a_name_that_is_none_says_why(cell, code) -> None:
    with pytest.raises(BadCell) as bad:
        name_in(cell)
    assert bad.value.code == code


def test_A62_what_is_shown_of_a_cell_is_masked() -> None:
    number = number_of(3)
    assert number not in shown("number", number)
    assert number not in shown("amount", f"x{number}")
    assert shown("name", "冉小芳") == "冉*芳"
    assert shown("paid_on", "2021-02-30") == "2021-02-30"
    assert "\x07" not in shown("occupation", "a\x07b")


@given(
    st.dates(FIRST_DAY, TODAY),
    st.sampled_from(["{0:%Y%m%d}", "{0:%Y-%m-%d}", "{0.year}.{0.month}.{0.day}", "{1}"]),
)
def test_every_day_comes_back_from_every_form(day, form) -> None:
    assert day_in(form.format(day, (day - EXCEL_DAY_0).days), TODAY) == day


@given(st.integers(1, 10_000_000), st.sampled_from(["{0:.2f}", "{0:,.2f}", "¥{0:.2f}", "{1:.6f}万"]))
def test_every_amount_comes_back_from_every_form(fen, form) -> None:
    assert fen_in(form.format(fen / 100, fen / 1_000_000)) == fen


@given(st.text(max_size=60))
def test_no_cell_ends_in_anything_but_a_value_or_a_name_for_the_fault(cell) -> None:
    for read in (
        lambda: day_in(cell, TODAY),
        lambda: fen_in(cell),
        lambda: level_in(cell),
        lambda: word_in(cell),
        lambda: name_in(cell),
        lambda: number_in(cell, TODAY),
        lambda: number_in(Figure(cell), TODAY) and None,
        lambda: shown("number", cell),
    ):
        with suppress(BadCell):
            read()


def test_a_year_of_days_is_no_accident() -> None:
    assert {day_in(str(36526 + n), TODAY) for n in range(366)} == {
        date(2000, 1, 1) + timedelta(n) for n in range(366)
    }
