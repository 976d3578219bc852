"""One act by one tap: the link of a message at the citizens' door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.training.enrolments.people import again, full_class, leave, link_code
from tests.training.enrolments.test_offers import use_elsewhere
from tests.visitor import Visitor
from training.audit import AuditEvent
from training.database import db
from training.enrolments.models import Enrolment
from training.people.models import Act, Person
from web.logs import masked

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def offered(portal: Flask, registries: Any) -> tuple[str, Enrolment, Enrolment]:
    """The code of the message, who is asked, and who stands behind."""
    with portal.app_context():
        [seated], [first, second] = full_class(registries)
        leave(seated)
        first, second = again(first, second)
        return link_code(), first, second


def status_of(portal: Flask, row: Enrolment) -> str:
    with portal.app_context():
        found: str = again(row)[0].status.value
        db.session.remove()
        return found


def tap(citizen: Visitor, word: str) -> None:
    """Press the button with this answer."""
    button = citizen.page.first("button", value=word)
    assert button is not None
    citizen.press(button)


def test_opening_shows_for_whom_what_until_when_and_changes_nothing(
    portal: Flask, citizen: Visitor, offered: Any
) -> None:
    code, first, _ = offered
    with portal.app_context():
        events = len(db.session().scalars(select(AuditEvent)).all())
        name = db.session().get_one(Person, first.person_id).name
    page = citizen.open(f"/a/{code}")
    assert (citizen.status, page.mark("data-status")) == (200, "offered")
    assert page.mark("data-until").startswith("2026-06-17T02:00")
    assert page.mark("data-reference") == first.reference
    assert name not in page.text, "the name is masked"
    assert "17 June 10:00" in page.text
    assert citizen.response.headers["Cache-Control"] == "no-store"
    with portal.app_context():
        assert len(db.session().scalars(select(AuditEvent)).all()) == events
    assert status_of(portal, first) == "offered"


def test_yes_is_one_tap_and_shows_what_came_of_it(portal: Flask, citizen: Visitor, offered: Any) -> None:
    code, first, _ = offered
    citizen.open(f"/a/{code}")
    tap(citizen, "accept")
    assert (citizen.status, citizen.path) == (200, f"/a/{code}/done")
    assert citizen.page.mark("data-status") == "enrolled"
    assert status_of(portal, first) == "enrolled"


def test_no_gives_the_seat_to_the_next(portal: Flask, citizen: Visitor, offered: Any) -> None:
    code, first, second = offered
    citizen.open(f"/a/{code}")
    tap(citizen, "decline")
    assert citizen.page.mark("data-status") == "withdrawn"
    assert [status_of(portal, first), status_of(portal, second)] == ["withdrawn", "offered"]


@pytest.mark.parametrize("word", ["accept", "decline"])
def test_A06_used_or_run_out_is_gone_for_both(
    portal: Flask, citizen: Visitor, offered: Any, clock: Any, word: str
) -> None:
    code, first, _ = offered
    citizen.open(f"/a/{code}")
    if word == "accept":
        citizen.post(f"/a/{code}", answer="accept")
    else:
        clock.shift(timedelta(hours=24))
    before = status_of(portal, first)
    citizen.open("/sign-in")
    for _ in range(2):
        citizen.post(f"/a/{code}", answer=word)
        assert citizen.status == 410
        citizen.open(f"/a/{code}")
        assert citizen.status == 410
        citizen.open("/sign-in")
    assert status_of(portal, first) == before


def test_A06_a_forged_link_is_not_there_and_a_foreign_token_is_refused(
    portal: Flask, citizen: Visitor, offered: Any
) -> None:
    code, first, _ = offered
    for forged in ("ABCDEFGHJKMNPQ", "x" * 14, code[:-1]):
        citizen.open(f"/a/{forged}")
        assert citizen.status == 404
    citizen.open(f"/a/{code}/done")
    assert citizen.status == 404, "nothing has been answered yet"
    citizen.open("/sign-in")
    citizen.post(f"/a/{code}", answer="accept", csrf_token="foreign")
    assert citizen.status == 403
    assert status_of(portal, first) == "offered"


@pytest.mark.parametrize("word", ["", "maybe", "not_me", "stop"])
def test_an_answer_that_is_not_one_of_the_two_leaves_the_link_as_it_was(
    portal: Flask, citizen: Visitor, offered: Any, word: str
) -> None:
    code, first, _ = offered
    citizen.open(f"/a/{code}")
    citizen.post(f"/a/{code}", answer=word)
    assert citizen.status == 422
    assert citizen.page.mark("data-error") == "answer"
    assert status_of(portal, first) == "offered"
    with portal.app_context():
        assert [act.used_at for act in db.session().scalars(select(Act))] == [None]


def test_signed_in_one_answers_without_the_message(portal: Flask, citizen: Visitor, offered: Any) -> None:
    _, first, second = offered
    with portal.app_context():
        make.citizen_browser(citizen.client, db.session().get_one(Person, first.person_id))
    assert "17 June 10:00" in citizen.open("/mine").text
    page = citizen.open(f"/mine/{first.reference}")
    assert page.mark("data-until")
    tap(citizen, "accept")
    assert citizen.page.mark("data-status") == "enrolled"
    citizen.open("/mine")
    citizen.post(f"/mine/{first.reference}/offer", answer="decline")
    assert citizen.status == 409
    citizen.open("/mine")
    citizen.post(f"/mine/{second.reference}/offer", answer="accept")
    assert citizen.status == 404
    assert [status_of(portal, first), status_of(portal, second)] == ["enrolled", "waiting"]


def test_A62_the_code_of_a_link_stands_in_no_log() -> None:
    assert masked("GET /a/N792FWQVC4Y3ED/done") == "GET /a/***/done"


@pytest.mark.parametrize("reads_the_price", [True, False])
def test_with_the_subsidy_held_elsewhere_the_page_tells_the_price_and_yes_on_it_means_to_pay(
    portal: Flask, registries: Any, citizen: Visitor, reads_the_price: bool
) -> None:
    with portal.app_context():
        [seated], [first, second] = full_class(registries, open_to_self_payers=True)
        use_elsewhere(first)
        leave(seated)
        code = link_code()
    page = citizen.open(f"/a/{code}")
    assert page.mark("data-reason") == "cap_reached"
    assert "you pay ¥1,500" in page.text
    if reads_the_price:
        tap(citizen, "accept")
        assert citizen.page.mark("data-status") == "enrolled"
        return
    citizen.post(f"/a/{code}", answer="accept")
    assert citizen.page.mark("data-status") == "refused"
    assert citizen.page.mark("data-reason") == "cap_reached"
    assert status_of(portal, second) == "offered"
