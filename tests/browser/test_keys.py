"""Keys of the staff face: each presses what is on the page, and none works while somebody types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from web.static_files import SOURCE

DESK = """
<html {html}><body>
<a href="#next" data-key="n">Next</a>
<form onsubmit="return false"><input id="s" type="search" data-key="/" data-down="found"><input id="card" data-key="F2"></form>
<form id="decide"><label><input type="radio" name="decision" value="pass" data-key="1">1</label>
<textarea id="note"></textarea><button class="btn" name="save" value="only">Save</button><button class="btn go" name="save" value="next">Next</button></form>
<fieldset id="found"><input type="radio" name="class" value="a"></fieldset>
<table><tr class="on"><td><a href="#a" data-row>a</a></td></tr><tr><td><a href="#b" data-row>b</a></td></tr></table>
<script>
document.getElementById('decide').addEventListener('submit', event => {
  event.preventDefault();
  document.body.dataset.sent = event.submitter.value;
});
</script></body></html>
"""


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.goto("about:blank")
    yield page
    page.close()


def lay_out(page: Page, html: str = "") -> Page:
    page.set_content(DESK.replace("{html}", html))
    page.add_script_tag(path=SOURCE / "js/keys.js")
    return page


def place(page: Page) -> str:
    return str(page.evaluate("location.hash"))


def test_a_key_presses_its_link_or_button(desk: Page) -> None:
    lay_out(desk).keyboard.press("n")
    assert place(desk) == "#next"
    desk.keyboard.press("1")
    assert desk.is_checked("[value=pass]")


def test_a_key_leads_to_its_field(desk: Page) -> None:
    lay_out(desk).keyboard.press("/")
    assert desk.evaluate("document.activeElement.id") == "s"
    assert desk.input_value("#s") == ""


def test_j_and_k_walk_through_the_rows_and_enter_opens(desk: Page) -> None:
    lay_out(desk).keyboard.press("j")
    assert desk.inner_text("tr.on") == "b"
    desk.keyboard.press("Enter")
    assert place(desk) == "#b"
    desk.keyboard.press("k")
    desk.keyboard.press("k")
    assert desk.inner_text("tr.on") == "a"


def test_single_keys_do_nothing_while_somebody_types(desk: Page) -> None:
    lay_out(desk).focus("#note")
    desk.keyboard.type("n1j/")
    assert desk.input_value("#note") == "n1j/"
    assert place(desk) == ""
    assert not desk.is_checked("[value=pass]")


def test_nothing_happens_while_chinese_is_composed(desk: Page) -> None:
    lay_out(desk).evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'n', bubbles: true, isComposing: true}))"
    )
    assert place(desk) == ""


def test_function_keys_work_in_fields_too(desk: Page) -> None:
    lay_out(desk).focus("#note")
    desk.keyboard.press("F2")
    assert desk.evaluate("document.activeElement.id") == "card"


def test_ctrl_enter_presses_the_main_button_of_the_form(desk: Page) -> None:
    lay_out(desk).focus("#note")
    desk.keyboard.press("Control+Enter")
    assert desk.evaluate("document.body.dataset.sent") == "next"


def test_arrow_down_leads_from_a_search_to_what_it_found(desk: Page) -> None:
    lay_out(desk).focus("#s")
    desk.keyboard.press("ArrowDown")
    assert desk.evaluate("document.activeElement.value") == "a"


def test_single_keys_can_be_switched_off_and_function_keys_stay(desk: Page) -> None:
    lay_out(desk, 'data-keys="off"').keyboard.press("n")
    assert place(desk) == ""
    desk.keyboard.press("F2")
    assert desk.evaluate("document.activeElement.id") == "card"
