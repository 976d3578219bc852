"""Many at once on one line: nobody is passed, nothing is lost, one offer has one answer."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.make import PACK, make_class
from tests.training.enrolments.people import again, enrolled, full_class, leave, link_code, proved, registered
from tests.training.enrolments.test_moves import course_with
from tests.training.enrolments.test_offers import DESK, held
from tests.training.enrolments.test_races import at_once
from training import clock, seals
from training.audit import Actor, ActorKind, AuditEvent, EventName
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments.lifecycle import HOLDS_SEAT, EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Answer,
    Change,
    Choice,
    answer_by_link,
    cancel_class,
    change_class,
    enrol,
    pass_on_offers,
    release_offer,
    withdraw,
)
from training.policy.queries import load_pack

PACK_ = load_pack(PACK)


def rows_of(class_id: str) -> list[Enrolment]:
    db.session().expire_all()
    return list(db.session().scalars(select(Enrolment).where(Enrolment.class_id == class_id)))


def sound(class_id: str) -> None:
    """0 <= enrolled <= capacity, every seat counted once, nobody waits beside a free seat, nothing altered."""
    rows, run = rows_of(class_id), db.session().get_one(ClassRun, class_id, populate_existing=True)
    seated = [row for row in rows if row.status in HOLDS_SEAT]
    line = [row for row in rows if row.status is EnrolmentStatus.WAITING]
    assert len(seated) + run.seats_left == run.seats
    assert run.waiting == len(line)
    assert len({row.place for row in line}) == len(line)
    assert not (run.seats_left and line)
    assert seals.verify(db.session()) == []


def asked_in_order(class_id: str) -> list[int]:
    """The places in line of those who were asked, in the order in which they were asked."""
    ids = {row.id for row in rows_of(class_id)}
    names = (EventName.ENROLLED, EventName.SEAT_OFFERED)
    events = db.session().scalars(
        select(AuditEvent).where(AuditEvent.name.in_(names)).order_by(AuditEvent.id)
    )
    places: dict[str, int] = {}
    asked = []
    for event in events:
        if event.subject not in ids:
            continue
        if event.name == EventName.ENROLLED:
            places[event.subject] = event.facts["place"]
        else:
            asked.append(places[event.subject])
    return asked


def leaves(row: Enrolment) -> str:
    actor = Actor(ActorKind.PERSON, row.person_id)
    return withdraw(row.person_id, row.reference, actor, PACK_, clock.today()).status.value


def test_I21_50_leave_and_50_join_at_once_and_the_order_is_kept(database: Any, registries: Any) -> None:
    run = make_class(seats=50)
    people = [registered() for _ in range(60)]
    newcomers = [registered() for _ in range(50)]
    registries.know(*people, *newcomers)
    made = [enrolled(registries, person, run.id) for person in people]
    drafts = [proved(registries, person, run.id) for person in newcomers]

    def go(item: Any) -> str:
        if isinstance(item, Enrolment):
            return leaves(item)
        return enrol(item, run.id, Choice(item.idempotency_key), PACK_, clock.today()).status.value

    ended = at_once(go, [thing for pair in zip(made[:50], drafts, strict=True) for thing in pair], 8)
    assert ended == Counter(withdrawn=50, waiting=50)
    rows = rows_of(run.id)
    now = Counter(row.status.value for row in rows)
    assert now == Counter(withdrawn=50, offered=50, waiting=10)
    asked = asked_in_order(run.id)
    assert asked == sorted(asked) == list(range(1, 51)), "in the order of the line, nobody passed"
    assert {row.status.value for row in rows if row.id in {one.id for one in made[50:]}} == {"offered"}
    sound(run.id)


def test_A06_two_taps_on_one_offer_have_one_effect(database: Any, registries: Any) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    code = link_code()

    def tap(word: str) -> str:
        return answer_by_link(code, Answer(word), PACK_).status.value

    ended = at_once(tap, ["accept"] * 6, 6)
    assert ended == Counter(enrolled=1, Gone=5)
    assert held(first) == 1
    assert again(second)[0].status is EnrolmentStatus.WAITING
    sound(first.class_id)


def test_yes_and_no_at_once_is_one_of_them(database: Any, registries: Any) -> None:
    seated, line = full_class(registries, seats=3, line=6)
    for row in seated:
        leave(row)
    codes = [link_code("offered", row.reference) for row in line[:3]]
    taps = [(code, word) for code in codes for word in ("accept", "decline")]

    def tap(item: tuple[str, str]) -> str:
        return answer_by_link(item[0], Answer(item[1]), PACK_).status.value

    ended = at_once(tap, taps, 6)
    assert ended["Gone"] == 3
    assert ended["enrolled"] + ended["withdrawn"] == 3
    sound(seated[0].class_id)


def test_a_tap_against_the_clock_has_one_outcome(database: Any, registries: Any) -> None:
    """Offers that end in a moment: whoever comes first, tap or clock, the other finds it done."""
    seated, line = full_class(registries, seats=6, line=12)
    for row in seated:
        leave(row)
    codes = [link_code("offered", row.reference) for row in line[:6]]
    ends = clock.now() + timedelta(seconds=0.4)

    def end_soon(session: Any) -> None:
        for row in session.scalars(select(Enrolment).where(Enrolment.status == EnrolmentStatus.OFFERED)):
            row.held_until = ends

    transaction(end_soon)

    def go(item: str) -> str:
        if item == "clock":
            passed, until = 0, time.monotonic() + 1.2
            while time.monotonic() < until:
                passed += pass_on_offers(PACK_)
            return f"passed {passed}"
        time.sleep(0.38)
        return answer_by_link(item, Answer("accept"), PACK_).status.value

    ended = at_once(go, ["clock", *codes, "clock"], 8)
    passed = sum(int(word.split()[1]) for word in ended.elements() if word.startswith("passed"))
    assert ended["enrolled"] + passed == 6
    now = Counter(row.status.value for row in again(*line[:6]))
    assert now["enrolled"] == ended["enrolled"]
    assert now["enrolled"] + now["waiting"] + now["offered"] == 6
    sound(seated[0].class_id)


def test_a_tap_a_desk_and_leaving_meet_and_one_of_them_counts(database: Any, registries: Any) -> None:
    [seated], [first, second, _] = full_class(registries, line=3)
    leave(seated)
    code = link_code()

    def go(how: str) -> str:
        if how == "tap":
            return answer_by_link(code, Answer("accept"), PACK_).status.value
        if how == "desk":
            return release_offer(first.id, DESK, "打电话说不来", PACK_).status.value
        return leaves(first)

    ended = at_once(go, ["tap", "desk", "leave"] * 2, 6)
    assert sum(ended.values()) == 6
    [one, _] = again(first, second)
    assert one.status.value in ("enrolled", "withdrawn", "waiting")
    sound(first.class_id)


def test_two_change_places_at_once_and_a_class_is_cancelled_meanwhile(database: Any, registries: Any) -> None:
    first, second, third = course_with(4, 4, 20)
    people = [registered() for _ in range(12)]
    registries.know(*people)
    here = [enrolled(registries, person, first.id) for person in people[:6]]
    there = [enrolled(registries, person, second.id) for person in people[6:]]

    ids = [run.id for run in (first, second, third)]
    asks = [Change(row.reference, ids[1], row.person_id) for row in here[:3]]
    asks += [Change(row.reference, ids[0], row.person_id) for row in there[:3]]
    asks += [Change(row.reference, ids[2], row.person_id) for row in (*here[3:], *there[3:])]

    def go(item: Change | str) -> str:
        if isinstance(item, str):
            return f"cancelled {cancel_class(ids[1], DESK, '老师病了', PACK_)}"
        return change_class(item, Actor(ActorKind.PERSON, item.person_id), PACK_).status.value

    ended = at_once(go, [*asks[:5], "cancel", *asks[5:]], 6)
    assert ended.total() == 13
    for class_id in (ids[0], ids[2]):
        sound(class_id)
    assert not [row for row in rows_of(ids[1]) if row.status is not EnrolmentStatus.EXPIRED]
