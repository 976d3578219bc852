"""Every form that creates something carries its key, so that a double click or a reload creates it once (A29).

A new POST endpoint stands in FORMS, with a page on which its form is looked at, or in CREATES_NOTHING.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests import make
from tests.backoffice.cases import World
from tests.backoffice.counter.test_counter import look_up
from tests.backoffice.staff import arrive
from tests.house.test_doors import rules
from tests.page import Node
from tests.portal.mine.people import signed_in
from tests.portal.phone import prove
from tests.training.enrolments.people import registered
from tests.training.objections.refusals import refused_enrolment
from tests.visitor import Visitor
from training.staff.models import Role

# What each page holds does not depend on the database.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
CHECK = "birth_year=1990&situation=unemployed&district=500106&had_subsidy_this_year=no&wants=cooking"


@dataclass(frozen=True)
class Form:
    """A form that creates something: where it leads, who sees it and where. `act`: only those with this value."""

    endpoint: str
    who: str
    path: str
    act: str = ""


FORMS = [
    Form("alerts.submit", "stranger", "/courses/alerts?level=5"),
    Form("alerts.submit", "citizen", "/courses/alerts?level=5"),
    Form("check.keep", "stranger", f"/check/save?{CHECK}"),
    Form("enrol.step_one", "stranger", "/enrol/{open}"),
    Form("enrol.submit", "proved", "/enrol/{open}/check"),
    Form("feedback.send", "stranger", "/feedback"),
    Form("mine.accept", "citizen", "/mine/notice"),
    Form("mine.ask", "citizen", "/mine/access"),
    Form("mine.ask_about_data", "citizen", "/mine/data"),
    Form("mine.change_account", "citizen", "/mine/account"),
    Form("mine.send_appeal", "refused", "/mine/{refused}/appeal"),
    Form("office.audit.export", "auditor", "/office/audit/exports"),
    Form("office.audit.verify", "auditor", "/office/audit"),
    Form("office.corrections.propose", "counsellor", "/office/corrections/new"),
    Form("office.counter.print_again", "counsellor", "/office/counter/{walk_in}/slip"),
    Form("office.counter.submit", "counsellor", "/office/counter/person", "enrol"),
    Form("office.counter.submit", "counsellor", "/office/counter/person", "not_me"),
    Form("office.counter.submit", "counsellor", "/office/counter/person", "take_over"),
    Form("office.exports.ask", "reviewer_district", "/office/exports"),
    Form("office.me.add_passkey", "counsellor", "/office/me"),
    Form("office.phones.ask", "counsellor", "/office/counter/phone", "new_number"),
    Form("office.records.upload", "reviewer_municipal", "/office/records"),
    Form("office.staff.do_errand", "secadmin", "/office/staff/{account}/leave"),
    Form("office.staff.propose_new", "sysadmin", "/office/staff/new"),
    Form("office.staff.propose_right", "secadmin", "/office/staff/{account}"),
    Form("office.verify.act", "verifier", "/office/verify/{walk_in}", "not_me"),
]
# By what makes a second press harmless.
CREATES_NOTHING: Mapping[str, set[str]] = {
    "proves who somebody is, or ends it": {
        "sign_in.submit",
        "sign_in.leave",
        "office.sign_in.submit",
        "office.sign_in.leave",
        "office.sign_in.challenge",
        "office.sign_in.begin",
        "office.sign_in.finish",
    },
    "the code in its address works once": {"acts.answer"},
    "moves or decides what is there, which then stands otherwise": {
        "mine.answer",
        "mine.begun",
        "mine.send_change",
        "mine.send_correction",
        "mine.send_withdrawal",
        "office.claims.again",
        "office.claims.decide",
        "office.corrections.decide",
        "office.duplicates.act",
        "office.exports.decide",
        "office.letters.gone",
        "office.objections.decide",
        "office.phones.decide",
        "office.seats.act",
        "office.seats.answer",
        "office.staff.decide",
        "office.status.errand",
        "office.status.job",
        "office.verify.take_next",
    },
    "of the same file there is one import": {"office.records.act"},
    "a setting or secret of one's own account takes the place of the one before": {
        "office.me.save",
        "office.me.change_password",
        "office.me.change_token",
        "office.me.new_passkey",
        "office.me.remove_passkey",
        "office.me.sign_out_elsewhere",
    },
    "shows something; each look counts": {
        "office.audit.download",
        "office.audit.open_values",
        "office.exports.download",
        "office.search.open_case",
        "office.search.submit",
    },
}


@dataclass
class Scene:
    """Who looks at the forms, at which door, and the places that their addresses name."""

    visitors: Mapping[str, tuple[Flask, Visitor]]
    places: Mapping[str, str]

    def forms(self, form: Form) -> list[Node]:
        """What this page has of forms that post there."""
        app, visitor = self.visitors[form.who]
        page = visitor.open(form.path.format(**self.places))
        assert visitor.status == 200, (form, visitor.status)
        here = [
            one for one in page.all("form", method="post") if leads_to(app, visitor, one) == form.endpoint
        ]
        return [one for one in here if not form.act or one.first(None, value=form.act)]


def leads_to(app: Flask, visitor: Visitor, form: Node) -> str:
    path = urlsplit(form.attrs.get("action") or visitor.path).path
    return str(app.url_map.bind("localhost").match(path, method="POST")[0])


@pytest.fixture
def scene(portal: Flask, office: Flask, registries: Any, clock: Any) -> Scene:
    world = World(office, registries, clock)
    citizens = {who: Visitor(portal.test_client()) for who in ("stranger", "citizen", "proved", "refused")}
    desks = {
        role: arrive(office, role.value.replace("_", "-"), role, district=place)
        for role, place in (
            (Role.COUNSELLOR, make.DISTRICT),
            (Role.VERIFIER, make.DISTRICT),
            (Role.REVIEWER_DISTRICT, make.DISTRICT),
            (Role.REVIEWER_MUNICIPAL, None),
            (Role.AUDITOR, None),
            (Role.SECADMIN, None),
            (Role.SYSADMIN, None),
        )
    }
    known, _, _ = signed_in(portal, registries, citizens["citizen"])
    prove(citizens["proved"], portal, registries, f"/enrol/{world.class_id}", world.know(registered()))
    with office.app_context():
        refused = refused_enrolment()
        make.citizen_browser(citizens["refused"].client, refused.person)
    for number in (known.number, world.without_code().number):
        look_up(desks[Role.COUNSELLOR], str(number))
    walk_in = world.walk_in("counsellor")
    visitors = {who: (portal, visitor) for who, visitor in citizens.items()}
    visitors |= {role.value: (office, visitor) for role, visitor in desks.items()}
    places = {"open": world.class_id, "refused": refused.reference, "walk_in": walk_in.reference}
    places["account"] = world.account("verifier").id
    return Scene(visitors, places)


def test_A29_every_form_that_creates_something_carries_a_key_of_its_own(scene: Scene) -> None:
    keys: list[str] = []
    for form in FORMS:
        found = scene.forms(form)
        assert found, f"no such form: {form}"
        for one in found:
            field = one.first("input", name="idempotency_key")
            assert field is not None, f"no idempotency_key: {form}"
            keys.append(field.attrs["value"])
    assert all(len(key) >= 8 for key in keys)
    assert len(set(keys)) == len(keys)


def test_A29_every_form_is_known_to_create_something_or_nothing(portal: Flask, office: Flask) -> None:
    here = {rule.endpoint for app in (portal, office) for rule in rules(app, changing=True)}
    creating, harmless = {form.endpoint for form in FORMS}, set().union(*CREATES_NOTHING.values())
    assert not here - creating - harmless, f"does it create something? {sorted(here - creating - harmless)}"
    assert not (creating | harmless) - here, f"no such route: {sorted((creating | harmless) - here)}"
    assert not creating & harmless
