"""Tell me about new classes like this: kept for a phone proved by a code, one message a day, one tap to stop."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.page import Node
from tests.portal.phone import ask, button, code_on, prove, work_off
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.audit import AuditEvent, EventName
from training.clock import SHANGHAI
from training.courses.models import Alert, ClassRun
from training.courses.operations import tell_of_new_classes
from training.database import db
from training.people.models import VisitorSession
from training.policy.pack import Pack

pytestmark = pytest.mark.usefixtures("clock")
SEARCH = "/courses/alerts?q=diangong"


def saved(citizen: Visitor, portal: Flask, registries: Any, path: str = SEARCH) -> Any:
    """A person who has saved a search."""
    person = registered()
    registries.know(person)
    prove(citizen, portal, registries, path, person)
    return person


def alerts(portal: Flask) -> list[Alert]:
    with portal.app_context():
        return list(db.session().scalars(select(Alert).order_by(Alert.created_at)))


def look(portal: Flask) -> int:
    """What the clock does, and the worker after it."""
    with portal.app_context():
        pack: Pack = portal.extensions["pack"]
        told = tell_of_new_classes(pack.alerts)
        db.session.remove()
    work_off(portal)
    return told


def new_class(portal: Flask, **changes: Any) -> ClassRun:
    with portal.app_context():
        return make.make_class(**changes)


def words(registries: Any, person: Any) -> list[str]:
    return [
        str(message["text"]) for message in registries.messages(person.phone) if "/a/" in str(message["text"])
    ]


def test_a_search_is_kept_for_a_phone_proved_by_a_code(
    citizen: Visitor, portal: Flask, registries: Any
) -> None:
    page = citizen.open("/courses", q="diangong")
    link = next(link for link in page.all("a") if link.text == "Tell me about new classes like this")
    assert link.attrs["href"] == SEARCH
    person = saved(citizen, portal, registries)
    page = citizen.page
    assert citizen.status == 200
    assert "at most once a day" in page.text
    assert person.phone not in page.text
    assert page.mark("data-alert") == alerts(portal)[0].id


@pytest.mark.parametrize("path", ["/sign-in", SEARCH])
def test_A05_proving_a_phone_for_a_search_is_the_same_act_as_signing_in(
    citizen: Visitor, portal: Flask, registries: Any, path: str
) -> None:
    """The same message to the phone, the same event, the same session; the code is good for nothing else."""
    person = registered()
    registries.know(person)
    ask(citizen, portal, path, person)
    [message] = registries.messages(person.phone)
    assert "is your code, valid for 10 minutes. Tell it to nobody" in str(message["text"])
    code = code_on(registries, person.phone or "")
    elsewhere = {"/sign-in": SEARCH, SEARCH: "/sign-in"}[path]
    citizen.open(elsewhere)
    citizen.post(elsewhere, action="next", name=person.name, number=person.number, code=code)
    assert (citizen.status, citizen.page.mark("data-error")) == (422, "code")
    citizen.open(path)
    citizen.press(button(citizen.page, "next"), code=code)
    with portal.app_context():
        [row] = db.session().scalars(select(VisitorSession))
        named = (AuditEvent.subject == row.person_id, AuditEvent.name == EventName.SIGNED_IN)
        [event] = db.session().scalars(select(AuditEvent).where(*named))
        assert (row.how, row.proved_at, event.facts) == ("code", row.seen_at, {"how": "code"})


def test_whoever_is_signed_in_saves_with_one_button(citizen: Visitor, portal: Flask, registries: Any) -> None:
    saved(citizen, portal, registries)
    page = citizen.open("/courses/alerts?level=5&free=1")
    assert not page.all("input", name="number")
    citizen.press(next(b for b in page.all("button", name="action") if b.attrs["value"] == "next"))
    assert len(citizen.page.marks("data-alert")) == 2


def test_the_same_search_again_is_kept_for_longer_not_twice(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    saved(citizen, portal, registries)
    before = alerts(portal)[0].kept_until
    clock.shift(timedelta(minutes=3))
    page = citizen.open(SEARCH + "&sort=subsidy&page=2")
    citizen.press(next(b for b in page.all("button", name="action") if b.attrs["value"] == "next"))
    [alert] = alerts(portal)
    assert alert.kept_until == before + timedelta(minutes=3)


def test_A29_the_same_form_again_is_the_same_search(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    saved(citizen, portal, registries)
    page = citizen.open("/courses/alerts?level=5")
    save = next(b for b in page.all("button", name="action") if b.attrs["value"] == "next")
    citizen.press(save)
    there, (_, before) = citizen.path, alerts(portal)
    clock.shift(timedelta(minutes=3))
    citizen.press(save)
    assert (citizen.status, citizen.path) == (200, there)
    assert alerts(portal)[1].kept_until == before.kept_until
    with portal.app_context():
        asked = select(AuditEvent).where(AuditEvent.name == EventName.ALERT_SAVED)
        assert len(db.session().scalars(asked).all()) == 2


def test_a_search_for_everything_and_one_too_many_are_not_kept(
    citizen: Visitor, portal: Flask, registries: Any
) -> None:
    saved(citizen, portal, registries)
    citizen.post("/courses/alerts", action="next")
    assert citizen.status == 409
    assert "Choose at least one filter" in citizen.page.text
    for level in ("5", "4", "3", "2"):
        citizen.open(f"/courses/alerts?level={level}")
        citizen.post(f"/courses/alerts?level={level}", action="next")
    assert len(alerts(portal)) == 5
    citizen.open("/courses/alerts?level=1")
    citizen.post("/courses/alerts?level=1", action="next")
    assert citizen.status == 409
    assert len(alerts(portal)) == 5


def test_one_message_a_day_tells_of_new_classes_only(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    new_class(portal)
    person = saved(citizen, portal, registries)
    assert look(portal) == 0, "classes that were there before are not new"
    clock.shift(timedelta(hours=1, minutes=1))
    new_class(portal)
    new_class(portal)
    assert look(portal) == 1
    [text] = words(registries, person)
    assert "New classes like your search: 2" in text
    clock.shift(timedelta(hours=2))
    new_class(portal)
    assert look(portal) == 0, "one message a day"
    clock.shift(timedelta(hours=13))
    assert look(portal) == 0, "not in the night"
    clock.move_to(datetime(2026, 6, 17, 9, 30, tzinfo=SHANGHAI))
    assert look(portal) == 1
    assert len(words(registries, person)) == 2


def test_a_class_that_opens_is_new_a_full_one_is_not(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    opens = datetime(2026, 6, 18, tzinfo=SHANGHAI).date()
    new_class(portal, opens_on=opens)
    person = saved(citizen, portal, registries)
    clock.move_to(datetime(2026, 6, 17, 12, tzinfo=SHANGHAI))
    new_class(portal, seats_left=0)
    assert look(portal) == 0
    clock.move_to(datetime(2026, 6, 18, 12, tzinfo=SHANGHAI))
    assert look(portal) == 1
    assert "New classes like your search: 1" in words(registries, person)[0]


def test_one_tap_in_a_message_stops_it_once(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    person = saved(citizen, portal, registries)
    clock.shift(timedelta(hours=1, minutes=1))
    new_class(portal)
    look(portal)
    path = re.search(r"/a/[2-9A-Z]{14}", words(registries, person)[0])
    assert path is not None
    stranger = Visitor(portal.test_client())
    page = stranger.open(path[0])
    assert stranger.status == 200
    assert page.all(data_until=True)
    assert person.name not in page.text
    assert alerts(portal)[0].ended_at is None, "opening the link changes nothing"
    stranger.press(next(b for b in page.all("button", name="answer") if b.attrs["value"] == "stop"))
    assert stranger.status == 200
    assert alerts(portal)[0].ended_at is not None
    stranger.open(path[0])
    assert stranger.status == 410
    clock.shift(timedelta(days=1))
    new_class(portal)
    assert look(portal) == 0


def test_it_can_be_stopped_on_the_page_and_ends_by_itself(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    saved(citizen, portal, registries)
    citizen.press(button(citizen.page, "stop"))
    assert "Stopped" in citizen.page.text
    assert not citizen.page.marks("data-alert")
    saved(Visitor(portal.test_client()), portal, registries)
    clock.shift(timedelta(days=91))
    look(portal)
    assert all(alert.ended_at is not None for alert in alerts(portal))


def test_A15_another_persons_search_cannot_be_stopped(
    citizen: Visitor, portal: Flask, registries: Any
) -> None:
    saved(citizen, portal, registries)
    theirs = citizen.page.mark("data-alert")
    other = Visitor(portal.test_client())
    saved(other, portal, registries)
    page: Node = other.open("/courses/alerts")
    other.press(button(page, "stop"), alert=theirs)
    assert other.status == 404
    assert [alert.ended_at for alert in alerts(portal)] == [None, None]


def test_I28_strangers_get_the_same_answer_whoever_they_name(
    citizen: Visitor, portal: Flask, registries: Any
) -> None:
    known, unknown = registered(), registered()
    registries.know(known)
    pages = []
    for person in (known, unknown):
        visitor = Visitor(portal.test_client())
        visitor.open(SEARCH)
        page = visitor.press(button(visitor.page, "send_code"), name="周小满", number=person.number)
        shown = page.text.replace(person.number[-2:], "")
        pages.append((visitor.status, re.sub(r"[\d*]+", "", shown)))
    assert pages[0] == pages[1]


def test_two_workers_at_once_send_one_message(
    citizen: Visitor, portal: Flask, registries: Any, clock: Any
) -> None:
    """Looking again in the same minute finds the search looked at."""
    person = saved(citizen, portal, registries)
    clock.shift(timedelta(hours=1, minutes=1))
    new_class(portal)
    assert [look(portal), look(portal)] == [1, 0]
    assert len(words(registries, person)) == 1
