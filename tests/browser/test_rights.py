"""Rights in a real browser: proposed by one, agreed by another; a first sign-in from paper; a passkey beside the token."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town

Open = Callable[..., Page]
CHOSEN = "一句自己记得住的话不要太短"
NUMBER = {"zh": "500103198501010039", "en": "500103198501010047"}


def send(page: Page, town: Town, account: dict[str, Any]) -> None:
    """Press the green button; prove oneself once more where ten minutes are over."""
    page.locator("main .btn.go").first.click()
    again(page, town, account)


def again(page: Page, town: Town, account: dict[str, Any]) -> None:
    if page.locator("[name=again_code]").count():
        page.fill("[name=again_password]", account["password"])
        page.fill("[name=again_code]", town.totp(account))
        page.locator("main .btn.go").click()


def open_account(page: Page, username: str) -> None:
    page.goto(f"/office/staff?q={username}")
    page.locator("[data-account] a").first.click()


@pytest.mark.parametrize(
    ("look", "n"),
    [(Look(DESK, "zh"), 0), pytest.param(Look(PHONE, "en"), 1, marks=pytest.mark.soak)],
    ids=str,
)
def test_a_right_is_proposed_agreed_to_and_ended(
    look: Look, n: int, town: Town, signed_in: Open, well_made: Callable[..., None]
) -> None:
    """Nobody agrees to the own proposal; a right that contradicts is named; the last one ends it alone."""
    first, second = town.staff("secadmin", n), town.staff("sysadmin", n)
    ning, root, target = signed_in("secadmin", look, n), signed_in("sysadmin", look, n), f"inspector-{n + 1}"
    open_account(ning, target)
    well_made(ning)
    page = ning.url
    ning.select_option("[name=role]", "publicity")
    ning.fill("[name=reason]", "公示岗缺人")
    send(ning, town, first)
    ning.wait_for_url("**/proposals/**")
    well_made(ning)
    assert not ning.locator("button[value=agree]").count()

    root.goto(ning.url)
    well_made(root)
    root.click("button[value=agree]")
    again(root, town, second)
    expect(root.locator("[data-state=confirmed]")).to_be_visible()

    ning.goto(page)
    expect(ning.locator("[data-role=publicity]")).to_be_visible()
    ning.select_option("[name=role]", "planner")
    ning.fill("[name=until]", "soon")
    send(ning, town, first)
    expect(ning.locator("[data-error=until]")).to_be_visible()
    well_made(ning)

    root.goto(f"{page}/end")
    well_made(root)
    root.select_option("[name=role]", "publicity")
    root.fill("[name=reason]", "回原岗")
    root.locator("main .btn.danger").click()
    again(root, town, second)
    expect(root.locator("[role=status]")).to_be_visible()
    expect(root.locator("[data-role=publicity]")).to_have_count(0)
    town.states.pop(target, None)


def test_without_script_a_right_is_proposed_agreed_to_and_ended(town: Town, signed_in: Open) -> None:
    """Nobody was proved lately, so that each change asks once more, and loses nothing of what was typed."""
    look, target = Look(DESK, "en", script=False), "planner-1"
    first, second = town.staff("secadmin"), town.staff("sysadmin")
    ning, root = signed_in("secadmin", look), signed_in("sysadmin", look)
    town.proved_long_ago(first, second)
    open_account(ning, target)
    page = ning.url
    ning.select_option("[name=role]", "policy_editor")
    ning.fill("[name=reason]", "顶一个月")
    ning.locator("main .btn.go").first.click()
    expect(ning.locator("[name=again_code]")).to_be_visible()
    again(ning, town, first)
    expect(ning.locator("main")).to_contain_text("顶一个月")
    assert not ning.locator("button[value=agree]").count()

    root.goto(ning.url)
    root.click("button[value=agree]")
    expect(root.locator("[name=again_code]")).to_be_visible()
    again(root, town, second)
    expect(root.locator("[data-state=confirmed]")).to_be_visible()
    root.goto(page)
    expect(root.locator("[data-role=policy_editor]")).to_be_visible()
    root.goto(f"{page}/end")
    root.select_option("[name=role]", "policy_editor")
    root.fill("[name=reason]", "回原岗")
    root.locator("main .btn.danger").click()
    expect(root.locator("[role=status]")).to_be_visible()
    expect(root.locator("[data-role=policy_editor]")).to_have_count(0)
    town.states.pop(target, None)


@pytest.mark.parametrize(
    "look", [Look(PHONE, "zh"), pytest.param(Look(DESK, "en"), marks=pytest.mark.soak)], ids=str
)
def test_somebody_new_signs_in_with_both_halves_of_the_code(
    look: Look, town: Town, signed_in: Open, open_browser: Open, well_made: Callable[..., None]
) -> None:
    root, ning = signed_in("sysadmin", look), signed_in("secadmin", look)
    username = f"new-{look.lang}"
    root.goto("/office/staff/new")
    for name, text in {"name": "罗思远", "username": username, "number": NUMBER[look.lang]}.items():
        root.fill(f"[name={name}]", text)
    root.fill("[name=office]", "沙坪坝区人力社保局")
    root.select_option("[name=role]", "verifier")
    root.select_option("[name=district]", "500106")
    root.fill("[name=reason]", "新到岗")
    send(root, town, town.staff("sysadmin"))
    root.wait_for_url("**/proposals/**")
    ning.goto(root.url)
    ning.click("button[value=agree]")
    again(ning, town, town.staff("secadmin"))
    ning.wait_for_url("**/code")
    well_made(ning)
    root.reload()
    root.click("a[href$='/code']")
    first, second = (
        str(page.locator("[data-start-code]").get_attribute("data-start-code")) for page in (root, ning)
    )

    home = open_browser(look)
    home.goto("/office/sign-in/first")
    well_made(home)
    home.fill("[name=username]", username)
    home.fill("[name=number]", NUMBER[look.lang])
    home.fill("[name=first]", first)
    home.fill("[name=second]", second)
    home.locator("main .btn.go").click()
    home.wait_for_url("**/choose")
    well_made(home)
    token = pyotp.TOTP(str(home.locator("[data-totp-secret]").get_attribute("data-totp-secret")))
    step = int(time.time()) // 30
    home.fill("[name=password]", CHOSEN)
    home.fill("[name=again]", CHOSEN)
    home.fill("[name=code]", token.at(step * 30))
    home.locator("main .btn.go").click()
    home.wait_for_url(re.compile("started=1"))
    home.fill("[name=username]", username)
    home.fill("[name=password]", CHOSEN)
    home.fill("[name=code]", token.at((step + 1) * 30))
    home.locator("main .btn.go").click()
    home.wait_for_url("**/office/")


def test_a_passkey_beside_the_token(browser: Browser, town: Town) -> None:
    """Chromium's own virtual authenticator: made at one's settings, then password and passkey open the desk."""
    account = town.staff("policy_editor", 1)
    context = browser.new_context(base_url=town.url.replace("127.0.0.1", "localhost"), locale="zh-CN")
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto("/office/sign-in")
    page.fill("[name=username]", account["username"])
    page.fill("[name=password]", account["password"])
    page.fill("[name=code]", town.totp(account))
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/office/")
    page.goto("/office/me")
    page.fill("[name=name]", "办公电脑")
    page.click("[data-passkey-there] button")
    page.wait_for_url("**/office/me?saved=passkey")
    expect(page.locator("[data-passkey-name]")).to_have_count(1)
    page.locator("header form[action$=sign-out] button").click()
    page.wait_for_url("**/office/sign-in")
    for password in ("wrong", account["password"]):
        page.fill("[name=username]", account["username"])
        page.fill("[name=password]", password)
        page.click("[data-passkey-there] button")
        page.wait_for_load_state()
        if password == "wrong":
            expect(page.locator("[data-error=sign_in]")).to_be_visible()
    page.wait_for_url("**/office/")
    context.close()
