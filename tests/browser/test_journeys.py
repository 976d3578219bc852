"""A person with a phone, from the first page to the receipt and after it, against the running stack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.looks import PHONE, Look, with_looks
from tests.browser.town import Town
from tests.browser.walks import (
    declare,
    press,
    prove,
    receipt,
    refusals,
    status,
    step_one,
    told,
)
from tests.journeys.table import BY_PHONE

Open = Callable[..., Page]


@pytest.mark.parametrize(("case", "look"), with_looks(case for case, end in BY_PHONE.items() if end.coded))
def test_with_a_code_each_case_ends_as_the_table_says(
    case: str, look: Look, town: Town, open_browser: Open
) -> None:
    person, end, page = town.person(case), BY_PHONE[case], open_browser(look)
    prove(page, town, town.class_of("open")["ref"], person)
    if end.refused:
        assert refusals(page) == {end.refused}
        assert not page.locator("[name=declaration], [name=self_pay]").count()
        assert page.locator("ul.acts a").count()
    else:
        assert status(page, declare(page, person)) == end.status


@pytest.mark.parametrize(
    ("case", "look"), with_looks(case for case, end in BY_PHONE.items() if not end.coded)
)
def test_without_a_code_each_case_is_received(case: str, look: Look, town: Town, open_browser: Open) -> None:
    person, page = town.person(case), open_browser(look)
    step_one(page, town.class_of("open")["ref"], person)
    press(page, "without_code")
    assert status(page, receipt(page)) == "received"


@pytest.mark.parametrize("look", [Look(PHONE, "en"), Look(PHONE, "zh", size="large")], ids=str)
def test_each_step_is_well_made(
    look: Look, town: Town, open_browser: Open, well_made: Callable[..., None]
) -> None:
    """The pages one cannot visit without having come by the others, faults included."""
    page, class_id = open_browser(look), town.class_of("open")["ref"]
    child = town.person("under_16")
    step_one(page, class_id, child, child["number"])
    assert page.locator("[data-error]").get_attribute("data-error") == "number"
    assert page.input_value("[name=name]") == child["name"]
    well_made(page)
    person = town.person("employed_as_unemployed")
    prove(page, town, class_id, person)
    well_made(page)
    page.click("main form[method=post]:has([name=declaration]) button.go")
    assert page.locator("[data-error=declaration]").count()
    well_made(page)
    declare(page, person)
    well_made(page)
    prove(page, town, class_id, town.person("pensioner"))
    well_made(page)


CLOSED = {
    "not_yet_open": "class_not_open",
    "started": "class_started",
    "suspended_school": "school_suspended",
}


@pytest.mark.parametrize(("case", "look"), with_looks(CLOSED))
def test_a_class_that_is_not_open_says_why(case: str, look: Look, town: Town, open_browser: Open) -> None:
    page = open_browser(look)
    page.goto(f"/enrol/{town.class_of(case)['ref']}")
    assert refusals(page) == {CLOSED[case]}
    assert not page.locator("main form[method=post]").count()


@pytest.mark.parametrize(("case", "look"), with_looks(["unemployed"]))
def test_a_full_class_gives_a_place_in_line(case: str, look: Look, town: Town, open_browser: Open) -> None:
    person, page = town.person(case), open_browser(look)
    prove(page, town, town.class_of("full")["ref"], person)
    assert page.locator("main .note").first.is_visible()
    assert status(page, declare(page, person)) == "waiting"


def test_the_second_person_for_the_one_seat_waits(town: Town, open_browser: Open) -> None:
    ends = []
    for look, case in ((Look(lang="en"), "graduate"), (Look(script=False), "school_leaver")):
        person, page = town.person(case), open_browser(look)
        prove(page, town, town.class_of("one_seat")["ref"], person)
        ends.append(status(page, declare(page, person)))
    assert ends[1] == "waiting"


@pytest.mark.parametrize(("case", "look"), with_looks(["paid_this_year"]))
def test_who_was_paid_this_year_may_pay_the_fee(
    case: str, look: Look, town: Town, open_browser: Open
) -> None:
    person, page = town.person(case), open_browser(look)
    prove(page, town, town.class_of("self_pay")["ref"], person)
    assert refusals(page) == {"cap_reached"}
    page.check("[name=self_pay]")
    page.click("form:has([name=self_pay]) button:not([name])")
    page.wait_for_selector("[name=declaration]")
    assert page.is_checked("[name=self_pay]")
    assert status(page, declare(page, person)) == "enrolled"


@pytest.mark.parametrize(("case", "look"), with_looks(["name_variant"]))
def test_what_was_returned_is_corrected_checked_and_later_withdrawn(
    case: str,
    look: Look,
    town: Town,
    open_browser: Open,
    signed_in: Callable[..., Page],
    well_made: Callable[..., None],
) -> None:
    """The verifier works by keys alone; the phone shows each new status; the person mends the name and leaves."""
    person, page, desk = town.person(case), open_browser(look), signed_in("verifier")
    prove(page, town, town.class_of("open")["ref"], person)
    reference = declare(page, person)
    told(town, person, reference, "verifying", look.lang)
    registered = decide(desk, reference, "2")
    assert status(page, reference) == "returned"
    told(town, person, reference, "returned", look.lang)
    page.goto(f"/mine/{reference}/correct")
    page.fill("[name=name]", registered)
    page.click("main form[method=post] button.go")
    assert status(page, reference) == "verifying"
    decide(desk, reference, "1")
    assert status(page, reference) == "enrolled"
    told(town, person, reference, "enrolled", look.lang)
    page.goto(f"/mine/{reference}/withdraw")
    page.check("[name=confirm]")
    page.click("main form[method=post]:has([name=confirm]) button.btn")
    assert status(page, reference) == "withdrawn"
    told(town, person, reference, "withdrawn", look.lang)


def decide(desk: Page, reference: str, key: str) -> str:
    """Open the case and decide it by keys, with the reasons that stand chosen. Returns the registered name."""
    desk.goto(f"/office/verify/{reference}")
    name = desk.locator("[data-field=name] td").first.inner_text()
    desk.keyboard.press(key)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(lambda url: reference not in url)
    return name.strip()
