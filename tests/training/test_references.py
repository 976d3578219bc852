"""Public references and slip codes: made, typed again, mistyped."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.references import (
    ALPHABET,
    KINDS,
    Mistyped,
    check_character,
    new_reference,
    new_slip_code,
    parse_reference,
    parse_slip_code,
    written_slip_code,
)

BODIES = st.text(ALPHABET, min_size=9, max_size=9)


def reference(body: str, kind: str = "CQ") -> str:
    return f"{kind}-26-{body[:5]}-{body[5:]}{check_character(body)}"


def test_the_check_character_of_the_contract():
    assert check_character("7F3KMQ9XW") == "S"
    assert parse_reference("CQ-26-7F3KM-Q9XWS") == "CQ-26-7F3KM-Q9XWS"


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_reference_carries_kind_and_year_and_reads_back(kind):
    fresh = new_reference(kind, date(2026, 11, 25))
    assert re.fullmatch(rf"{kind}-26-[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}", fresh)
    assert parse_reference(fresh) == fresh


def test_no_two_are_alike_and_no_character_looks_like_another():
    fresh = {new_reference("CQ", date(2026, 11, 25)) for _ in range(500)}
    assert len(fresh) == 500
    assert len(set(ALPHABET)) == 30
    assert not set("01ILOU") & set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        "cq-26-7f3km-q9xws",
        "CQ267F3KMQ9XWS",
        " cq 26 7f3km q9xws ",
        "CQ－26－7F3KM－Q9XWS",
        "CQ–26–7F3KM–Q9XWS",
    ],
)
def test_any_case_with_or_without_hyphens(typed):
    assert parse_reference(typed) == "CQ-26-7F3KM-Q9XWS"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "CQ-26-7F3KM-Q9XWT",
        "XX-26-7F3KM-Q9XWS",
        "CQ-2A-7F3KM-Q9XWS",
        "CQ-26-7F3KM-Q9XW",
        "CQ-26-7F3KM-Q9XWSS",
        "CQ-26-0F3KM-Q9XWS",
        "CQ-26-7F3KM-Q9XWS'--",
        "7F3KMQ9XWS",
        "A" * 5000,
    ],
)
def test_what_is_mistyped_is_refused(typed):
    with pytest.raises(Mistyped):
        parse_reference(typed)


@given(BODIES, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(body, place, other):
    wrong = body[:place] + other + body[place + 1 :]
    text = f"CQ-26-{wrong[:5]}-{wrong[5:]}{check_character(body)}"
    if wrong == body:
        assert parse_reference(text) == reference(body)
    else:
        with pytest.raises(Mistyped):
            parse_reference(text)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_mistyped(text):
    try:
        read = parse_reference(text)
    except Mistyped:
        return
    assert parse_reference(read) == read


def test_a_slip_code_has_68_bits_and_reads_back_from_paper():
    code = new_slip_code()
    assert re.fullmatch(rf"[{ALPHABET}]{{14}}", code)
    assert parse_slip_code(written_slip_code(code).lower()) == code
    assert re.fullmatch(r".{5}-.{5}-.{4}", written_slip_code(code))


@pytest.mark.parametrize(
    "typed", ["", "123456", "H7QM2-9XKWT-4VR", "H7QM2-9XKWT-4VR80", "H7QM2-9XKWT-4VRO", "x" * 900]
)
def test_what_cannot_be_a_slip_code_is_none(typed):
    assert parse_slip_code(typed) is None
