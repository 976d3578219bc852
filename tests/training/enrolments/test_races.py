"""Many at once: seats, double clicks, entitlements, freed seats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from tests.make import PACK, make_class
from tests.training.enrolments.people import enrolled, proved, registered
from training import clock, seals
from training.audit import Actor, ActorKind
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.lifecycle import HOLDS_SEAT
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, enrol, withdraw
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import TrainingError
from training.policy.queries import load_pack


def at_once(work: Callable[[Any], str], items: Sequence[Any], clients: int) -> Counter[str]:
    """Run `work` on every item by `clients` threads, each with a session of its own; count what came out."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def one(item: Any) -> str:
        with app.app_context():
            try:
                return work(item)
            except TrainingError as error:
                return type(error).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(clients) as pool:
        return Counter(pool.map(one, items))


def test_A28_32_clients_on_a_class_of_100_seats_end_with_100_enrolled_and_the_rest_in_line(
    database: Any, registries: Any
) -> None:
    class_run = make_class(seats=100)
    people = [registered() for _ in range(130)]
    registries.know(*people)
    drafts = [proved(registries, person, class_run.id) for person in people]
    pack, today = load_pack(PACK), clock.today()

    def go(draft: Any) -> str:
        return enrol(draft, class_run.id, Choice(draft.idempotency_key), pack, today).status.value

    ended = at_once(go, drafts, 32)
    assert ended == Counter(enrolled=100, waiting=30)
    places = db.session().scalars(
        select(Enrolment.place).where(Enrolment.place.is_not(None)).order_by(Enrolment.place)
    )
    assert list(places) == list(range(1, 31))
    row = db.session().get_one(ClassRun, class_run.id, populate_existing=True)
    assert (row.seats_left, row.waiting) == (0, 30)
    assert db.session().scalar(select(func.count(func.distinct(Enrolment.person_id)))) == 130
    assert seals.verify(db.session()) == []


def test_A29_a_double_click_makes_one_enrolment(database: Any, registries: Any) -> None:
    class_run = make_class(seats=10)
    person = registered()
    registries.know(person)
    draft = proved(registries, person, class_run.id)
    pack, today = load_pack(PACK), clock.today()

    def go(_: int) -> str:
        return enrol(draft, class_run.id, Choice("same"), pack, today).reference

    ended = at_once(go, range(8), 8)
    assert len(ended) == 1
    assert db.session().get_one(ClassRun, class_run.id, populate_existing=True).seats_left == 9


def test_A27_two_classes_at_once_hold_one_entitlement(database: Any, registries: Any) -> None:
    starts = [clock.today() + timedelta(days=10 + 40 * n) for n in range(4)]
    classes = [make_class(starts_on=start) for start in starts]
    person = registered()
    registries.know(person)
    pairs = [(proved(registries, person, row.id), row.id) for row in classes]
    pack, today = load_pack(PACK), clock.today()

    def go(pair: Any) -> str:
        draft, class_id = pair
        return enrol(draft, class_id, Choice(draft.idempotency_key), pack, today).status.value

    ended = at_once(go, pairs, 4)
    assert ended == Counter(enrolled=1, NotEligible=3)
    held = select(func.count()).select_from(Entitlement).where(Entitlement.state == EntitlementState.HELD)
    assert db.session().scalar(held) == 1


def test_I21_leaving_and_joining_at_once_keeps_order_and_loses_nothing(
    database: Any, registries: Any
) -> None:
    class_run = make_class(seats=8)
    inside = [registered() for _ in range(12)]
    joining = [registered() for _ in range(8)]
    registries.know(*inside, *joining)
    made = [enrolled(registries, person, class_run.id) for person in inside]
    drafts = [proved(registries, person, class_run.id) for person in joining]
    pack, today = load_pack(PACK), clock.today()

    def go(item: Any) -> str:
        if isinstance(item, Enrolment):
            actor = Actor(ActorKind.PERSON, item.person_id)
            return withdraw(item.person_id, item.reference, actor, pack, today).status.value
        return enrol(item, class_run.id, Choice(item.idempotency_key), pack, today).status.value

    mixed = [thing for pair in zip(made[:8], drafts, strict=True) for thing in pair]
    ended = at_once(go, mixed, 8)
    assert ended["withdrawn"] == 8
    rows = db.session().scalars(select(Enrolment).execution_options(populate_existing=True)).all()
    seated = [row for row in rows if row.status in HOLDS_SEAT]
    waiting = sorted(row.place or 0 for row in rows if row.status.value == "waiting")
    run = db.session().get_one(ClassRun, class_run.id, populate_existing=True)
    assert len(seated) == 8 - run.seats_left
    assert run.waiting == len(waiting)
    assert not (run.seats_left and waiting)
    assert {row.id for row in made[8:]} <= {row.id for row in seated}
    assert all(row.status.value == "offered" for row in seated if row.id in {one.id for one in made[8:]})
    assert seals.verify(db.session()) == []
