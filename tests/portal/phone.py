"""A person with a phone at the citizens' door: the worker's errands are done here, the code is read here."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from jobs.errands import do_errand
from tests.page import Node
from tests.visitor import Visitor
from training.database import db
from training.outbox import Errand, OutboxRow


def work_off(portal: Flask) -> None:
    """What the worker does: every row that waits, also those that come while it works."""
    with portal.app_context():
        done: set[str] = set()
        while rows := [row for row in db.session().scalars(select(OutboxRow.id)).all() if row not in done]:
            for row in rows:
                do_errand(portal, row)
                done.add(row)
        db.session.remove()


def code_on(registries: Any, phone: str) -> str:
    """The code in the newest message to this phone."""
    words = str(registries.messages(phone)[0]["text"])
    return next(
        piece for piece in "".join(c if c.isdigit() else " " for c in words).split() if len(piece) == 6
    )


def button(page: Node, action: str) -> Node:
    return page.one("button", name="action", value=action)


def ask(citizen: Visitor, portal: Flask, path: str, person: Any, **typed: str) -> Node:
    """Step 1 of an enrolment or of signing in, until the code is on its way."""
    citizen.open(path)
    fields = {"name": person.name, "number": person.number} | typed
    page = citizen.press(button(citizen.page, "send_code"), **fields)
    work_off(portal)
    return page


def prove(citizen: Visitor, portal: Flask, registries: Any, path: str, person: Any, **typed: str) -> Node:
    """The same, and the code."""
    ask(citizen, portal, path, person, **typed)
    code = code_on(registries, person.phone)
    return citizen.press(button(citizen.page, "next"), code=code)


def errands(portal: Flask) -> list[str]:
    """What waits for the worker, or did."""
    with portal.app_context():
        found = [row.errand.value for row in db.session().scalars(select(OutboxRow))]
        db.session.remove()
        return found


def send_codes(portal: Flask) -> int:
    return errands(portal).count(Errand.SEND_CODE.value)
