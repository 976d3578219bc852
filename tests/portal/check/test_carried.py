"""A saved check on its way: a code that leads to nothing is said in one way wherever it comes, and goes no further."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.page import Node
from tests.portal.check.test_kept import save
from tests.portal.phone import button, prove
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training import clock as clocks
from training.courses.models import ClassRun

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.parametrize("engine", ["sqlite"], indirect=True)]
NEVER_WAS = "7KQ2-M9XD"
SAID = {
    "over": "The time for which we keep this saved result is over.",
    "unknown": "We have no saved result under this code; perhaps it is mistyped.",
}


@pytest.fixture
def run(portal: Flask) -> ClassRun:
    with portal.app_context():
        return make.make_class(starts_on=clocks.today() + timedelta(days=90))


@pytest.fixture
def full(portal: Flask) -> ClassRun:
    with portal.app_context():
        return make.make_class(starts_on=clocks.today() + timedelta(days=90), seats_left=0)


@pytest.fixture(params=["over", "unknown"])
def dead(request: pytest.FixtureRequest, citizen: Visitor, clock: Any) -> tuple[str, str]:
    """A code and why it leads to nothing."""
    if request.param == "unknown":
        return NEVER_WAS, "unknown"
    code = save(citizen)
    clock.shift(timedelta(days=30, minutes=1))
    return code, "over"


def carried_on(page: Node, code: str) -> list[str]:
    """Where the code stands in a link or a field; the links to the same page in other words do not count."""
    said = [*page.marks("href"), *(node.attrs.get("value", "") for node in page.all("input"))]
    spelt = (code, code.replace("-", ""))
    return [one for one in said if any(way in one for way in spelt) and not one.startswith("/display")]


def lost(page: Node) -> str:
    """What the page says of the code."""
    return page.one("p", data_lost=True).text


def test_it_is_said_in_the_same_words_wherever_the_code_comes(
    citizen: Visitor, run: ClassRun, full: ClassRun, dead: tuple[str, str]
) -> None:
    code, why = dead
    for address in ("/courses", f"/classes/{run.id}", f"/enrol/{run.id}", f"/enrol/{full.id}/wait"):
        page = citizen.open(address, check=code)
        assert (citizen.status, page.mark("data-lost")) == (200, why), address
        assert lost(page).startswith(SAID[why])
        assert "You can go on here without it." in lost(page)
        assert page.one("p", data_lost=True).one("a", href="/check").text == "Check again"
        assert not carried_on(page, code), "the dead code goes no further"
    page = citizen.open(f"/check/r/{code}")
    assert citizen.status == {"over": 410, "unknown": 404}[why]
    assert lost(page).startswith(SAID[why])


def test_a_code_that_lives_is_carried_and_nothing_is_said(
    citizen: Visitor, run: ClassRun, full: ClassRun
) -> None:
    code = save(citizen)
    for address in ("/courses", f"/classes/{run.id}", f"/enrol/{run.id}", f"/enrol/{full.id}/wait"):
        page = citizen.open(address, check=code.lower())
        assert not page.all(None, data_lost=True)
        assert carried_on(page, code)
        page = citizen.open(address)
        assert not page.all(None, data_lost=True)


def test_the_enrolment_stays_usable_with_a_dead_code(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, dead: tuple[str, str]
) -> None:
    code, why = dead
    person = registered()
    registries.know(person)
    page = prove(citizen, portal, registries, f"/enrol/{run.id}?check={code}", person)
    assert citizen.path == f"/enrol/{run.id}/check"
    assert not page.all(None, data_lost=True)
    page = citizen.open(f"/enrol/{run.id}/check", check=code)
    assert page.mark("data-lost") == why
    citizen.send(declaration="yes")
    assert citizen.path == f"/enrol/{run.id}/done"


def test_a_dead_code_in_the_address_does_not_hide_the_one_that_was_carried(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    code = save(citizen, situation="migrant")
    person = registered(groups=())
    registries.know(person)
    prove(citizen, portal, registries, f"/enrol/{run.id}?check={code}", person)
    page = citizen.open(f"/enrol/{run.id}/check", check=NEVER_WAS)
    chosen = [o for o in page.one("select", name="group").all("option") if "selected" in o.attrs]
    assert [option.attrs["value"] for option in chosen] == ["migrant"]


def test_what_is_wrong_beside_it_is_still_said(citizen: Visitor, run: ClassRun) -> None:
    page = citizen.open(f"/enrol/{run.id}", check=NEVER_WAS)
    page = citizen.press(button(page, "send_code"), name="", number="")
    assert (citizen.status, page.marks("data-error")) == (422, ["name", "number"])
