"""Begun on one device, finished on another: what the code proved is the person's, what was merely typed is nobody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.page import Node
from tests.portal.mine.people import come_in
from tests.portal.phone import ask, prove
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.models import Enrolment
from training.people.models import Draft, Person, Purpose, VisitorSession
from training.ports import RegisteredPerson

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def run(portal: Flask) -> ClassRun:
    with portal.app_context():
        return make.make_class()


@pytest.fixture
def person(registries: Any) -> RegisteredPerson:
    found = registered()
    registries.know(found)
    return found


@pytest.fixture
def elsewhere(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, person: RegisteredPerson, clock: Any
) -> Visitor:
    """Another device, on which the person signs in after having begun on that of `citizen`."""
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    assert citizen.path == f"/enrol/{run.id}/check"
    clock.shift(timedelta(minutes=2))
    other = Visitor(portal.test_client())
    prove(other, portal, registries, "/sign-in", person)
    return other


def press(visitor: Visitor, action: str, run: ClassRun) -> Node:
    button = visitor.page.one(None, data_begun=run.id).one("button", value=action)
    return visitor.press(button)


def begun(visitor: Visitor) -> list[str]:
    return visitor.open("/mine").marks("data-begun")


def made(portal: Flask) -> list[Enrolment]:
    with portal.app_context():
        return list(db.session().scalars(select(Enrolment)))


def sessions(portal: Flask) -> list[VisitorSession]:
    with portal.app_context():
        return list(db.session().scalars(select(VisitorSession).order_by(VisitorSession.proved_at)))


def test_what_was_begun_is_finished_on_another_device(
    elsewhere: Visitor, portal: Flask, run: ClassRun, person: RegisteredPerson
) -> None:
    page = elsewhere.open("/mine")
    [shown] = [node.text for node in page.all(None, data_begun=run.id)]
    assert "You are not enrolled yet" in shown
    assert "Electrician" in shown
    assert "10:30" in shown, "half an hour after it was typed"
    assert person.name not in page.text
    press(elsewhere, "go_on", run)
    assert elsewhere.path == f"/enrol/{run.id}/check"
    assert person.name in elsewhere.page.text
    elsewhere.send(declaration="yes")
    assert elsewhere.path == f"/enrol/{run.id}/done"
    [one] = made(portal)
    assert elsewhere.open("/mine").mark("data-reference") == one.reference
    assert begun(elsewhere) == []


def test_the_device_left_behind_holds_nothing_any_more(
    citizen: Visitor, elsewhere: Visitor, run: ClassRun, person: RegisteredPerson
) -> None:
    elsewhere.open("/mine")
    press(elsewhere, "go_on", run)
    page = citizen.open(f"/enrol/{run.id}/check")
    assert citizen.path.startswith(f"/enrol/{run.id}?over=1")
    assert "went on with it elsewhere" in page.text
    assert person.name not in page.text


def test_A29_going_on_twice_comes_to_the_same_page(elsewhere: Visitor, run: ClassRun) -> None:
    elsewhere.open("/mine")
    form = elsewhere.page.one(None, data_begun=run.id).one("form")
    for _ in range(2):
        elsewhere.send(form, action="go_on")
        assert (elsewhere.status, elsewhere.path) == (200, f"/enrol/{run.id}/check")


def test_it_takes_the_place_of_what_was_typed_here_for_the_same_class(
    elsewhere: Visitor, portal: Flask, run: ClassRun, person: RegisteredPerson
) -> None:
    somebody = registered()
    elsewhere.open(f"/enrol/{run.id}")
    elsewhere.post(f"/enrol/{run.id}", action="send_code", name=somebody.name, number=somebody.number)
    elsewhere.open("/mine")
    page = press(elsewhere, "go_on", run)
    assert person.name in page.text
    assert somebody.name not in page.text
    with portal.app_context():
        assert len(db.session().scalars(select(Draft).where(Draft.purpose == Purpose.ENROL)).all()) == 1


def test_it_can_be_forgotten_everywhere(citizen: Visitor, elsewhere: Visitor, run: ClassRun) -> None:
    elsewhere.open("/mine")
    page = press(elsewhere, "forget", run)
    assert (elsewhere.path, page.marks("data-begun")) == ("/mine", [])
    citizen.open(f"/enrol/{run.id}/check")
    assert citizen.path.startswith(f"/enrol/{run.id}?over=1")


def test_it_lives_as_long_as_what_was_typed(elsewhere: Visitor, run: ClassRun, clock: Any) -> None:
    elsewhere.open("/mine")
    clock.shift(timedelta(minutes=27))
    assert begun(elsewhere) == [run.id]
    page = elsewhere.page.one(None, data_begun=run.id).one("form")
    clock.shift(timedelta(minutes=2))
    elsewhere.send(page, action="go_on")
    assert elsewhere.status == 404
    assert begun(elsewhere) == []


def test_what_was_handed_in_is_not_begun(
    citizen: Visitor, elsewhere: Visitor, portal: Flask, run: ClassRun
) -> None:
    citizen.send(declaration="yes")
    assert len(made(portal)) == 1
    assert begun(elsewhere) == []
    assert begun(citizen) == []


def test_A01_a_number_that_was_merely_typed_is_nobodys(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, person: RegisteredPerson, clock: Any
) -> None:
    """Whoever types another's number leaves no trace on that person's pages, and the other way round."""
    ask(citizen, portal, f"/enrol/{run.id}", person)
    clock.shift(timedelta(minutes=2))
    other = Visitor(portal.test_client())
    prove(other, portal, registries, "/sign-in", person)
    assert begun(other) == []
    other.post("/mine/begun", **{"class": run.id}, action="go_on", csrf_token=token(other))
    assert other.status == 404
    other.open(f"/enrol/{run.id}/check")
    assert other.path.startswith(f"/enrol/{run.id}?over=1")


def test_A15_another_persons_beginning_is_not_there(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, person: RegisteredPerson, clock: Any
) -> None:
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    clock.shift(timedelta(minutes=2))
    thief, other = registered(), Visitor(portal.test_client())
    registries.know(thief)
    prove(other, portal, registries, "/sign-in", thief)
    assert begun(other) == []
    for action, status in (("go_on", 404), ("forget", 200)):
        other.post("/mine/begun", **{"class": run.id}, action=action, csrf_token=token(other))
        assert other.status == status
    citizen.send(declaration="yes")
    assert citizen.path == f"/enrol/{run.id}/done"


def test_the_code_of_a_slip_does_not_go_on_with_what_a_phone_proved(
    citizen: Visitor,
    portal: Flask,
    registries: Any,
    run: ClassRun,
    person: RegisteredPerson,
    elsewhere: Visitor,
) -> None:
    """It would come out of it as a session of the phone, which opens level 2."""
    slip = Visitor(portal.test_client())
    with portal.app_context():
        come_in(slip, db.session().scalars(select(Person)).one(), "slip")
    assert begun(slip) == []
    slip.post("/mine/begun", **{"class": run.id}, action="go_on", csrf_token=token(slip))
    assert slip.status == 404


def test_A10_going_on_elsewhere_makes_no_proof_younger(
    elsewhere: Visitor, portal: Flask, run: ClassRun, clock: Any
) -> None:
    """A device that was signed in long ago does not open level 2 by finishing what was proved a moment ago."""
    before = sessions(portal)[-1]
    clock.shift(timedelta(minutes=20))
    assert begun(elsewhere) == [run.id]
    press(elsewhere, "go_on", run)
    elsewhere.send(declaration="yes")
    assert elsewhere.path == f"/enrol/{run.id}/done"
    [after] = [row for row in sessions(portal) if row.id_hash == before.id_hash]
    assert (after.proved_at, after.expires_at) == (before.proved_at, before.expires_at)


def test_A10_an_enrolment_opens_a_session_as_old_as_its_code(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, person: RegisteredPerson, clock: Any
) -> None:
    """Step 2 may lie open for half an hour: what wants a fresh code wants another one then."""
    prove(citizen, portal, registries, f"/enrol/{run.id}", person)
    clock.shift(timedelta(minutes=25))
    citizen.send(declaration="yes")
    assert citizen.path == f"/enrol/{run.id}/done"
    [row] = sessions(portal)
    assert row.seen_at - row.proved_at == timedelta(minutes=25)


def test_neither_of_both_actions_is_nothing(elsewhere: Visitor, run: ClassRun) -> None:
    elsewhere.open("/mine")
    elsewhere.post("/mine/begun", **{"class": run.id}, action="x", csrf_token=token(elsewhere))
    assert elsewhere.status == 422
    assert begun(elsewhere) == [run.id]


def token(visitor: Visitor) -> str:
    return visitor.open("/mine").all("input", name="csrf_token")[0].attrs["value"]
