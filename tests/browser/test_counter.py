"""A counsellor enrols a walk-in with the keyboard alone; a verifier decides the case with two keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town

LOOKS = [Look(DESK, "zh"), Look(PHONE, "en")]


def tab_to(page: Page, field: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(12):
        if page.evaluate("document.activeElement.id") == field:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {field}")


@pytest.mark.parametrize(("look", "case"), [(LOOKS[0], "migrant"), (LOOKS[1], "hmt")], ids=str)
def test_a_walk_in_is_enrolled_with_the_keyboard_alone(
    look: Look, case: str, town: Town, signed_in: Callable[..., Page], well_made: Callable[..., None]
) -> None:
    person, page = town.person(case), signed_in("counsellor", look)
    page.goto("/office/counter")
    page.keyboard.press("F2")
    page.keyboard.type(person["card"] or person["number"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/counter/person")
    well_made(page)
    tab_to(page, "q")
    with page.expect_response(lambda answer: "/counter/classes" in answer.url):
        page.keyboard.type("dg", delay=30)
    expect(page.locator(f'input[name=class][value="{town.class_of("open")["ref"]}"]')).to_be_attached()
    page.locator(f'input[name=class][value="{town.class_of("open")["ref"]}"]').focus()
    page.keyboard.press("Space")
    tab_to(page, "declaration")
    page.keyboard.press("Space")
    page.keyboard.press("F9")
    page.wait_for_url("**/slip*")
    well_made(page)
    assert page.locator("[data-slip-code]").count() == 1
    page.keyboard.press("F2")
    page.wait_for_url("**/office/counter*")
    assert page.evaluate("document.activeElement.id") == "number"


def test_a_verifier_decides_with_two_keys(town: Town, signed_in: Callable[..., Page]) -> None:
    page = signed_in("verifier", LOOKS[0])
    page.goto("/office/verify?flag=name_differs")
    page.locator("a[data-row]").first.click()
    page.wait_for_url("**/verify/CQ-*")
    first = page.url
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda address: address != first)
    page.goto(first)
    assert page.locator("main [data-status=enrolled], main [data-status=waiting]").count() == 1
