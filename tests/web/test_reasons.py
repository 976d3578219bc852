"""Every reason a rule can give has a sentence in both languages, met or not, with its values or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from training.policy.cases import findings_of
from training.policy.facts import EXCLUSIONS
from training.policy.pack import Pack
from training.policy.queries import cases_of, load_pack
from training.policy.rules import Answer, Basis, Factor, Finding, Reason
from web.factors import factor_sentence
from web.reasons import (
    cap_sentence,
    code_sentence,
    exclusion_sentence,
    reason_hint,
    reason_sentence,
    spoken_codes,
)
from web.settings import ROOT

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
CONTRACT = [
    "under_age",
    "deceased",
    "draws_pension",
    "full_time_student",
    "group_not_eligible",
    "cap_reached",
    "already_paid_same_level",
    "higher_level_held",
    "already_in_class",
    "class_full",
    "class_started",
    "class_not_open",
    "school_suspended",
    "overlapping_class",
    "staff_phone",
]
NOTICES = [
    "public_payroll",
    "draws_unemployment_benefit",
    "paid_from_other_fund",
    "class_too_short",
    "level_not_paid",
    "grade_too_low",
    "certificate_missing",
    "only_with_other_subsidy",
    "attendance_too_low",
]
# What else keeps a case from passing.
CASES = [
    "number_missing",
    "number_left",
    "not_returned",
    "record_frozen",
    "not_theirs",
    "not_at_counter",
    "day_limit",
    "holds_enough",
]
# What the desk and the pages of moving seats say.
SEATS = [
    "choose_one",
    "class_cancelled",
    "no_change_now",
    "no_free_seat",
    "no_open_offer",
    "no_other_class",
    "no_seat_there",
    "nobody_in_line",
    "offer_open",
    "offer_over",
    "other_course",
]
MET: tuple[Answer, ...] = ("yes", "no", "unknown")
LANGUAGES = ("zh", "en")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(params=LANGUAGES)
def tongue(request: pytest.FixtureRequest, portal: Flask) -> Iterator[str]:
    """A language, spoken for the length of the test."""
    with portal.test_request_context(headers={"Cookie": f"display={request.param}.standard"}):
        yield request.param


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ROOT / "packs" / "chongqing")


def findings_of_all_cases(pack: Pack) -> Iterator[Finding]:
    for notice in pack.notices.values():
        for case in cases_of(pack, notice):
            yield from findings_of(case, notice).values()


def is_in(tongue: str, sentence: str) -> bool:
    return bool(CHINESE.search(sentence)) is (tongue == "zh") and "%(" not in sentence


@pytest.mark.parametrize("code", [*CONTRACT, *NOTICES, *CASES])
def test_every_code_has_a_sentence_for_each_answer(tongue: str, code: str) -> None:
    said = [reason_sentence(Reason(code, met)) for met in MET]
    assert len(set(said)) == 3
    assert all(is_in(tongue, sentence) for sentence in said), said
    assert code_sentence(code) == said[1]


def test_nothing_is_spoken_that_no_rule_says(tongue: str) -> None:
    assert set(spoken_codes()) == {*CONTRACT, *NOTICES, *CASES, *SEATS}


def test_every_reason_of_every_worked_case_has_a_sentence(tongue: str, pack: Pack) -> None:
    seen = 0
    for finding in findings_of_all_cases(pack):
        for reason in finding.reasons:
            seen += 1
            sentence = reason_sentence(reason)
            assert reason.code not in sentence
            assert is_in(tongue, sentence) or reason.values.get("office"), sentence
    assert seen > 100


def test_every_line_of_an_amount_has_words(tongue: str, pack: Pack) -> None:
    for finding in findings_of_all_cases(pack):
        for factor in finding.factors:
            assert factor_sentence(factor).split(":")[0] != factor.name
            assert is_in(tongue, factor_sentence(factor))


def test_every_exclusion_and_cap_has_words(tongue: str) -> None:
    for name in EXCLUSIONS:
        assert is_in(tongue, exclusion_sentence(name))
    for window in ("calendar_year", "rolling_12m", "lifetime"):
        for scope in ("all", "family", "family_occupation", "family_occupation_level"):
            assert is_in(tongue, cap_sentence(1, window, scope))


def test_a_payment_elsewhere_is_named_by_office_day_and_telephone_only(portal: Flask) -> None:
    values: dict[str, Any] = {
        "count": 1,
        "window": "calendar_year",
        "scope": "family",
        "used": 1,
        "held": 0,
        "office": "万州区人力社保局",
        "on": date(2026, 3, 2),
        "phone": "023-0000 0901",
        "state": "used",
        "again_on": date(2027, 1, 1),
    }
    with portal.test_request_context(headers={"Cookie": "display=en.standard"}):
        reason = Reason("cap_reached", "no", values)
        sentence = reason_sentence(reason)
        assert "万州区人力社保局" in sentence
        assert "2 March" in sentence
        assert "023-0000 0901" in sentence
        assert "1 January" in reason_hint(reason)


def test_the_enrolment_in_the_way_is_named(portal: Flask) -> None:
    reason = Reason("already_in_class", "no", {"reference": "CQ-26-7F3KM-Q9XWS"})
    said = {
        "zh": "您已报了这个班，编号 CQ-26-7F3KM-Q9XWS",
        "en": f"You are already in this class, reference {reason.values['reference']}",
    }
    for tongue, words in said.items():
        with portal.test_request_context(headers={"Cookie": f"display={tongue}.standard"}):
            assert reason_sentence(reason) == words


def test_a_reason_that_is_met_asks_for_nothing(tongue: str) -> None:
    assert [code for code in spoken_codes() if reason_hint(Reason(code, "yes"))] == []


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (("standard", "150000", 150000), "Standard amount: ¥1,500"),
        (("grade", "90%", -15000), "Grade of the school: 90%: −¥150"),
        (("grade", "100%", 0), "Grade of the school: 100%: nothing taken off"),
        (("uplift", "30000", 30000), "Added for this occupation: +¥300"),
        (("days", "16 × 5000", 80000), "16 days × ¥50 = ¥800"),
    ],
)
def test_an_amount_can_be_reckoned_along(portal: Flask, factor: tuple[str, str, int], words: str) -> None:
    with portal.test_request_context(headers={"Cookie": "display=en.standard"}):
        assert factor_sentence(Factor(*factor, Basis(""))) == words
