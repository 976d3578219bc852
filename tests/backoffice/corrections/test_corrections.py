"""The desk of corrections: proposed by one with the paper in hand, decided by another; every refusal has a next step."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, arrive
from tests.page import Node
from tests.training.enrolments.people import number_of
from tests.training.identities.records import BORN
from tests.visitor import Visitor
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.identities.models import IdentityChange
from training.people.models import Person
from training.staff.models import Role


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def pu(office: Flask, world: World) -> Visitor:
    return arrive(office, "pu", Role.COUNSELLOR)


@pytest.fixture
def luo(office: Flask, world: World) -> Visitor:
    return arrive(office, "luo", Role.VERIFIER)


def person_of(world: World, case: Enrolment) -> Person:
    with world.office.app_context():
        return db.session.get_one(Person, case.person_id)


def changes(world: World) -> list[IdentityChange]:
    with world.office.app_context():
        return list(db.session.scalars(select(IdentityChange).order_by(IdentityChange.proposed_at)))


def propose(visitor: Visitor, **typed: str) -> Node:
    known: dict[str, Any] = {"kind": "number", "proof": "id_card", "identity_seen": "yes"} | typed
    visitor.open("/office/corrections/new")
    return visitor.send(visitor.form("/new"), **known)


def at(world: World) -> str:
    return f"/office/corrections/{changes(world)[-1].id}"


def test_a_counsellor_proposes_and_a_verifier_agrees(pu: Visitor, luo: Visitor, world: World) -> None:
    case, right = world.clean(), number_of(BORN)
    page = propose(pu, reference=case.reference, number=right, note="派出所更正")
    assert pu.path == at(world)
    assert page.mark("data-status") == "open"
    assert page.one("p", data_four_eyes=True)
    assert right not in page.text
    assert luo.open("/office/corrections").marks("data-kind") == ["number"]
    page = luo.open(at(world))
    assert [node.text for node in page.all("mark")]
    luo.send(page.one("form", id="decide"), decision="agree", number=right, note="看过证明")
    assert luo.path == "/office/corrections?done=agree"
    assert person_of(world, case).number == right
    assert world.now_of(case).status is EnrolmentStatus.VERIFYING
    assert luo.open(at(world)).mark("data-status") == "agreed"
    assert luo.open("/office/corrections", tab="over").marks("data-status") == ["agreed"]


def test_the_second_person_types_the_number_again(pu: Visitor, luo: Visitor, world: World) -> None:
    case = world.clean()
    propose(pu, reference=case.reference, number=number_of(BORN))
    page = luo.open(at(world))
    luo.send(page.one("form", id="decide"), decision="agree", number=number_of(BORN))
    assert (luo.status, luo.page.mark("data-error")) == (422, "number")
    assert changes(world)[0].is_open


def test_A34_the_same_person_does_not_decide(pu: Visitor, world: World) -> None:
    case, right = world.clean(), number_of(BORN)
    propose(pu, reference=case.reference, number=right)
    pu.post(at(world), decision="agree", number=right)
    assert pu.status == 403
    assert changes(world)[0].is_open


def test_a_number_that_stands_elsewhere_meets_a_page_with_a_next_step(
    pu: Visitor, luo: Visitor, world: World
) -> None:
    """Complaint 13: a duplicate number is a sentence and a way on, never a crash."""
    case, other = world.clean(), world.clean(name="冉琼芳")
    taken = person_of(world, other).number or ""
    page = propose(pu, reference=case.reference, number=taken)
    assert (pu.status, page.mark("data-error")) == (409, "number_taken")
    assert page.one("input", id="reference").attrs["value"] == case.reference
    link = next(node for node in page.all("a") if "kind=taken" in node.attrs["href"])
    page = pu.open(link.attrs["href"])
    pu.send(pu.form("/new"), kind="taken", number=taken, proof="police_letter", identity_seen="yes")
    assert pu.path == at(world)
    assert luo.open("/office/duplicates").text.count("“This number is mine”")
    assert luo.open("/office/corrections", kind="taken").marks("data-kind") == ["taken"]
    page = luo.open(at(world))
    luo.send(page.one("form", id="decide"), decision="agree", number=taken)
    assert person_of(world, case).number == taken
    assert person_of(world, other).number is None
    assert world.now_of(other).flags == "not_found"


def test_somebody_without_a_record_claims_a_number(pu: Visitor, world: World) -> None:
    other = world.clean(name="冉琼芳")
    taken = person_of(world, other).number or ""
    page = propose(pu, kind="taken", number=taken)
    assert (pu.status, page.mark("data-error")) == (422, "name")
    propose(pu, kind="taken", number=taken, name="周小满")
    assert pu.path == at(world)
    with world.office.app_context():
        assert db.session.get_one(IdentityChange, changes(world)[0].id).person.name == "周小满"


def test_the_same_correction_twice_is_refused_with_its_reason(pu: Visitor, world: World) -> None:
    case = world.clean()
    propose(pu, reference=case.reference, number=number_of(BORN))
    page = propose(pu, reference=case.reference, number=number_of(BORN))
    assert (pu.status, page.mark("data-error")) == (409, "change_pending")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"number": "12345"}, "number"),
        ({"number": "A12345678"}, "number"),
        ({"reference": "CQ-26-7F3KM-Q9XWX"}, "reference"),
        ({"reference": "CQ-26-7F3KM-Q9XWS"}, "reference"),
        ({"proof": "hearsay"}, "proof"),
        ({"identity_seen": ""}, "identity_seen"),
        ({"kind": "name", "name": "\u202e"}, "name"),
        ({"kind": "birthday"}, "kind"),
    ],
)
def test_what_cannot_be_read_names_its_field_and_keeps_the_rest(
    pu: Visitor, world: World, typed: dict[str, str], field: str
) -> None:
    case = world.clean()
    known = {"reference": case.reference, "number": number_of(BORN), "note": "看过的"}
    page = propose(pu, **(known | typed))
    assert pu.status == 422
    assert field in page.marks("data-error")
    assert page.one("textarea", name="note").text == "看过的"
    assert changes(world) == []


def test_A16_other_districts_neither_propose_nor_see(office: Flask, pu: Visitor, world: World) -> None:
    case = world.clean()
    propose(pu, reference=case.reference, number=number_of(BORN))
    far = arrive(office, "far", Role.VERIFIER, district=ELSEWHERE)
    assert far.open("/office/corrections").marks("data-change") == []
    far.open(at(world))
    assert far.status == 404
    page = propose(far, reference=case.reference, number=number_of(BORN))
    assert (far.status, page.mark("data-error")) == (422, "reference")


def test_other_roles_stay_outside(office: Flask, world: World) -> None:
    reviewer = arrive(office, "wu", Role.REVIEWER_DISTRICT)
    reviewer.open("/office/corrections")
    assert reviewer.status == 403


def test_refusing_needs_no_number_and_tells_it(pu: Visitor, luo: Visitor, world: World) -> None:
    case = world.clean()
    before = person_of(world, case).number
    propose(pu, reference=case.reference, number=number_of(BORN))
    luo.send(luo.open(at(world)).one("form", id="decide"), decision="refuse", note="证明不清楚")
    assert luo.path == "/office/corrections?done=refuse"
    assert person_of(world, case).number == before
    page = luo.open(at(world))
    assert page.mark("data-status") == "refused"
    luo.post(at(world), decision="agree")
    assert (luo.status, luo.page.mark("data-error")) == (409, "already_decided")
