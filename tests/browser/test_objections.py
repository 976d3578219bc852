"""Somebody disagrees: an appeal on the phone that another reviewer upholds, and a letter that its number answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import declare, prove, status

Open = Callable[..., Page]
SAID = {"zh": "材料看过了，原来的决定撤销。", "en": "Your papers were seen; the decision is undone."}


@pytest.mark.parametrize(
    ("case", "look"),
    [("lost_card", Look(PHONE, "zh", size="large")), ("employed_as_unemployed", Look(PHONE, "en"))],
    ids=str,
)
def test_a_refusal_is_appealed_on_the_phone_and_another_reviewer_upholds_it(
    case: str, look: Look, town: Town, open_browser: Open, signed_in: Open, well_made: Callable[..., None]
) -> None:
    person, page = town.person(case), open_browser(look)
    prove(page, town, town.class_of("open")["ref"], person)
    reference = declare(page, person)
    refuse(signed_in("verifier"), reference)
    assert status(page, reference) == "refused"
    page.goto(f"/mine/{reference}")
    well_made(page)
    page.click(f'a[href="/mine/{reference}/appeal"]')
    page.click("main form[method=post] button.go")
    assert {one.get_attribute("data-error") for one in page.locator("[data-error]").all()} == {
        "reason",
        "text",
    }
    well_made(page)
    page.check("[name=reason][value=new_proof]")
    page.fill("[name=text]", "原件已经拿到就业服务中心看过。")
    page.click("main form[method=post] button.go")
    page.wait_for_selector("[data-until]")
    well_made(page)
    matter = str(page.locator("[data-reference]").first.get_attribute("data-reference"))
    assert matter.startswith("OB-")
    town.hears(dict(person), matter)
    uphold(signed_in("reviewer_district", Look(DESK, look.lang)), matter, SAID[look.lang], well_made)
    assert status(page, reference) == "verifying"
    assert status(page, matter) == "upheld"
    assert SAID[look.lang] in page.inner_text("main")
    well_made(page)
    town.hears(dict(person), matter, {"zh": "成立", "en": "was upheld"}[look.lang])


def refuse(desk: Page, reference: str) -> None:
    """What the verifier does with the case, by mouse."""
    desk.goto(f"/office/verify/{reference}")
    desk.check("[name=decision][value=refuse]")
    desk.check("[name=reasons][value=group_not_eligible]")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(lambda url: reference not in url)


def uphold(desk: Page, matter: str, said: str, well_made: Callable[..., None]) -> None:
    """Find it in the list, see both sides, decide by keys."""
    desk.goto("/office/objections?tab=appeal")
    desk.click(f'a[href="/office/objections/{matter}"]')
    desk.wait_for_selector("[name=decision]")
    well_made(desk)
    desk.keyboard.press("1")
    desk.fill("[name=note]", said)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/office/objections?done=*")
    well_made(desk)


@pytest.mark.parametrize("look", [Look(PHONE, "zh"), Look(DESK, "en")], ids=str)
def test_a_letter_without_a_name_is_answered_under_its_number(
    look: Look, open_browser: Open, signed_in: Open, well_made: Callable[..., None]
) -> None:
    page = open_browser(look)
    page.goto("/feedback")
    page.click("main form[method=post] button.go")
    assert page.locator("[data-error]").count() == 2
    well_made(page)
    page.check("[name=kind][value=fee_report]")
    page.fill("[name=text]", "报名时收了 200 元，说是资料费。")
    page.click("main form[method=post] button.go")
    well_made(page)
    matter = str(page.locator("[data-reference]").first.get_attribute("data-reference"))
    answer(signed_in("reviewer_district", Look(DESK, look.lang)), matter, "学校已经退了钱。")
    page.goto("/track")
    page.fill("[name=reference]", matter.lower().replace("-", ""))
    page.click("main form button.go")
    assert page.url.endswith(f"/t/{matter}")
    assert "学校已经退了钱。" in page.inner_text("main")
    assert "200 元" not in page.inner_text("main"), "what was written is not shown"
    well_made(page)


def answer(desk: Page, matter: str, said: str) -> None:
    """The clerk of the desk answers."""
    desk.goto(f"/office/objections/{matter}")
    desk.check("[name=decision][value=uphold]")
    desk.fill("[name=note]", said)
    desk.click("main form[method=post] button.go")
    desk.wait_for_url("**/office/objections?done=*")


def test_a_letter_is_written_and_followed_without_script(open_browser: Open) -> None:
    page = open_browser(Look(PHONE, "zh", script=False))
    page.goto("/feedback")
    page.check("[name=kind][value=message]")
    page.fill("[name=text]", "第二步看不明白。")
    page.click("main form[method=post] button.go")
    matter = str(page.locator("[data-reference]").first.get_attribute("data-reference"))
    page.click(f'main a[href="/t/{matter}"]')
    assert page.locator("[data-status]").first.get_attribute("data-status") == "open"
