"""A new phone by two people, "this was not me" by one tap, and a letter for somebody without a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import typed_number

Open = Callable[..., Page]
WellMade = Callable[..., None]
LOOKS = [Look(DESK, "zh"), Look(PHONE, "en")]
BARE = Look(DESK, "zh", script=False)
STOPPED = "您说不是本人"
CHANGED = "给您换了手机号"


def look_up(desk: Page, number: str, path: str) -> None:
    desk.goto(path)
    if not desk.locator("#number").count():
        desk.locator("[name=action][value=clear] ~ p button").first.click()
    desk.fill("#number", number)
    desk.press("#number", "Enter")
    desk.wait_for_load_state()


def walk_in(desk: Page, town: Town, number: str) -> str:
    """Enrolled at the counter; the reference on the slip."""
    look_up(desk, number, "/office/counter")
    desk.goto(f"/office/counter/person?class={town.class_of('open')['ref']}")
    desk.check("#declaration")
    desk.click("#walk-in button[data-key=F9]")
    desk.wait_for_url("**/slip*")
    return str(desk.locator("[data-reference]").first.get_attribute("data-reference"))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_A08_a_phone_is_registered_by_two_and_the_old_one_hears(
    look: Look, town: Town, signed_in: Open, well_made: WellMade
) -> None:
    person = town.person("plain")
    first, second = signed_in("counsellor", look, 0), signed_in("counsellor", look, 1)
    look_up(first, typed_number(person), "/office/counter/phone")
    well_made(first)
    first.fill("#phone", "187 0000 2245")
    first.click(".act button.go")
    expect(first.locator("[data-error=identity_seen]")).to_be_visible()
    well_made(first)
    assert first.input_value("#phone") == "187 0000 2245"
    first.check("#identity_seen")
    first.click(".act button.go")
    first.wait_for_url(re.compile("/counter/phone/[a-z0-9]{26}$"))
    well_made(first)
    assert not first.locator("#phone").count()
    second.goto(first.url)
    assert "18700002245" not in second.content()
    for typed, mark in (("18700002246", "pending"), ("18700002245", "agreed")):
        second.fill("#phone", typed)
        second.check("#identity_seen")
        second.click("button[name=decision][value=agree]")
        second.wait_for_load_state()
        well_made(second)
        expect(second.locator("[data-status]")).to_have_attribute("data-status", mark)
    town.hears(person, CHANGED, "/a/")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_A46_one_tap_stops_what_a_counter_enrolled(
    look: Look, town: Town, open_browser: Open, signed_in: Open, well_made: WellMade
) -> None:
    person, desk = town.person("plain"), signed_in("counsellor", LOOKS[0])
    reference = walk_in(desk, town, typed_number(person))
    expect(desk.locator("[data-deny]")).to_contain_text("/a/")
    well_made(desk)
    text = town.hears(person, reference, "/a/")
    phone = open_browser(Look(PHONE, look.lang))
    phone.goto("/a/" + text.split("/a/")[1][:14])
    well_made(phone)
    phone.click("button[name=answer][value=not_me]")
    phone.wait_for_url("**/done")
    well_made(phone)
    matter = str(phone.locator("[data-reference]").get_attribute("data-reference"))
    town.hears(person, matter, STOPPED)
    phone.goto("/a/" + text.split("/a/")[1][:14])
    expect(phone.locator("h1")).to_be_visible()
    well_made(phone)
    verifier = signed_in("verifier", look)
    verifier.goto(f"/office/verify/{reference}")
    expect(verifier.locator("[data-frozen]")).to_be_visible()
    well_made(verifier)
    phone.goto(f"/t/{matter}")
    well_made(phone)


def test_the_desk_of_phones_works_without_script(town: Town, signed_in: Open) -> None:
    person, first, second = (
        town.person("plain"),
        signed_in("counsellor", BARE, 0),
        signed_in("verifier", BARE),
    )
    look_up(first, typed_number(person), "/office/counter/phone")
    first.fill("#phone", "18700002247")
    first.check("#identity_seen")
    first.click(".act button.go")
    first.wait_for_url(re.compile("/counter/phone/[a-z0-9]{26}$"))
    second.goto(first.url)
    second.click("button[name=decision][value=refuse]")
    expect(second.locator("[data-status]")).to_have_attribute("data-status", "refused")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_somebody_without_a_phone_reads_it_on_paper(
    look: Look, town: Town, signed_in: Open, well_made: WellMade
) -> None:
    person, desk = town.person("no_phone"), signed_in("counsellor", look)
    reference = walk_in(desk, town, typed_number(person))
    row = desk.locator("[data-letter]", has_text=reference)
    for _ in range(40):
        desk.goto("/office/counter/letters")
        if row.count() == 2:
            break
        desk.wait_for_timeout(250)
    well_made(desk)
    row.first.locator("a").click()
    desk.wait_for_load_state()
    well_made(desk)
    expect(desk.locator("article")).to_contain_text(person["name"])
    desk.click("button[name=way][value=posted]")
    desk.wait_for_url("**/letters")
    expect(row).to_have_count(1)
    look_up(desk, typed_number(person), "/office/counter")
    well_made(desk)
    expect(desk.locator("[name=letter]")).to_have_count(1)
    desk.locator("form:has([name=letter]) button").click()
    desk.wait_for_load_state()
    expect(desk.locator("[name=letter]")).to_have_count(0)
