"""Real browsers on the real stack.

`town`          the running stack with its demo set (tests/browser/town.py); one for each test process
`open_browser`  open_browser(look) → a page in a fresh browser; complaints of that browser fail the test
`signed_in`     signed_in("verifier", look) → a page in which that member of staff has signed in
`as_citizen`    as_citizen(look, person) → the same at the citizens' door, by a code to the demo phone
`well_made`     well_made(page): what holds for every page; with script on, axe finds nothing

Debian's Chromium is used as it is; nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests import postgres
from tests.browser import town as towns
from tests.browser.looks import DESK, Look
from tests.browser.town import Town

AXE = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("chromium is missing. As root: apt-get install chromium fonts-noto-cjk", pytrace=False)
    arguments = ["--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server"] + (
        ["--no-sandbox"] if os.geteuid() == 0 else []
    )
    return {"executable_path": chromium, "args": arguments}


@pytest.fixture(scope="session")
def town(run_folder: Path, worker_id: str) -> Iterator[Town]:
    """The stack, on its own copy of a demo set that is loaded once for all test processes."""
    prepared, mine = run_folder / "demo", run_folder / f"demo-{worker_id}"
    with postgres.locked(run_folder, "demo.lock"):
        if not (prepared / "prepared.json").exists():
            towns.prepare(prepared)
    shutil.copytree(prepared, mine)
    running = towns.start(mine, prepared)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def base_url(town: Town) -> str:
    return town.url


@pytest.fixture
def open_browser(browser: Browser, town: Town) -> Iterator[Callable[..., Page]]:
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(look: Look | None = None, state: Any = None) -> Page:
        look = look or Look()
        context = browser.new_context(
            viewport={"width": look.width, "height": 844 if look.width < DESK else 900},
            locale="zh-CN" if look.lang == "zh" else "en-GB",
            java_script_enabled=look.script,
            has_touch=look.width < DESK,
            base_url=town.url,
            storage_state=state,
        )
        context.add_cookies([{"name": "display", "value": f"{look.lang}.{look.size}", "url": town.url}])
        context.set_default_timeout(10_000)
        opened.append(context)
        page = context.new_page()
        _listen(page, town.url, complaints)
        return page

    yield open_one
    for context in opened:
        context.close()
    assert not complaints, complaints


def _listen(page: Page, home: str, complaints: list[str]) -> None:
    """Errors of script, broken policy, and requests to anywhere else fail the test (A52, A74)."""

    def said(message: ConsoleMessage) -> None:
        expected = "the server responded with a status of 4"  # a refused form is part of many tests
        if message.type == "error" and expected not in message.text:
            complaints.append(f"{page.url}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((home, "data:", "about:", "blob:")):
            complaints.append(f"{page.url} asked {request.url}")

    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("request", asked)


@pytest.fixture
def signed_in(open_browser: Callable[..., Page], town: Town) -> Callable[..., Page]:
    """signed_in("verifier", look, n=1): the second verifier; password and code are typed once per account."""

    def sign_in(role: str, look: Look | None = None, n: int = 0) -> Page:
        account = town.staff(role, n)
        state = town.states.get(account["username"])
        page = open_browser(look or Look(width=DESK), state)
        if state is None:
            page.goto("/office/sign-in")
            page.fill("[name=username]", account["username"])
            page.fill("[name=password]", account["password"])
            page.fill("[name=code]", town.totp(account))
            page.press("[name=code]", "Enter")
            page.wait_for_url(lambda url: not url.split("?")[0].endswith("/office/sign-in"))
            town.states[account["username"]] = page.context.storage_state()
        else:
            page.goto("/office/")
        return page

    return sign_in


@pytest.fixture
def as_citizen(open_browser: Callable[..., Page], town: Town) -> Callable[..., Page]:
    """as_citizen(look, person): a page in which that person (else one with a history) has proved the phone."""

    def sign_in(look: Look | None = None, person: dict[str, Any] | None = None) -> Page:
        key = f"citizen {person['place'] if person else 'history'}"
        if key in town.states:
            page = open_browser(look, town.states[key])
            page.goto("/mine")
            return page
        page, person = open_browser(look), person or town.person("history")
        seen = sum(1 for message in town.messages(person) if message["code"])
        page.goto("/sign-in")
        page.fill("[name=name]", person["name"])
        page.fill("[name=number]", person["number"])
        page.click("button[name=action][value=send_code]")
        page.fill("[name=code]", town.code(person, seen=seen))
        page.click("button[name=action][value=next]")
        page.wait_for_url("**/mine**")
        town.states[key] = page.context.storage_state()
        return page

    return sign_in


@pytest.fixture
def well_made() -> Callable[..., None]:
    """well_made(page): one h1, a title, its language, no sideways scroll, nothing that axe finds."""

    def look_at(page: Page) -> None:
        page.wait_for_load_state()
        where = page.url
        expect(page.locator("h1"), f"{where}: not one h1").to_have_count(1)
        assert page.locator("html").get_attribute("lang") in {"zh-Hans-CN", "en"}, where
        assert page.title(), where
        assert page.locator("main").count() == 1, where
        assert page.locator("[style]").count() == 0, f"{where}: inline style"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{where}: scrolls sideways by {wide} px"
        found = Axe().run(page, options=AXE).response["violations"]
        assert not found, [(v["id"], [node["html"][:160] for node in v["nodes"]][:3]) for v in found]

    return look_at
