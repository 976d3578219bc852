"""Seeing leaves a trace, in a real browser: a reason before a person is opened, a second person before a list leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town

Open = Callable[..., Page]
BOTH = [Look(DESK, "zh"), Look(PHONE, "en", size="large")]


@pytest.mark.parametrize("look", BOTH, ids=str)
def test_a_clerk_gives_a_reason_and_the_person_reads_it(
    look: Look, town: Town, signed_in: Open, as_citizen: Open, well_made: Callable[..., None]
) -> None:
    reference, person = town.track("passed"), town.tracked("passed")
    desk = signed_in("counsellor", look, BOTH.index(look))  # who has opened it asks no reason for ten minutes
    phone = as_citizen(Look(PHONE, look.lang), person)
    desk.goto("/office/search")
    desk.fill("main [name=s]", "0000000")
    desk.click("main form button")
    expect(desk.locator("[data-nothing]")).to_be_visible()
    well_made(desk)
    desk.fill("main [name=s]", str(person["name"]))
    desk.click("main form button")
    row = desk.locator(f"[data-reference='{reference}']")
    assert str(person["name"]) not in row.inner_text()
    well_made(desk)
    row.locator("[data-needs-reason]").click()
    desk.wait_for_url(f"**/office/search/{reference}")
    assert not desk.locator("[data-status]").count()
    desk.click("main form button")
    expect(desk.locator("[data-error=reason]")).to_be_visible()
    well_made(desk)
    desk.select_option("[name=reason]", "person_asks")
    desk.fill("[name=note]", "本人来电")
    desk.click("main form button")
    expect(desk.locator(f"[data-reference='{reference}'][data-status=passed]")).to_be_visible()
    well_made(desk)
    phone.goto("/mine/access")
    newest = phone.locator("[data-look]").first
    expect(newest).to_contain_text(reference)
    assert newest.get_attribute("data-full-number") == "no"
    desk.locator("#full summary").click()
    desk.select_option("#full [name=reason]", "same_name")
    desk.click("#full button")
    expect(desk.locator("[data-full-number]")).to_have_text(str(person["number"]))
    phone.reload()
    assert phone.locator("[data-look]").first.get_attribute("data-full-number") == "yes"
    well_made(phone)


def test_a_list_leaves_only_with_a_second_person(
    town: Town, signed_in: Open, well_made: Callable[..., None]
) -> None:
    look = Look(DESK, "en")
    first, second = signed_in("reviewer_district", look), signed_in("reviewer_district", look, 1)
    first.goto("/office/exports")
    first.check("[name=columns][value=name]")
    first.select_option("[name=reason]", "inspection")
    first.click("aside form button")
    mine = first.locator("tr[data-export]").filter(has_text="Somebody else decides")
    export = mine.first.get_attribute("data-export")
    well_made(first)
    second.goto("/office/exports")
    second.locator(f"tr[data-export='{export}'] button[value=agree]").click()
    second.wait_for_url("**/office/exports")
    first.reload()
    with first.expect_download() as taken:
        first.locator(f"tr[data-export='{export}'] button").first.click()
    assert taken.value.suggested_filename.startswith("EX-")
    first.reload()
    well_made(first)
    expect(first.locator(f"tr[data-export='{export}']")).to_contain_text("downloaded 1 of 3 times")


def test_an_administrator_tries_again_and_an_auditor_checks_with_one_press(
    town: Town, signed_in: Open, well_made: Callable[..., None]
) -> None:
    look = Look(DESK, "en")
    desk, book = signed_in("sysadmin", look), signed_in("auditor", look)
    desk.goto("/office/status")
    failed = int(str(desk.locator("[data-outbox-dead]").get_attribute("data-outbox-dead")))
    assert failed >= 1
    desk.locator("[data-errand] button[value=retry]").first.click()
    expect(desk.locator(f"[data-outbox-dead='{failed - 1}']")).to_be_visible()
    well_made(desk)
    book.goto("/office/audit")
    book.click("aside form button")
    expect(book.locator("[data-check]").first).to_be_visible()
    while not book.locator("[data-check]").first.get_attribute("data-faults"):
        book.reload()
    assert book.locator("[data-check]").first.get_attribute("data-faults") == "0"
    book.fill("[name=subject]", town.track("passed"))
    book.click("main form.tools button")
    book.locator("td a.mono").first.click()
    expect(book.locator("[data-subject=enrolment][data-faults='0']")).to_be_visible()
    well_made(book)
