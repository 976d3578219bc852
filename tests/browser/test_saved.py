"""A check saved under a code and carried to the enrolment; a search that tells of new classes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import SLOWEST, coded, press

Open = Callable[..., Page]
ANSWERS = "birth_year=1985&situation=migrant&district=500103&had_subsidy_this_year=no&wants=welding_electric"
LOOKS = [Look(PHONE, "zh"), Look(DESK, "en", size="large")]
BARE = Look(PHONE, "zh", script=False)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_check_is_saved_and_goes_on_with_the_person(
    look: Look, town: Town, open_browser: Open, well_made: Callable[..., None]
) -> None:
    page = open_browser(look)
    page.goto(f"/check/result?{ANSWERS}")
    page.click("a[href^='/check/save']")
    well_made(page)
    page.click("main form[method=post] button.go")
    page.wait_for_url("**/check/r/**")
    code = page.locator("[data-check]").inner_text().strip()
    assert len(code) == 9
    well_made(page)
    other = open_browser(look)
    other.goto(f"/check/r/{code.lower()}")
    assert other.locator("[data-family][data-outcome=yes]").count()
    other.goto(f"/classes/{town.class_of('open')['ref']}?check={code}")
    assert code in other.locator("main").inner_text()
    well_made(other)
    other.locator("a[href*='/enrol/'][href*='check=']:visible").first.click()
    assert other.locator("input[name=check]").get_attribute("value") == code.replace("-", "")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_search_is_kept_by_a_code_and_stopped(
    look: Look, town: Town, open_browser: Open, well_made: Callable[..., None]
) -> None:
    person, page = town.person("plain"), open_browser(look)
    page.goto("/courses?q=diangong&seats=1")
    page.click("#list a[href^='/courses/alerts']")
    page.wait_for_url("**/courses/alerts**")
    well_made(page)
    page.fill("[name=name]", person["name"])
    page.fill("[name=number]", "7KQ2")
    press(page, "send_code")
    assert page.locator("[data-error=number]").count()
    assert page.input_value("[name=name]") == person["name"]
    seen = coded(town, person)
    page.fill("[name=number]", person["number"])
    press(page, "send_code")
    page.fill("[name=code]", town.code(dict(person), seen=seen, within=SLOWEST))
    well_made(page)
    press(page, "next")
    page.wait_for_url("**saved=1**")
    assert page.locator("[data-alert]").count() == 1
    well_made(page)
    press(page, "stop")
    page.wait_for_url("**stopped=1**")
    assert not page.locator("[data-alert]").count()


def test_both_work_without_script(town: Town, open_browser: Open) -> None:
    page = open_browser(BARE)
    page.goto(f"/check/save?{ANSWERS}")
    page.click("main form[method=post] button.go")
    page.wait_for_url("**/check/r/**")
    page.goto("/courses/alerts?q=diangong")
    person = town.person("plain")
    page.fill("[name=name]", person["name"])
    page.fill("[name=number]", person["number"])
    press(page, "send_code")
    assert page.locator("[name=code]").is_visible()
