"""A person's own pages in a browser: subsidies, looks, data to take along, an account with its code and its hold."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from stdnum import luhn

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import SLOWEST, coded, declare, press, prove, sign_in, status

Open = Callable[..., Page]
LOOKS = [Look(PHONE, "zh", size="large"), Look(DESK, "en"), Look(PHONE, "en", script=False)]
BODY = "622202000112345678"
ACCOUNT = BODY + luhn.calc_check_digit(BODY)


def unseen(page: Page) -> None:
    """axe is a script."""


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_what_is_mine_is_shown_taken_along_and_asked_about(
    look: Look, town: Town, open_browser: Open, well_made: Callable[..., None]
) -> None:
    """Looked at with axe where there is script: without it, the page itself is the proof."""
    person, page = town.person("plain"), open_browser(look)
    well_made = well_made if look.script else unseen
    prove(page, town, town.class_of("open")["ref"], person)
    reference = declare(page, person)
    assert status(page, reference) == "enrolled"
    page.goto("/mine")
    page.click("a[href='/mine/ledger']")
    tuition = page.locator("[data-entitlement=tuition]")
    assert [tuition.get_attribute(f"data-{word}") for word in ("used", "held", "free")] == ["0", "1", "0"]
    assert reference in tuition.inner_text()
    page.click("a[href='/mine/data?line=1#correct']")
    assert page.input_value("textarea[name=text]")
    well_made(page)
    page.click("button[name=action][value=correct]")
    page.wait_for_url("**/mine/data#asked")
    asked = page.locator("[data-reference][data-until]").first
    assert str(asked.get_attribute("data-reference")).startswith("OB-")
    well_made(page)
    with page.expect_download() as taken:
        page.click("a[href='/mine/data.json']")
    found = json.loads(taken.value.path().read_text())
    assert found["rows"]["person"][0]["number"] == person["number"]
    assert [row["reference"] for row in found["rows"]["enrolment"]] == [reference]
    page.goto(f"/mine/{reference}/certificate")
    assert person["name"] in page.locator("article").inner_text()
    page.goto("/mine/access")
    well_made(page)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_an_account_is_registered_with_a_code_and_held(
    look: Look, town: Town, open_browser: Open, well_made: Callable[..., None]
) -> None:
    person, page = town.person("plain"), open_browser(look)
    well_made = well_made if look.script else unseen
    sign_in(page, town, person)
    page.goto("/mine/account")
    page.fill("[name=account]", ACCOUNT[:-1])
    page.fill("[name=account_holder]", "另一个人")
    press(page, "send_code")
    assert page.locator("[data-error=account]").count()
    assert page.locator("[data-error=account_holder]").count()
    assert page.input_value("[name=account]") == ACCOUNT[:-1]
    well_made(page)
    page.wait_for_timeout(2100)  # a code was asked for a moment ago
    page.fill("[name=account]", ACCOUNT)
    page.fill("[name=account_holder]", person["name"])
    seen = coded(town, person)
    press(page, "send_code")
    page.wait_for_selector("[name=code]")
    assert ACCOUNT not in page.content()
    well_made(page)
    page.fill("[name=code]", town.code(dict(person), seen=seen, within=SLOWEST))
    press(page, "next")
    state = page.locator("[data-account-state]")
    page.wait_for_selector("[data-account-state=held]")
    assert state.get_attribute("data-until")
    assert not page.locator("main form").count()
    assert page.locator("a.danger[href='tel:12333']").count() == 1
    well_made(page)


def test_a_person_who_was_looked_at_asks_about_it(
    town: Town, as_citizen: Callable[..., Page], well_made: Callable[..., None]
) -> None:
    page = as_citizen(Look(PHONE, "zh"), town.tracked("paid"))
    page.goto("/mine/access")
    assert page.locator("[data-look]").count()
    page.select_option("select[name=look]", index=1)
    page.fill("textarea[name=text]", "为什么看我的资料？")
    page.click("form:has([name=look]) button:not(.plain)")
    page.wait_for_selector("[data-reference][data-until]")
    well_made(page)
    page.goto("/mine/account")
    assert page.locator("[data-account-state=usable]").count()
