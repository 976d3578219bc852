"""The desks in a real browser: a walk-in enrolled, an identity decided, a claim agreed to by two, by keys alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import press, receipt, refusals, status, step_one, told, typed_number

Open = Callable[..., Page]
WIDE = Look(DESK, "zh", size="large")


@pytest.mark.parametrize("look", [WIDE, pytest.param(Look(DESK, "en"), marks=pytest.mark.soak)], ids=str)
def test_a_counsellor_enrols_a_walk_in_with_the_keyboard_alone(
    look: Look, town: Town, open_browser: Open, signed_in: Open, well_made: Callable[..., None]
) -> None:
    """The slip lets the person in at home, once; who enrolled somebody never verifies them, whatever else they do."""
    person, desk = town.person("no_phone"), signed_in("counsellor", look, 1)
    wanted = f'input[name=class][value="{town.class_of("open")["ref"]}"]'
    desk.goto("/office/counter")
    well_made(desk)
    desk.keyboard.press("F2")
    desk.keyboard.type(typed_number(person))
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/office/counter/person**")
    well_made(desk)
    tab_to(desk, "[name=q]")
    desk.keyboard.type("电工")
    expect(desk.locator("#classes label").first).to_contain_text(
        "电工" if look.lang == "zh" else "lectrician"
    )
    for _ in range(desk.locator("#classes input").count()):
        desk.keyboard.press("ArrowDown")
        if desk.locator(f"{wanted}:focus").count():
            break
    desk.keyboard.press("Space")
    expect(desk.locator(wanted)).to_be_checked()
    tab_to(desk, "[name=declaration]")
    desk.keyboard.press("Space")
    desk.keyboard.press("F9")
    desk.wait_for_url("**/slip*")
    well_made(desk)
    reference = str(desk.locator("[data-reference]").first.get_attribute("data-reference"))
    code = str(desk.locator("[data-slip-code]").get_attribute("data-slip-code"))
    desk.keyboard.press("F2")
    desk.wait_for_url("**/office/counter*")
    expect(desk.locator("[name=number]")).to_be_focused()

    town.give_desk(town.staff("counsellor", 1), "verifier")
    desk.goto(f"/office/verify/{reference}")
    expect(desk.locator("[data-four-eyes]")).to_be_visible()
    assert not desk.locator("[name=decision]").count()

    home = open_browser(Look(PHONE, look.lang))
    assert status(home, reference) == "verifying"
    for tried in ("let in", "used"):
        home = open_browser(Look(PHONE, look.lang))
        home.goto("/sign-in")
        home.fill("[name=number]", typed_number(person))
        home.fill("[name=code]", code)
        press(home, "next")
        if tried == "let in":
            home.wait_for_url("**/mine")
            mine = home.locator(f"[data-reference='{reference}']")
            assert mine.get_attribute("data-status") == "verifying"
        else:
            expect(home.locator("[data-error=code]")).to_be_visible()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(25):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


def test_a_counsellor_is_told_at_once_whom_nothing_helps(town: Town, signed_in: Open) -> None:
    desk = signed_in("counsellor")
    for case, reason in (("deceased", "deceased"), ("under_16", "under_age"), ("pensioner", "draws_pension")):
        desk.goto("/office/counter")
        desk.fill("[name=number]", typed_number(town.person(case)))
        desk.keyboard.press("Enter")
        desk.wait_for_url("**/office/counter/person**")
        assert refusals(desk) == {reason}
        assert not desk.locator("[name=declaration]").count()


def test_a_verifier_takes_the_next_case_and_goes_from_case_to_case_by_keys(
    town: Town, signed_in: Open, well_made: Callable[..., None]
) -> None:
    desk = signed_in("verifier", Look(DESK, "en"), 1)
    desk.goto("/office/verify")
    desk.keyboard.press("n")
    desk.wait_for_url("**/office/verify/CQ-**")
    well_made(desk)
    if desk.locator("[data-duplicate][data-answer=open]").count():  # two records have to be told apart first
        desk.goto("/office/verify")
        clean = "[data-reference]:not([data-flags*=possible_duplicate]):not([data-flags*=not_found])"
        desk.goto(f"/office/verify/{desk.locator(clean).last.get_attribute('data-reference')}")
    well_made(desk)
    reference = desk.url.rsplit("/", 1)[1]
    waits = desk.locator("h1").locator("..").get_attribute("data-status")
    desk.keyboard.press("1")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(lambda url: reference not in url)
    assert status(desk, reference) != waits


def test_the_dead_are_refused_at_the_verifiers_desk(town: Town, open_browser: Open, signed_in: Open) -> None:
    person, page, desk = town.person("deceased"), open_browser(Look(PHONE, "en")), signed_in("verifier")
    step_one(page, town.class_of("open")["ref"], person)
    press(page, "without_code")
    reference = receipt(page)
    desk.goto(f"/office/verify/{reference}")
    while "deceased" not in refusals(desk):  # the worker asks the register within seconds
        desk.reload()
    desk.keyboard.press("3")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(lambda url: reference not in url)
    assert status(page, reference) == "refused"


def test_two_reviewers_agree_to_a_claim_and_nobody_twice(
    town: Town, signed_in: Open, as_citizen: Open, well_made: Callable[..., None]
) -> None:
    """District, then municipality; the district reviewer who also sits at the municipal desk is refused there."""
    reference, person = town.track("district_review"), town.tracked("district_review")
    look, page = Look(DESK, "en"), as_citizen(Look(PHONE), person)
    first, other = signed_in("reviewer_district", look, 1), signed_in("reviewer_municipal", look)
    other.goto(f"/office/claims/{reference}")
    assert closed(other) == "other_desk"
    agree(first, reference)
    assert status(page, reference) == "municipal_review"
    told(town, person, reference, "municipal_review")
    town.give_desk(town.staff("reviewer_district", 1), "reviewer_municipal")
    first.goto(f"/office/claims/{reference}")
    assert closed(first) == "decided_it_before"
    well_made(first)
    agree(other, reference)
    assert status(page, reference) == "paying"
    told(town, person, reference, "paying")
    for address in ("/mine", f"/mine/{reference}"):
        page.goto(address)
        amount = page.locator(f"[data-reference='{reference}'] [data-amount-fen]").first
        assert int(str(amount.get_attribute("data-amount-fen"))) > 0


def agree(desk: Page, reference: str) -> None:
    """Agree by keys, with a line where something is to be explained."""
    desk.goto(f"/office/claims/{reference}")
    claim = desk.url
    desk.keyboard.press("1")
    desk.fill("[name=note]", "看过了，没有问题")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(lambda url: url != claim)


def closed(desk: Page) -> str | None:
    """Why there is no decision form on this claim."""
    assert not desk.locator("[name=decision]").count()
    return desk.locator("[data-closed]").get_attribute("data-closed")


def test_the_rows_of_the_claims_are_no_wider_than_the_page_in_english(signed_in: Open) -> None:
    desk = signed_in("reviewer_district", Look(DESK, "en"))
    for tab in ("district", "municipal", "returned", "agreed", "ended"):
        desk.goto(f"/office/claims?tab={tab}")
        table = desk.locator(".wrap")
        expect(table).to_be_visible()
        assert table.evaluate("one => one.scrollWidth <= one.clientWidth"), tab
