"""The desk of possible duplicates: the queue, one group side by side, what is decided and what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, arrive
from tests.training.identities.records import at_counter
from tests.visitor import Visitor
from training.clock import SHANGHAI
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.entitlements.operations import release
from training.people.models import Person, PossibleDuplicate
from training.staff.models import Role

BORN = date(1985, 3, 12)


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def luo(office: Flask, world: World) -> Visitor:
    return arrive(office, "luo", Role.VERIFIER)


def pairs(world: World) -> list[PossibleDuplicate]:
    with world.office.app_context():
        return list(db.session.scalars(select(PossibleDuplicate).order_by(PossibleDuplicate.raised_at)))


def by_hand(world: World, maker: str = "counsellor") -> Enrolment:
    """Somebody of whom the register knew nothing, in another class, who pays for it."""
    world.clock.shift(timedelta(seconds=1))
    with world.office.app_context():
        case = at_counter(by=maker)

        def pays(session: Any) -> None:
            release(session, case.id)
            session.get_one(Enrolment, case.id).self_pay = True

        transaction(pays)
        return case


def at(world: World, n: int = 0) -> str:
    return f"/office/duplicates/{pairs(world)[n].id}"


def as_they_stand(world: World) -> list[Person]:
    with world.office.app_context():
        return list(db.session.scalars(select(Person).order_by(Person.created_at)))


@pytest.fixture
def group(world: World) -> str:
    """A counter enrolment without the register, then the same person by phone: they can become one."""
    by_hand(world)
    world.by_phone("周小满", name="周小满", birth_on=BORN)
    return at(world)


def test_the_queue_shows_groups_and_what_they_share(luo: Visitor, group: str) -> None:
    page = luo.open("/office/duplicates")
    assert page.marks("data-group") == [group.rsplit("/", 1)[1]]
    assert "the same name and date of birth" in page.text
    assert page.one("a", data_row=True).attrs["href"] == group


@pytest.mark.parametrize(
    ("now", "is_late"),
    [(datetime(2026, 6, 14, 16, tzinfo=SHANGHAI), False), (datetime(2026, 6, 15, 16, tzinfo=SHANGHAI), True)],
)
def test_a_group_is_late_after_one_working_day_as_the_menu_counts_it(
    world: World, office: Flask, now: datetime, is_late: bool
) -> None:
    world.clock.move_to(datetime(2026, 6, 12, 15, tzinfo=SHANGHAI))
    by_hand(world)
    world.by_phone("周小满", name="周小满", birth_on=BORN)
    world.clock.move_to(now)
    luo = arrive(office, "luo", Role.VERIFIER)
    assert bool(luo.open("/office/duplicates").all("td", class_="late")) is is_late
    assert ("overdue" in luo.open("/office/").one("h1").text) is is_late


def test_a_group_shows_its_records_side_by_side(luo: Visitor, group: str) -> None:
    page = luo.open(group)
    assert page.marks("data-person") == ["a", "b"]
    rows = dict(zip(page.marks("data-field"), page.marks("data-match"), strict=True))
    assert rows["name"] == "same"
    assert rows["birth"] == "same"
    assert rows["number"] == "different"
    marked = [node.text for row in page.all(data_field="number") for node in row.all("mark")]
    assert marked
    assert "From B move:" in page.text
    assert "enrolments: 1" in page.one(data_moves="b").text


def test_A23_numbers_are_masked_and_every_look_is_recorded(luo: Visitor, group: str, world: World) -> None:
    page = luo.open(group)
    numbers = [one.number or "" for one in as_they_stand(world)]
    assert not [number for number in numbers if number in page.text]
    assert len(world.events(name="person_seen")) == 2
    luo.post(group, action="show_number", reason="")
    assert (luo.status, luo.page.mark("data-error")) == (422, "reason")
    page = luo.post(group, action="show_number", reason="对一下号码")
    assert sorted(node.text for node in page.all("b", data_full_number=True)) == sorted(numbers)
    assert len(world.events(name="full_number_seen")) == 2


def test_the_same_person_becomes_one_record(luo: Visitor, group: str, world: World) -> None:
    luo.open(group)
    luo.send(luo.page.one("form", id="decide"), decision="same", note="看过身份证")
    assert (luo.status, luo.path) == (200, "/office/duplicates?done=same")
    first, second = as_they_stand(world)
    assert second.merged_into == first.id
    page = luo.open(group)
    assert page.mark("data-answer") == "same"
    assert "luo" in page.text
    luo.post(group, decision="different")
    assert (luo.status, luo.page.mark("data-error")) == (409, "already_decided")


def test_the_contracts_two_fields_are_enough(luo: Visitor, group: str, world: World) -> None:
    luo.open(group)
    luo.post(group, decision="different", note="姐妹")
    assert luo.status == 200
    assert pairs(world)[0].answer == "different"
    assert luo.open("/office/duplicates", tab="decided").marks("data-answer") == ["different"]
    assert luo.open("/office/duplicates").marks("data-group") == []


def test_ask_stays_open_under_its_own_tab(luo: Visitor, group: str) -> None:
    luo.open(group)
    luo.send(luo.page.one("form", id="decide"), decision="ask")
    assert luo.open("/office/duplicates").marks("data-group") == []
    assert luo.open("/office/duplicates", tab="asked").marks("data-group") == [group.rsplit("/", 1)[1]]
    assert luo.open(group).one("form", id="decide")


def test_A29_asking_again_changes_nothing(luo: Visitor, group: str, world: World) -> None:
    luo.open(group)
    form = luo.page.one("form", id="decide")
    for _ in range(2):
        luo.send(form, decision="ask")
        assert (luo.status, luo.path) == (200, "/office/duplicates?done=ask")
    luo.open(group)
    luo.post(group, decision="ask", note="又问一次")
    assert luo.path == "/office/duplicates?done=ask"
    assert len(world.events(name="duplicate_answered")) == 2, "one for each record"


def test_a_decision_that_is_none_keeps_what_was_typed(luo: Visitor, group: str) -> None:
    luo.open(group)
    luo.send(luo.page.one("form", id="decide"), note="还不知道")
    assert (luo.status, luo.page.mark("data-error")) == (422, "decision")
    assert "还不知道" in luo.page.text


def test_a_stale_page_shows_what_has_changed(luo: Visitor, group: str, world: World) -> None:
    luo.open(group)
    form = luo.page.one("form", id="decide")
    world.by_phone("周小满", name="周小满", birth_on=BORN)
    luo.send(form, decision="same")
    assert (luo.status, luo.page.mark("data-error")) == (409, "changed")
    assert luo.page.marks("data-person") == ["a", "b", "c"]


def test_only_one_clerk_has_a_group(luo: Visitor, group: str, office: Flask) -> None:
    qin = arrive(office, "qin", Role.VERIFIER)
    luo.open(group)
    luo.post(group, action="take")
    page = qin.open(group)
    assert not page.all("form", id="decide")
    qin.post(group, decision="different")
    assert (qin.status, qin.page.mark("data-error")) == (409, "locked")
    luo.open(group)
    luo.post(group, action="put_back")
    qin.open(group)
    qin.post(group, decision="different")
    assert qin.status == 200


def test_risky_groups_name_the_reason_and_the_way(luo: Visitor, world: World) -> None:
    world.by_phone("周小满", name="周小满", birth_on=BORN)
    world.by_phone("周小满", name="周小满", birth_on=BORN)
    page = luo.open(at(world))
    risks = page.marks("data-risk")
    assert {"numbers_differ", "both_in_class", "both_held", "over_cap"} <= set(risks)
    assert "Let one of the two enrolments be withdrawn first" in page.text
    luo.send(page.one("form", id="decide"), decision="same")
    assert luo.status == 409
    assert {"numbers_differ", "both_in_class"} <= set(luo.page.marks("data-error"))


def test_two_of_three_can_be_answered_alone(luo: Visitor, world: World) -> None:
    for _ in range(3):
        world.by_phone("周小满", name="周小满", birth_on=BORN)
    page = luo.open(at(world))
    assert page.marks("data-person") == ["a", "b", "c"]
    luo.send(page.one("form", id="decide"), decision="different", pair=pairs(world)[0].id)
    assert [pair.answer for pair in pairs(world)] == ["different", "open", "open"]


def test_A34_who_enrolled_one_of_them_sees_no_form(world: World, office: Flask) -> None:
    pu = arrive(office, "pu", Role.VERIFIER)
    by_hand(world, world.account("pu").id)
    world.by_phone("周小满", name="周小满", birth_on=BORN)
    page = pu.open(at(world))
    assert page.one("p", data_four_eyes=True)
    assert not page.all("form", id="decide")
    pu.post(at(world), decision="different")
    assert pu.status == 403
    assert pairs(world)[0].answer == "open"


def test_A16_another_districts_verifier_finds_nothing(office: Flask, group: str) -> None:
    other = arrive(office, "far", Role.VERIFIER, district=ELSEWHERE)
    assert other.open("/office/duplicates").marks("data-group") == []
    other.open(group)
    assert other.status == 404
    other.open("/office/duplicates/nothing")
    assert other.status == 404


def test_other_roles_stay_outside(office: Flask, world: World) -> None:
    pu = arrive(office, "pu", Role.COUNSELLOR)
    pu.open("/office/duplicates")
    assert pu.status == 403


def test_the_verifier_finds_the_way_here_from_a_case(luo: Visitor, world: World) -> None:
    _, second = world.twins()
    page = luo.open(f"/office/verify/{second.reference}")
    link = next(node for node in page.all("a") if node.attrs["href"].startswith("/office/duplicates/"))
    luo.open(link.attrs["href"])
    assert luo.page.marks("data-person") == ["a", "b"]


@pytest.mark.parametrize("word", ["same", "ask"])
def test_it_does_not_pass_while_the_desk_has_not_decided(luo: Visitor, world: World, word: str) -> None:
    _, second = world.twins()
    address = f"/office/verify/{second.reference}"
    luo.open(address)
    luo.post(address, action="answer", answer=word, duplicate=pairs(world)[0].id)
    assert luo.open("/office/duplicates", tab="asked" if word == "ask" else "open").marks("data-group")
    luo.open(address)
    luo.send(luo.page.one("form", id="decide"), decision="pass")
    assert (luo.status, luo.page.mark("data-error")) == (409, "possible_duplicate")
    luo.open(at(world))
    luo.post(at(world), decision="different")
    luo.open(address)
    luo.send(luo.page.one("form", id="decide"), decision="pass")
    assert luo.status == 200


def test_A34_who_enrolled_the_other_record_answers_nothing_at_the_verifiers_desk(
    office: Flask, world: World
) -> None:
    pu = arrive(office, "pu", Role.VERIFIER)
    by_hand(world, world.account("pu").id)
    case = world.by_phone("周小满", name="周小满", birth_on=BORN)
    address = f"/office/verify/{case.reference}"
    pu.open(address)
    pu.post(address, action="answer", answer="different", duplicate=pairs(world)[0].id)
    assert pu.status == 403
    assert pairs(world)[0].answer == "open"
