"""Every route × method × role × own and other place, read from the address map and judged by the table of rights.

A new route is in here by itself. Its desk must stand in the table; what its address names must have a maker in
samples.py; where it answers something else than the table says, the reason stands below.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from backoffice.blueprint import OPEN
from backoffice.roles import DESKS, may_open
from tests.backoffice.samples import OTHER, OWN, SAMPLES, Town
from tests.make import staff_browser
from tests.visitor import Visitor
from training.database import db
from training.staff.models import Role
from training.staff.rights import Reach, right_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

# Where everybody works who is signed in: the way in and out, the first page, the own settings.
FOR_ALL = {"sign_in", "desk", "me"}
# What is sent, where an empty form would be answered before anybody looks whose it is.
FORMS: Mapping[str, Mapping[str, str]] = {
    "office.exports.decide": {"decision": "refuse"},
    "office.letters.gone": {"way": "handed"},
    "office.staff.decide": {"decision": "refuse"},
    "office.objections.decide": {"decision": "x"},
}
# Nobody gets these by the right to the desk alone, each for its reason; the answer is 404 or 409 for all.
OF_ONE_PERSON = {
    "office.exports.download": "only who asked takes the list, once it is agreed to",
    "office.audit.download": "only who asked takes the list",
    "office.staff.code": "only who proposed and who agreed, each half of the code",
    "office.me.remove_passkey": "only one's own passkeys",
    "office.sign_in.choose": "only with the paper of a first sign-in",
    "office.sign_in.finish": "only with the paper of a first sign-in",
}
# Where the right to the desk is not yet the right to decide, and who is told so with 403.
MAY_BE_TOLD = {
    ("office.objections.decide", Role.REVIEWER_MUNICIPAL): "the district decides while somebody there may",
}
LEAVES = "office.sign_in.leave"


@dataclass
class Sitting:
    """One role at work: the account, its browser, and what it finds in both places."""

    town: Town
    role: Role

    def __post_init__(self) -> None:
        self.account = self.town.account(self.role)
        self.visitor = Visitor(self.town.office.test_client())
        with self.town.office.app_context():
            staff_browser(self.visitor.client, self.account)
        self.visitor.open("/office/me")
        self.token = self.visitor.page.all("input", name="csrf_token")[0].attrs["value"]
        self._found: dict[tuple[str, str], Mapping[str, str]] = {}

    def path(self, rule: Rule, place: str) -> str:
        """The address with what stands there in this place; where the desk is closed anyway, something strange."""
        desk = rule.endpoint.split(".")[1]
        known: Mapping[str, str] = {}
        if desk in SAMPLES and right_of(self.role, desk):
            if (desk, place) not in self._found:
                self._found[desk, place] = SAMPLES[desk](self.town, place, self.account)
            known = self._found[desk, place]
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<{name}>", known.get(name, "CQ-26-7F3KM-Q9XWS"))
        return path

    def answer(self, rule: Rule, method: str, place: str) -> TestResponse:
        path = self.path(rule, place)
        if method == "GET":
            return self.visitor.client.get(path)
        data = {"csrf_token": self.token, **FORMS.get(rule.endpoint, {})}
        return self.visitor.client.post(path, data=data)

    def names_elsewhere(self) -> set[str]:
        """What names the objects of the other place, at the desks where this role has no business there."""
        values = set()
        for (desk, place), found in self._found.items():
            right = right_of(self.role, desk)
            if place == OTHER and right and right.scope in BOUND:
                values |= {value for name, value in found.items() if name not in WORDS}
        return values


WORDS = {"form", "errand", "kind", "task"}  # not names of objects
ASKED = {"audit_event", "limit_counter", "trail_check", "outbox", "staff_account", "staff_challenge"}
BOUND = (Reach.OWN_DISTRICT, Reach.OWN_INSTITUTION)


@pytest.fixture
def town(office: Flask, registries: Any, clock: Any) -> Town:
    return Town(office, registries, clock)


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule and method: first what looks, then what acts."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    for method in ("GET", "POST"):
        yield from ((rule, method) for rule in rules if method in (rule.methods or ()))


def expected(role: Role, rule: Rule, method: str, place: str) -> set[int] | None:
    """The statuses that the table allows; None: anything but 403 and 404."""
    endpoint = rule.endpoint
    desk = endpoint.split(".")[1]
    if desk in DESKS and role not in may_open(endpoint, method):
        return {403}
    if endpoint in OF_ONE_PERSON:
        return {404, 409, 410, 422}
    right = right_of(role, desk)
    if rule.arguments and place == OTHER and (desk == "counter" or (right and right.scope in BOUND)):
        return {404}
    return None


def test_every_route_stands_in_the_table(office: Flask) -> None:
    for rule, _ in routes(office):
        parts = rule.endpoint.split(".")
        if len(parts) < 3 or parts[1] in FOR_ALL or rule.endpoint in OPEN:
            continue
        assert parts[1] in DESKS, f"{rule.rule}: no such desk in the table"
        if rule.arguments and rule.endpoint not in OF_ONE_PERSON:
            assert parts[1] in SAMPLES, f"{rule.rule}: no maker in tests/backoffice/samples.py"


@pytest.mark.parametrize("role", list(Role))
def test_A16_A17_A18_every_route_answers_as_the_table_says(office: Flask, town: Town, role: Role) -> None:
    """403 at a desk that is not one's own, 404 for what is not in one's place, else neither."""
    sitting, wrong = Sitting(town, role), []
    for rule, method in routes(office):
        for place in (OWN, OTHER) if rule.arguments else (OWN,):
            if rule.endpoint == LEAVES:
                continue
            status = sitting.answer(rule, method, place).status_code
            allowed = expected(role, rule, method, place)
            closed = {404} if (rule.endpoint, role) in MAY_BE_TOLD else {403, 404}
            fits = status in allowed if allowed else status not in closed
            if not fits or status >= 500:
                wrong.append(f"{method} {rule.rule} {place}: {status}, expected {allowed or 'not 403, 404'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_I27_no_page_names_what_lies_in_another_place(office: Flask, town: Town, role: Role) -> None:
    """Whatever is opened, with objects in both places: nothing of the other district or school stands in an answer."""
    sitting = Sitting(town, role)
    for rule, method in routes(office):
        if method == "GET" and rule.arguments:
            sitting.path(rule, OWN)
            sitting.path(rule, OTHER)
    elsewhere, seen = sitting.names_elsewhere(), []
    for rule, method in routes(office):
        if method == "GET" and rule.endpoint not in OPEN:
            answer = sitting.answer(rule, method, OWN).get_data(as_text=True)
            seen += [f"{rule.rule} names {value}" for value in elsewhere if value in answer]
    assert not seen, "\n".join(seen)


def test_A21_an_auditor_changes_nothing_wherever_he_presses(office: Flask, town: Town) -> None:
    """Every POST of the office as the auditor: no table changes but the trail, the counters, what he asked for (a check
    of the trail, done by the worker) and his own settings."""
    sitting = Sitting(town, Role.AUDITOR)
    for rule, _ in routes(office):
        sitting.path(rule, OWN)
    before = digest(office)
    for rule, method in routes(office):
        if method == "POST" and rule.endpoint != LEAVES:
            sitting.answer(rule, method, OWN)
    after = digest(office)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= ASKED, changed
    assert {"enrolment", "claim", "person", "staff_role"}.isdisjoint(changed)


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_A21_administrators_open_no_case(office: Flask, town: Town, role: Role) -> None:
    closed = {"verify", "claims", "counter", "duplicates", "corrections", "objections", "search", "records"}
    sitting = Sitting(town, role)
    for rule, method in routes(office):
        if rule.endpoint.split(".")[1] in closed:
            assert sitting.answer(rule, method, OWN).status_code == 403, rule.rule


def test_A22_the_rows_of_rights_change_by_two_persons_only(office: Flask, town: Town) -> None:
    """Every POST of the office by one administrator alone, whatever is sent: nobody gains a right."""
    sitting = Sitting(town, Role.SECADMIN)
    for rule, _ in routes(office):
        sitting.path(rule, OWN)
    before = rights(office)
    for rule, method in routes(office):
        if method != "POST" or rule.endpoint == LEAVES:
            continue
        for changes in ({"decision": "agree"}, {"role": "planner", "reason": "x", "seen_version": "1"}):
            path = sitting.path(rule, OWN)
            sitting.visitor.client.post(path, data={"csrf_token": sitting.token, **changes})
    gained = rights(office) - before - {row for row in rights(office) if row[1] == "verifier"}
    assert not gained


def rights(office: Flask) -> set[tuple[str, str]]:
    with office.app_context():
        rows = db.session().execute(text("SELECT account_id, role FROM staff_role")).all()
        return {(row[0], row[1]) for row in rows}


def digest(office: Flask) -> dict[str, str]:
    """A hash of every table's rows; sessions and the settings of the account left out."""
    with office.app_context():
        session = db.session()
        found = {}
        for name in db.metadata.tables:
            if name != "staff_session":
                rows = sorted(map(repr, session.execute(text(f'SELECT * FROM "{name}"')).all()))
                found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found
