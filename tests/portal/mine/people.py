"""A person who is signed in, with a life behind: for the tests of the person's own pages."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests import make
from tests.training.enrolments.people import enrolled, registered
from tests.visitor import Visitor
from training.database import transaction
from training.enrolments.models import Enrolment
from training.people.models import Person, VisitorSession
from training.ports import RegisteredPerson
from web.browser import browser_hash


def signed_in(
    portal: Flask, registries: Any, visitor: Visitor, *, how: str = "code", **changes: Any
) -> tuple[RegisteredPerson, str, str]:
    """Enrolled by phone and signed in a moment ago. Returns the person, the record's id and the reference."""
    known = registered(**changes)
    registries.know(known)
    with portal.app_context():
        made: Enrolment = enrolled(registries, known, make.make_class().id)
        come_in(visitor, made.person, how)
        return known, made.person_id, made.reference


def come_in(visitor: Visitor, person: Person, how: str = "code") -> None:
    """`visitor` is a browser in which `person` has just signed in."""
    make.citizen_browser(visitor.client, person)
    cookie = visitor.client.get_cookie("portal")
    assert cookie is not None
    id_hash = browser_hash(cookie.value)

    def said(session: Any) -> None:
        session.get_one(VisitorSession, id_hash).how = how

    transaction(said)
