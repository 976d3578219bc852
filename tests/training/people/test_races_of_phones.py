"""Two people at one request for a phone, at the same moment: one of them wins, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests.make import DISTRICT, PACK, actor_of, staff
from tests.training.enrolments.people import registered
from training import clock
from training.audit import AuditEvent, EventName, Outcome
from training.database import db
from training.errors import TrainingError
from training.numbers import recognise
from training.people import operations as people
from training.people.models import Phone, PhoneChange, PhoneReason
from training.people.operations import AskedPhone
from training.policy.queries import load_pack
from training.staff.queries import phone_belongs_to_staff

NEW = "18700002245"
pack = load_pack(PACK)


def at_once(app: Flask, *works: Callable[[], Any]) -> list[str]:
    """Run them together, each in a context of its own; what each came to."""
    gate = Barrier(len(works))

    def run(work: Callable[[], Any]) -> str:
        with app.app_context():
            gate.wait()
            try:
                work()
            except TrainingError as error:
                return type(error).__name__
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return sorted(pool.map(run, works))


def asked(registries: Any, who: Any, phone: str = NEW, key: str = "") -> AskedPhone:
    number = recognise(who.number, clock.today())
    answer = registries.ports.social_card.look_up(number, timeout_s=3)
    return AskedPhone(number, answer, phone, PhoneReason.LOST, DISTRICT, phone_belongs_to_staff, key)


def test_two_clerks_ask_for_one_person_at_once(office: Flask, registries: Any) -> None:
    who = registered()
    registries.know(who)
    with office.app_context():
        actors = [actor_of(staff("counsellor")) for _ in range(4)]
    said = at_once(
        office,
        *(lambda actor=actor: people.ask_for_phone(asked(registries, who), actor, pack) for actor in actors),
    )
    assert said == ["NotAllowedNow"] * 3 + ["done"]
    with office.app_context():
        assert db.session.scalar(select(func.count(PhoneChange.id))) == 1


def test_A29_a_double_click_of_the_first_person_is_one_request(office: Flask, registries: Any) -> None:
    who = registered()
    registries.know(who)
    with office.app_context():
        actor = actor_of(staff("counsellor"))
    said = at_once(office, *(lambda: people.ask_for_phone(asked(registries, who), actor, pack),) * 4)
    assert said == ["done"] * 4
    with office.app_context():
        assert db.session.scalar(select(func.count(PhoneChange.id))) == 1


def test_A08_agreeing_and_refusing_at_once_is_one_decision(office: Flask, registries: Any) -> None:
    who = registered()
    registries.know(who)
    with office.app_context():
        change = people.ask_for_phone(asked(registries, who), actor_of(staff("counsellor")), pack)
        one, two, three = (actor_of(staff("counsellor")) for _ in range(3))
        change_id = change.id
        db.session.remove()
    said = at_once(
        office,
        lambda: people.agree_to_phone(change_id, DISTRICT, one, NEW, pack, is_verifier=False),
        lambda: people.agree_to_phone(change_id, DISTRICT, two, NEW, pack, is_verifier=False),
        lambda: people.refuse_phone(change_id, DISTRICT, three, pack),
    )
    assert said == ["NotAllowedNow", "NotAllowedNow", "done"]
    names = (EventName.PHONE_CHANGED, EventName.PHONE_REFUSED)
    with office.app_context():
        done = select(func.count(AuditEvent.id)).where(
            AuditEvent.name.in_(names), AuditEvent.outcome == Outcome.DONE
        )
        assert db.session.scalar(done) == 1
        live = select(func.count(Phone.id)).where(Phone.ended_at.is_(None))
        assert db.session.scalar(live) == 1


def test_A08_three_wrong_typings_at_once_end_it_and_no_fourth_is_right(
    office: Flask, registries: Any
) -> None:
    who = registered()
    registries.know(who)
    with office.app_context():
        change = people.ask_for_phone(asked(registries, who), actor_of(staff("counsellor")), pack)
        others = [actor_of(staff("counsellor")) for _ in range(5)]
        change_id = change.id
        db.session.remove()
    said = at_once(
        office,
        *(
            lambda actor=actor: people.agree_to_phone(
                change_id, DISTRICT, actor, "18700002249", pack, is_verifier=False
            )
            for actor in others
        ),
    )
    assert said == ["BadInput"] * 3 + ["NotAllowedNow"] * 2
    with office.app_context():
        assert db.session.get_one(PhoneChange, change_id).tries == 3
