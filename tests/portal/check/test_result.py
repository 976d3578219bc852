"""The answer: one card a subsidy, with its reasons; whatever stands in the address."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from tests.page import Node, parse
from tests.visitor import Visitor
from training.policy.facts import EXCLUSIONS, GROUPS

pytestmark = [pytest.mark.parametrize("engine", ["sqlite"], indirect=True), pytest.mark.usefixtures("clock")]
FIVE = {
    "birth_year": "1985",
    "situation": "migrant",
    "district": "500103",
    "had_subsidy_this_year": "no",
    "wants": "cooking",
}
MARKS = ("data-family", "data-outcome", "data-amount-fen", "data-reason", "data-met")


def card(page: Node, family: str) -> Node:
    return page.one("article", data_family=family)


def reasons(node: Node) -> dict[str, str]:
    return {li.attrs["data-reason"]: li.attrs["data-met"] for li in node.all("li", data_reason=True)}


def test_a_migrant_worker_can_have_the_training_paid(citizen: Visitor) -> None:
    tuition = card(citizen.open("/check/result", **FIVE), "tuition")
    assert tuition.attrs["data-outcome"] == "yes"
    assert tuition.attrs["data-amount-fen"] == "150000"  # the listed standard of level 5: 1,500 yuan
    assert reasons(tuition) == {"under_age": "yes", "group_not_eligible": "yes", "cap_reached": "yes"}
    assert "Met:" in tuition.text, "the mark is said in words too"
    assert "example" in tuition.text, "an example never stands without its mark"


@pytest.mark.parametrize(("had", "outcome", "met"), [("yes", "no", "no"), ("unknown", "maybe", "unknown")])
def test_a_subsidy_of_this_year_decides(citizen: Visitor, had: str, outcome: str, met: str) -> None:
    page = citizen.open("/check/result", **{**FIVE, "had_subsidy_this_year": had})
    tuition = card(page, "tuition")
    assert tuition.attrs["data-outcome"] == outcome
    assert reasons(tuition)["cap_reached"] == met
    assert (tuition.attrs["data-amount-fen"] == "") is (outcome == "no")


def test_cards_stand_in_the_order_yes_maybe_no_and_are_counted(citizen: Visitor) -> None:
    page = citizen.open("/check/result", **FIVE, poverty_monitored="no")
    outcomes = page.marks("data-outcome")
    assert outcomes == sorted(outcomes, key=["yes", "maybe", "no"].index)
    tally = next(node for node in page.all("ul") if node.has_class("tally"))
    counted = [int(item.all("b")[0].text) for item in tally.all("li")]
    assert counted == [outcomes.count(outcome) for outcome in ("yes", "maybe", "no")]


def test_the_sum_is_of_what_is_sure(citizen: Visitor) -> None:
    page = citizen.open("/check/result", **FIVE, poverty_monitored="yes")
    sure = [node for node in page.all("article") if node.attrs["data-outcome"] == "yes"]
    fen = sum(int(node.attrs["data-amount-fen"]) for node in sure)
    assert f"¥{fen // 100:,}" in page.one("h1").text


def test_a_missing_paper_is_named(citizen: Visitor) -> None:
    assessment = card(citizen.open("/check/result", **FIVE), "assessment")
    assert assessment.attrs["data-outcome"] == "maybe"
    assert "Skill-level certificate" in assessment.text


def test_nothing_to_be_had_is_said_first_with_ways_on(citizen: Visitor) -> None:
    page = citizen.open("/check/result", **{**FIVE, "birth_year": "2015"})
    assert set(page.marks("data-outcome")) == {"no"}
    assert "no subsidy for you now" in page.one("h1").text
    assert {"/courses?district=500103&free=1", "/centres?district=500103"} <= set(page.marks("href"))


def test_every_card_leads_to_its_notice(citizen: Visitor) -> None:
    page = citizen.open("/check/result", **{**FIVE, "district": "500106"})
    links = {link.attrs["href"] for link in card(page, "tuition").all("a")}
    assert {"/rules/cq-2026-18", "/rules/spb-2026-3"} <= links
    for link in links:
        if link.startswith("/rules/"):
            citizen.open(link)
            assert citizen.status == 200


def test_answers_stand_beside_it_with_a_way_to_change_each(citizen: Visitor) -> None:
    page = citizen.open("/check/result", **FIVE, poverty_monitored="no")
    changes = [
        a.attrs["href"]
        for a in page.all("a")
        if a.text.startswith("Change ") and "/check/" in a.attrs["href"]
    ]
    asked = [re.search(r"/check/(\d)", link) for link in changes]
    assert {found[1] for found in asked if found} == set("123456")


@pytest.mark.parametrize("left_out", list(FIVE))
def test_what_is_missing_is_asked(citizen: Visitor, left_out: str) -> None:
    answer = citizen.client.get(
        "/check/result", query_string={name: value for name, value in FIVE.items() if name != left_out}
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"/check/{list(FIVE).index(left_out) + 1}?")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("birth_year", "abc"),
        ("situation", "astronaut"),
        ("had_subsidy_this_year", "perhaps"),
        ("wants", "\x00"),
    ],
)
def test_an_answer_that_cannot_be_read_is_said_at_its_question(
    citizen: Visitor, field: str, typed: str
) -> None:
    page = citizen.open("/check/result", **{**FIVE, field: typed})
    assert (citizen.status, page.mark("data-error")) == (422, field)
    kept = {node.attrs["name"]: node.attrs["value"] for node in page.all("input", type="hidden")}
    assert kept == {name: value for name, value in FIVE.items() if name != field}


def test_A20_of_a_repeated_parameter_the_first_counts(citizen: Visitor) -> None:
    query = "&".join(f"{name}={value}" for name, value in FIVE.items())
    page = parse(citizen.client.get(f"/check/result?{query}&had_subsidy_this_year=yes").get_data())
    assert card(page, "tuition").attrs["data-outcome"] == "yes"
    page = parse(citizen.client.get(f"/check/result?had_subsidy_this_year=yes&{query}").get_data())
    assert card(page, "tuition").attrs["data-outcome"] == "no"


def test_a_district_nobody_knows_is_said_and_the_rules_of_the_city_are_used(citizen: Visitor) -> None:
    page = citizen.open("/check/result", **{**FIVE, "district": "Atlantis"})
    assert citizen.status == 200
    assert "We do not know this district" in page.text


@pytest.mark.parametrize("written", ["沙坪坝区", "Shapingba District", "500106"])
def test_a_district_is_known_by_code_and_by_name(citizen: Visitor, written: str) -> None:
    page = citizen.open("/check/result", **{**FIVE, "district": written})
    assert "Shapingba District" in page.text
    assert "/rules/spb-2026-3" in page.marks("href")


def test_I38_both_languages_carry_the_same_marks(citizen: Visitor) -> None:
    for query in (FIVE, {**FIVE, "had_subsidy_this_year": "yes"}, {**FIVE, "situation": "unsure"}):
        seen = []
        for language in ("zh", "en"):
            citizen.client.set_cookie("display", f"{language}.standard")
            page = citizen.open("/check/result", **query)
            seen.append([page.marks(mark) for mark in MARKS] + [citizen.status])
        assert seen[0] == seen[1]


def test_A65_a_result_is_asked_for_again_and_not_sent_twice(citizen: Visitor) -> None:
    first = citizen.client.get("/check/result", query_string=FIVE)
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in first.headers["Vary"]
    again = citizen.client.get(
        "/check/result", query_string=FIVE, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.get_data()) == (304, b"")
    citizen.client.set_cookie("display", "zh.standard")
    other = citizen.client.get(
        "/check/result", query_string=FIVE, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert other.status_code == 200


def test_A53_nothing_in_it_carries_a_token(citizen: Visitor) -> None:
    page = citizen.open("/check/result", **FIVE)
    assert not page.all("input", name="csrf_token")
    assert not page.all("form", method="post")


VALUES = some.one_of(
    some.sampled_from(
        ["1985", "1900", "2015", "yes", "no", "unknown", "migrant", "employee", "unsure", "500106"]
    ),
    some.sampled_from(
        ["cooking", "undecided", "500112", "X50001", "' OR 1=1 --", "<b>", "０", "\x00", "{{7*7}}"]
    ),
    some.text(max_size=12),
)
NAMES = some.sampled_from([*FIVE, *GROUPS, *EXCLUSIONS, "action", "next"])


def test_A56_no_query_makes_it_fail(portal: Flask) -> None:
    """Whatever stands in the address: a result, or a question; of five readable answers always a result."""

    @given(some.lists(some.tuples(NAMES, VALUES), max_size=12), some.booleans())
    def try_it(pairs: list[tuple[str, str]], complete: bool) -> None:
        query = ([*FIVE.items()] if complete else []) + pairs
        answer = portal.test_client().get("/check/result", query_string=query)
        assert answer.status_code in ({200} if complete else {200, 303, 422})
        for n in (1, 3, 6):
            assert portal.test_client().get(f"/check/{n}", query_string=query).status_code in (200, 303, 422)

    try_it()
