"""What a person may type for a number, and what is said back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from training.errors import BadNumber
from training.numbers import born_on, masked, masked_name, masked_phone, recognise

TODAY = date(2026, 11, 25)
WHOLE = "11010519491231002X"  # the example of GB 11643-1999
DAYS = st.dates(date(1900, 1, 1), TODAY)
AREAS = st.sampled_from(["500106", "510203", "512221", "513522", "110105", "999999", "000000"])


def number18(area: str, born: date, serial: int) -> str:
    body = f"{area}{born:%Y%m%d}{serial:03d}"
    return body + ric.calc_check_digit(f"{body}0")


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        (WHOLE, "number18", WHOLE),
        ("11010519491231002x", "number18", WHOLE),
        (" 110105 19491231 002x ", "number18", WHOLE),
        ("110105-19491231-002X", "number18", WHOLE),
        ("１１０１０５１９４９１２３１００２Ｘ", "number18", WHOLE),
        ("110105\u200919491231\u3000002X", "number18", WHOLE),
        ("110105491231002", "number15", WHOLE),
        ("E0412317X", "card", "E0412317X"),
        ("e0412317x", "card", "E0412317X"),
        ("123456789", "card", "123456789"),
        ("12345678", "card", "12345678"),
        ("HKG012345678", "hmt", "HKG012345678"),
        ("mac012345678", "hmt", "MAC012345678"),
        ("ＴＷＮ０１２３４５６７８", "hmt", "TWN012345678"),
    ],
)
def test_what_was_typed_is_recognised_and_brought_to_one_form(typed, kind, value):
    number = recognise(typed, TODAY)
    assert (number.kind, number.value) == (kind, value)
    assert number.is_card == (kind == "card")


@pytest.mark.parametrize(
    ("typed", "remarks"),
    [("12345678", ("short_card",)), ("110105491231002", ("converted_15",)), (WHOLE, ()), ("123456789", ())],
)
def test_what_is_unusual_is_said_and_never_refused(typed, remarks):
    assert recognise(typed, TODAY).remarks == remarks


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("- -", "empty"),
        ("E0412/17X", "bad_character"),
        ("卡号123456", "bad_character"),
        ("12345\x006789", "bad_character"),
        ("12345\u202e6789", "bad_character"),
        ("1", "card_length"),
        ("1234567", "card_length"),
        ("1234567890", "card_length"),
        ("HKG01234567", "card_length"),
        ("XYZ012345678", "card_length"),
        ("1234567890123", "number_length"),
        ("11010519491231002", "number_length"),
        ("11010519491231002XX", "number_length"),
        ("9" * 40, "number_length"),
        ("110105194912310021", "check_digit"),
        ("110105194913310020", "check_digit"),
        ("110105491331002", "check_digit"),
        ("6222021234567890", "bank_number"),
        ("6217001234567890123", "bank_number"),
    ],
)
def test_what_cannot_be_a_number_is_named(typed, code):
    with pytest.raises(BadNumber) as caught:
        recognise(typed, TODAY)
    assert (caught.value.field, caught.value.code) == ("number", code)


def test_a_length_that_does_not_fit_is_told():
    with pytest.raises(BadNumber) as caught:
        recognise("1234567", TODAY)
    assert caught.value.values == {"length": 7}


def test_the_odd_character_is_told():
    with pytest.raises(BadNumber) as caught:
        recognise("E0412/17X", TODAY)
    assert caught.value.values == {"character": "/"}


def test_nobody_is_born_tomorrow_or_before_1900():
    tomorrow = number18("500106", date(2026, 11, 26), 1)
    assert born_on(tomorrow, TODAY) is None
    assert born_on(number18("500106", date(1899, 12, 31), 1), TODAY) is None
    assert recognise(tomorrow, date(2026, 11, 26)).kind == "number18"


@given(AREAS, DAYS, st.integers(0, 999))
def test_no_area_code_is_ever_refused(area, born, serial):
    number = recognise(number18(area, born, serial), TODAY)
    assert number.kind == "number18"
    assert born_on(number.value, TODAY) == born


@given(AREAS, st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 999))
def test_I25_the_old_form_and_the_new_are_one_number(area, born, serial):
    old = f"{area}{born:%y%m%d}{serial:03d}"
    assert recognise(old, TODAY).value == recognise(number18(area, born, serial), TODAY).value


@given(AREAS, DAYS, st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_digit_mistyped_is_never_taken_for_the_number(area, born, serial, place, more):
    number = number18(area, born, serial)
    if not number[place].isdigit():
        return
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    with pytest.raises(BadNumber):
        recognise(wrong, TODAY)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_recognised_or_named_never_an_error(text):
    known = {"empty", "bad_character", "bank_number", "card_length", "number_length", "check_digit"}
    assert said_of(text) in known | {"card", "number18", "number15", "hmt"}


def said_of(text: str) -> str:
    try:
        return recognise(text, TODAY).kind
    except BadNumber as refused:
        return refused.code


@given(AREAS, DAYS, st.integers(0, 999))
def test_the_one_form_is_recognised_again_as_itself(area, born, serial):
    value = number18(area, born, serial)
    assert recognise(recognise(value.lower(), TODAY).value, TODAY).value == value


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        (WHOLE, "110 *** 02X"),
        ("E0412317X", "E04 *** 17X"),
        ("12345678", "*** 78"),
        ("HKG012345678", "HKG *** 678"),
    ],
)
def test_a_masked_number_shows_three_and_three(whole, shown):
    assert masked(whole) == shown


def test_a_masked_phone_shows_three_and_four():
    assert masked_phone("13800004172") == "138 **** 4172"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("周小满", "周*满"),
        ("冉平", "冉*"),
        ("欧阳小满", "欧**满"),
        ("阿依古丽·买买提", "阿******提"),
        ("〇", "〇*"),
        ("Li Ming", "L*** M***"),
        ("", ""),
    ],
)
def test_a_masked_name_keeps_the_surname_and_the_last_character(name, shown):
    assert masked_name(name) == shown
