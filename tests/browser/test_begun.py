"""Begun on a phone, finished at a desk; and given up."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import declare, press, prove, sign_in, status

Open = Callable[..., Page]


def test_what_was_begun_on_a_phone_is_finished_at_a_desk(
    town: Town, open_browser: Open, well_made: Callable[..., None]
) -> None:
    person, run = town.person("plain"), town.class_of("open")["ref"]
    prove(open_browser(Look(PHONE, "zh")), town, run, person)
    desk = open_browser(Look(DESK, "en"))
    sign_in(desk, town, person)
    begun = desk.locator(f"[data-begun='{run}']")
    assert "You are not enrolled yet" in begun.inner_text()
    well_made(desk)
    press(desk, "go_on")
    desk.wait_for_url(f"**/enrol/{run}/check")
    reference = declare(desk, person)
    assert status(desk, reference) == "enrolled"
    desk.goto("/mine")
    assert not begun.count()
    assert desk.locator(f"[data-reference='{reference}'] [data-amount-fen='150000']").count()
    well_made(desk)


def test_what_was_begun_can_be_given_up_without_script(town: Town, open_browser: Open) -> None:
    person, run = town.person("plain"), town.class_of("open")["ref"]
    first = open_browser(Look(DESK, "zh"))
    prove(first, town, run, person)
    phone = open_browser(Look(PHONE, "zh", size="large", script=False))
    sign_in(phone, town, person)
    press(phone, "forget")
    assert not phone.locator("[data-begun]").count()
    first.reload()
    assert f"/enrol/{run}?over=1" in first.url
