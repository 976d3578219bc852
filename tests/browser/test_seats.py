"""A seat that moves, in a real browser: the line before one joins it, the message, one tap, and what the desk sees."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.town import Town
from tests.browser.walks import declare, prove, status

Open = Callable[..., Page]
SMALL = """
    SELECT class_run.id FROM class_run JOIN course ON course.id = class_run.course_id
    WHERE course.occupation = '6-31-01-03' AND course.level = '5' AND class_run.district = :district
      AND class_run.status = 'enrolling' AND class_run.waiting = 0 AND class_run.seats_left > 1
      AND class_run.id NOT IN (SELECT value FROM json_each(:cases)) AND class_run.opens_on <= date('now')
      AND class_run.starts_on > date('now', '+6 day')
    ORDER BY class_run.starts_on LIMIT 1
"""


def with_one_seat(town: Town) -> str:
    """A class of the demo that nobody looks for, left with one seat."""
    cases = "[" + ",".join(f'"{one["ref"]}"' for one in town.facts["classes"]) + "]"
    asked = {"district": town.facts["classes"][0]["district"], "cases": cases}
    with closing(sqlite3.connect(town.data_dir / "training.sqlite3", timeout=10)) as database:
        [(class_id,)] = database.execute(SMALL, asked).fetchall()
        database.execute(
            "UPDATE class_run SET seats = seats - seats_left + 1, seats_left = 1 WHERE id = ?", (class_id,)
        )
        database.commit()
    return str(class_id)


@pytest.mark.parametrize("look", [Look(PHONE, "zh"), Look(DESK, "en")], ids=str)
def test_a_seat_that_comes_free_is_taken_with_one_tap(
    look: Look, town: Town, open_browser: Open, signed_in: Open, well_made: Callable[..., None]
) -> None:
    class_id, first, second = with_one_seat(town), town.person("plain"), town.person("plain")
    leaver = open_browser(look)
    prove(leaver, town, class_id, first)
    left = declare(leaver, first)
    page = open_browser(look)
    page.goto(f"/classes/{class_id}")
    page.locator(f'a[href="/enrol/{class_id}/wait"]:visible').first.click()
    page.wait_for_url("**/wait")
    well_made(page)
    page.locator(f'main a.go[href="/enrol/{class_id}"]').click()
    prove(page, town, class_id, second)
    is_proven = not page.locator("select[name=group]").count()  # a graduate is one to the end of the year
    reference = declare(page, second)
    assert status(page, reference) == "waiting"
    leaver.goto(f"/mine/{left}/withdraw")
    leaver.check("[name=confirm]")
    leaver.click("main form[method=post] button.danger")
    text = town.hears(second, reference, "/a/")
    [code] = re.findall(r"/a/(\w{14})", text)
    phone = open_browser(look)
    phone.goto(f"/a/{code}")
    expect(phone.locator("[data-until]")).to_have_count(1)
    assert status(page, reference) == "offered", "opening the link changes nothing"
    well_made(phone)
    phone.click("button[value=accept]")
    phone.wait_for_url("**/done")
    well_made(phone)
    assert status(page, reference) == ("enrolled" if is_proven else "verifying")
    answer = phone.goto(f"/a/{code}")
    assert answer is not None
    assert answer.status == 410
    well_made(phone)
    desk = signed_in("counsellor", Look(width=look.width, lang=look.lang))
    desk.goto(f"/office/seats/{class_id}")
    well_made(desk)
    assert desk.locator(".log li").count() >= 5
    assert desk.locator("[data-place]").count() == 0, "nobody is asked, nobody waits"
