"""Duplicates and corrections in a real browser: merged, told apart, corrected by two; on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import status

Open = Callable[..., Page]
NUMBER = "510202197901010018"


def test_a_verifier_makes_two_records_one_by_keys(
    town: Town, signed_in: Open, well_made: Callable[..., None]
) -> None:
    """The risky group says why not and how; the other becomes one, its references keep working."""
    desk = signed_in("verifier", Look(DESK, "zh"), 1)
    desk.goto("/office/duplicates")
    desk.keyboard.press("n")
    desk.wait_for_url("**/office/duplicates/*")
    groups = groups_of(desk)
    desk.goto(next(href for href, risks in groups.items() if "numbers_differ" in risks))
    well_made(desk)
    desk.keyboard.press("1")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("[data-error=numbers_differ]")).to_be_visible()
    well_made(desk)
    free = next(href for href, risks in groups.items() if not risks and href not in desk.url)
    desk.goto(free)
    references = desk.locator("thead .mono").all_text_contents()
    desk.keyboard.press("1")
    desk.fill("[name=note]", "看过身份证，同一个人。")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(lambda url: free not in url)
    desk.goto(free)
    assert desk.locator("[data-answer=same]").count()
    well_made(desk)
    for reference in references:
        assert status(desk, reference)


def groups_of(desk: Page) -> dict[str, set[str]]:
    """Each group's address, and what stands in the way of a merge."""
    desk.goto("/office/duplicates")
    found = {}
    for href in [str(link.get_attribute("href")) for link in desk.locator("a[data-row]").all()]:
        desk.goto(href)
        found[href] = {str(one.get_attribute("data-risk")) for one in desk.locator("[data-risk]").all()}
    return found


def test_two_people_correct_a_number_and_meet_one_that_is_taken(
    town: Town, signed_in: Open, well_made: Callable[..., None]
) -> None:
    reference = town.track("verifying", 1)
    taken = town.tracked("attending")["number"]
    counter = signed_in("counsellor", Look(PHONE, "en"), 1)
    counter.goto(f"/office/corrections/new?reference={reference}")
    counter.fill("[name=number]", taken)
    counter.locator("[name=proof][value=police_letter]").check()
    counter.locator("[name=identity_seen]").check()
    counter.locator("main form button").last.click()
    expect(counter.locator("[data-error=number_taken]")).to_be_visible()
    well_made(counter)
    counter.fill("[name=number]", NUMBER)
    counter.locator("main form button").last.click()
    counter.wait_for_url(lambda url: "/new" not in url)
    well_made(counter)
    expect(counter.locator("[data-four-eyes]")).to_be_visible()
    desk = signed_in("verifier", Look(DESK, "en"))
    desk.goto(counter.url)
    well_made(desk)
    desk.locator("[name=decision][value=agree]").check()
    desk.fill("[name=number]", NUMBER)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/office/corrections?done=agree")
    desk.goto(counter.url)
    assert desk.locator("[data-change]").get_attribute("data-status") == "agreed"
