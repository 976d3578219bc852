"""Five questions, one a page; the answers travel in the address."""

from __future__ import annotations

import pytest

from tests.page import Node, fields, parse
from tests.visitor import Visitor

pytestmark = [
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),  # nothing is read from the database
    pytest.mark.usefixtures("clock"),
]
FIVE = {
    "birth_year": "1985",
    "situation": "migrant",
    "district": "500103",
    "had_subsidy_this_year": "no",
    "wants": "cooking",
}


def press_next(citizen: Visitor, **chosen: str) -> Node:
    """Choose and press the one button of the question."""
    form = next(form for form in citizen.page.all("form") if "/check/" in form.attrs["action"])
    return citizen.open(form.attrs["action"], **(fields(form) | chosen), action="next")


def test_the_whole_way_from_the_first_question_to_the_result(citizen: Visitor) -> None:
    citizen.open("/check")
    for name, value in FIVE.items():
        assert citizen.page.first(None, name=name), f"{name} is not asked on {citizen.path}"
        press_next(citizen, **{name: value})
    assert citizen.path.startswith("/check/6"), "the living allowance depends on one more fact"
    press_next(citizen, poverty_monitored="no")
    assert citizen.status == 200
    assert citizen.path.startswith("/check/result")
    assert citizen.page.first("article", data_family="tuition")


def test_a_card_of_the_landing_answers_the_second_question(citizen: Visitor) -> None:
    citizen.open("/check/1", situation="graduate")
    press_next(citizen, birth_year="2003")
    assert citizen.path.startswith("/check/3")
    citizen.open("/check/2", situation="graduate", birth_year="2003")
    assert citizen.page.one("input", name="situation", checked=True).attrs["value"] == "graduate"


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_nothing_chosen_is_the_same_page_with_an_error_at_the_field(citizen: Visitor, n: int) -> None:
    name = list(FIVE)[n - 1]
    others = {key: value for key, value in FIVE.items() if key != name}
    page = citizen.open(f"/check/{n}", **others, action="next")
    assert citizen.status == 422
    assert page.mark("data-error") == name
    assert page.one("title").text.startswith("Error:")
    kept = {node.attrs["name"]: node.attrs["value"] for node in page.all("input", type="hidden")}
    assert kept == others, "what was answered before is kept"


def test_an_answer_that_is_none_is_an_error_too(citizen: Visitor) -> None:
    citizen.open("/check/2", situation="astronaut", action="next")
    assert citizen.status == 422


def test_the_question_before_keeps_what_was_answered(citizen: Visitor) -> None:
    page = citizen.open("/check/3", birth_year="1985", situation="migrant")
    back = next(link for link in page.all("a") if link.text == "Previous question")
    page = parse(citizen.client.get(back.attrs["href"]).get_data())
    assert page.one("input", name="situation", checked=True).attrs["value"] == "migrant"


def test_a_changed_answer_leads_straight_back_to_the_result(citizen: Visitor) -> None:
    citizen.open("/check/4", **FIVE, poverty_monitored="no")
    press_next(citizen, had_subsidy_this_year="yes")
    assert citizen.path.startswith("/check/result")
    assert citizen.page.one("article", data_family="tuition").attrs["data-outcome"] == "no"


def test_no_further_question_is_asked_when_nothing_depends_on_it(citizen: Visitor) -> None:
    citizen.open("/check/6", **{**FIVE, "birth_year": "2015"})
    assert citizen.path.startswith("/check/result"), "under age everything is refused anyway"


def test_whoever_is_old_enough_is_asked_about_a_pension(citizen: Visitor) -> None:
    page = citizen.open("/check/6", **{**FIVE, "birth_year": "1962"}, poverty_monitored="no")
    page = citizen.open("/check/7", **{**FIVE, "birth_year": "1962"}, poverty_monitored="no")
    assert page.first("input", name="draws_pension")
    press_next(citizen, draws_pension="yes")
    outcomes = {card.attrs["data-outcome"] for card in citizen.page.all("article", data_family=True)}
    assert outcomes == {"no"}


def test_a_further_question_waits_for_the_five(citizen: Visitor) -> None:
    citizen.open("/check/6", birth_year="1985")
    assert citizen.path.startswith("/check/2")


@pytest.mark.parametrize("n", ["0", "99", "x", "-1"])
def test_other_numbers_are_no_pages(citizen: Visitor, n: str) -> None:
    citizen.open(f"/check/{n}")
    assert citizen.status == 404


def test_A20_of_a_repeated_answer_the_first_counts_and_only_get_is_heard(citizen: Visitor) -> None:
    answer = citizen.client.get("/check/2?situation=migrant&situation=employee&action=next")
    assert answer.status_code == 303
    assert "situation=migrant" in answer.headers["Location"]
    assert "employee" not in answer.headers["Location"]
    for address in ("/check/1", "/check/result", "/rules", "/centres", "/"):
        assert citizen.client.put(address).status_code in (403, 405)
        assert citizen.client.delete(address).status_code in (403, 405)


def test_A55_no_answer_leads_to_another_place(citizen: Visitor) -> None:
    answer = citizen.client.get("/check/3?district=//elsewhere.example/&next=//elsewhere.example&action=next")
    assert answer.status_code == 422
    answer = citizen.client.get("/check?district=https://elsewhere.example/")
    assert answer.headers["Location"].startswith("/check/")
