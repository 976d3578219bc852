"""One form sent several times at the same moment makes one thing, on both databases (A29, I18)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.backoffice.cases import World
from tests.make import DISTRICT, PACK, actor_of, make_class, make_person, staff
from tests.training.enrolments.people import enrolled, registered
from tests.training.people.test_races_of_phones import asked, at_once
from tests.training.privacy.lives import luhn_closed, proved_account
from tests.training.records.files import JIULONGPO, payments
from training import clock as the_clock
from training.audit import Actor, ActorKind, AuditEvent, EventName
from training.courses.models import Alert
from training.courses.operations import save_alert
from training.courses.search import Filters
from training.database import db
from training.enrolments.operations import Choice, Counter, take_over
from training.enrolments.operations.counter import print_slip_once
from training.numbers import recognise
from training.objections.models import Matter
from training.objections.operations import deny_by_call
from training.oversight.models import TrailCheck
from training.oversight.operations import ask_for_check
from training.people import operations as people
from training.people.models import BankAccount, Consent, PhoneChange
from training.people.operations.agreeing import accept_notice
from training.policy.queries import load_pack
from training.records.models import RecordImport
from training.records.operations import upload
from training.staff.queries import Scope

pack = load_pack(PACK)
KEY, HOLD = "a-form-of-today", timedelta(hours=72)


def once(app: Flask, table: type[Any] | None, name: EventName, work: Callable[[], Any]) -> None:
    """Four at the same moment: all hear that it is done; one event more, and in the table one row more."""

    def counted() -> tuple[int, int]:
        with app.app_context():
            events = select(func.count()).select_from(AuditEvent).where(AuditEvent.name == name)
            rows = db.session.scalar(select(func.count()).select_from(table)) if table else 0
            return rows or 0, db.session.scalar(events) or 0

    rows, events = counted()
    assert at_once(app, *(work,) * 4) == ["done"] * 4
    assert counted() == (rows + (table is not None), events + 1)


@pytest.fixture
def me(office: Flask) -> Actor:
    with office.app_context():
        return Actor(ActorKind.PERSON, make_person().id)


def test_A29_I18_one_search_is_kept(office: Flask, me: Actor) -> None:
    wanted = Filters(level="5")
    once(office, Alert, EventName.ALERT_SAVED, lambda: save_alert(me.id, wanted, me, pack.alerts, KEY))


def test_A29_I18_one_consent_is_given(office: Flask, me: Actor) -> None:
    once(office, Consent, EventName.CONSENT_GIVEN, lambda: accept_notice(me.id, me, "code", KEY))


def test_A29_I18_one_account_is_registered(office: Flask, registries: Any) -> None:
    known = registered()
    registries.know(known)
    with office.app_context():
        person = enrolled(registries, known, make_class().id).person
        draft = proved_account(registries, known, luhn_closed("622202000112345678"))
        actor, ids = Actor(ActorKind.PERSON, person.id), (person.id, draft.id)
    register = people.register_account
    once(office, BankAccount, EventName.ACCOUNT_REGISTERED, lambda: register(*ids, actor, HOLD, KEY))


def test_A29_I18_one_check_of_the_trail_is_asked_for(office: Flask) -> None:
    with office.app_context():
        auditor = actor_of(staff("auditor", district=None))
    once(office, TrailCheck, EventName.TRAIL_CHECK_ASKED, lambda: ask_for_check(auditor, KEY))


def test_A29_I18_one_file_is_taken_whatever_is_in_it(office: Flask) -> None:
    with office.app_context():
        reviewer = actor_of(staff("reviewer_municipal", district=None))
    files = [JIULONGPO.file(payments(n)) for n in (3, 4, 5, 6)]
    once(
        office,
        RecordImport,
        EventName.RECORDS_UPLOADED,
        lambda: upload(reviewer, "x.csv", io.BytesIO(files.pop()), pack, key=KEY),
    )


def test_A29_I18_one_request_for_a_phone_is_made(office: Flask, registries: Any) -> None:
    who = registered()
    registries.know(who)
    with office.app_context():
        counsellor = actor_of(staff("counsellor"))
    wish = asked(registries, who, key=KEY)
    once(office, PhoneChange, EventName.PHONE_ASKED, lambda: people.ask_for_phone(wish, counsellor, pack))


def test_A29_I18_one_matter_is_opened_by_a_call(office: Flask, registries: Any, clock: Any) -> None:
    case = World(office, registries, clock).without_code()
    with office.app_context():
        verifier, here = actor_of(staff("verifier")), Scope(DISTRICT)
    call = (case.reference, here, verifier, "没去过。", pack, KEY)
    once(office, Matter, EventName.MATTER_OPENED, lambda: deny_by_call(*call))


def test_A29_I18_one_case_is_taken_over_and_one_slip_printed(
    office: Flask, registries: Any, clock: Any
) -> None:
    case = World(office, registries, clock).without_code()
    with office.app_context():
        counsellor = actor_of(staff("counsellor"))
    number = recognise(str(case.number), the_clock.today())
    counter = Counter(number, registries.ports.social_card.look_up(number, timeout_s=3), "", Choice(KEY))
    take = (case.reference, counter, counsellor, pack)
    once(office, None, EventName.TAKEN_OVER, lambda: take_over(*take))
    once(office, None, EventName.SLIP_PRINTED, lambda: print_slip_once(case.id, KEY, counsellor, pack))
