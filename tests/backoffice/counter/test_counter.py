"""The counter: look up, enrol, print; and what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.cases import World
from tests.backoffice.staff import arrive, hire
from tests.page import Node
from tests.training.enrolments.people import registered
from tests.visitor import Visitor
from training.audit import EventName
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Channel, Enrolment
from training.enrolments.operations.own import slip_hash
from training.entitlements.operations import save_check
from training.people.models import Consent, Person
from training.ports import RegisteredCard, RegisteredPerson
from training.staff.models import Role

S = EnrolmentStatus


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def pu(office: Flask, world: World) -> Visitor:
    """A counsellor."""
    return arrive(office, "pu", Role.COUNSELLOR)


def look_up(visitor: Visitor, number: str) -> Node:
    visitor.open("/office/counter")
    return visitor.send(number_form(visitor), number=number)


def number_form(visitor: Visitor) -> Node:
    """The form that asks for the next number."""
    return next(form for form in visitor.page.all("form") if form.first("input", id="number"))


def enrol(visitor: Visitor, person: RegisteredPerson, world: World, **more: str) -> Node:
    """Look up, fill in the one form, submit."""
    page = look_up(visitor, person.number)
    filled = ticked(world) | more
    return visitor.send(page.one("form", id="walk-in"), **filled)


def ticked(world: World) -> dict[str, Any]:
    """The class chosen, the declaration ticked."""
    return {"class": world.class_id, "declaration": "yes"}


def newest(world: World) -> Enrolment:
    with world.office.app_context():
        return db.session.scalars(select(Enrolment).order_by(Enrolment.received_at.desc()).limit(1)).one()


# --- looking up ----------------------------------------------------------------------------------------------


def test_a_number_shows_a_masked_person(pu: Visitor, world: World) -> None:
    who = world.know(registered(sex="female", household="rural"))
    page = look_up(pu, who.number)
    assert pu.path == "/office/counter/person"
    assert f"{who.name[0]}**{who.name[-1]}" in page.text
    assert "41 years old" in page.text
    assert "rural household" in page.text
    assert "unemployment register" in page.text
    for secret in (who.name, str(who.phone), who.cards[0].number, "1985-03-12"):
        assert secret not in page.text
    assert who.number not in page.text
    assert page.first("form", id="walk-in")


@pytest.mark.parametrize("how", ["card", "spaced", "lower", "wide", "short"])
def test_any_accepted_form_of_a_number_finds_the_person(pu: Visitor, world: World, how: str) -> None:
    card = "A1234567" if how == "short" else "A12345678"
    who = world.know(registered(cards=(RegisteredCard(card, "normal", date(2020, 1, 1)),)))
    typed = {
        "card": card,
        "short": card,
        "spaced": " ".join(who.number),
        "lower": card.lower(),
        "wide": "".join(chr(ord(c) + 0xFEE0) for c in card),
    }
    assert look_up(pu, typed[how]).first("b", lang=False) is not None
    assert pu.path == "/office/counter/person"


@pytest.mark.parametrize(
    "typed", ["", "1234", "6222021234567890123", "A/1234567", "510202198503120011", "x" * 5000]
)
def test_a_number_that_cannot_be_one_says_why(pu: Visitor, typed: str) -> None:
    page = look_up(pu, typed)
    assert (pu.status, page.mark("data-error")) == (422, "number")
    assert page.one("input", id="number").attrs["value"] == typed


def test_numbers_stand_in_no_address(pu: Visitor, world: World) -> None:
    who = world.know(registered())
    look_up(pu, who.number)
    assert who.number not in pu.path
    assert pu.open("/office/counter").first("form", id="walk-in") is None


def test_a_look_up_is_written_into_the_persons_record(pu: Visitor, world: World) -> None:
    case = world.clean()
    look_up(pu, case.number or "")
    [event] = world.events(name=EventName.PERSON_SEEN)
    assert (event.subject, event.actor_id) == (case.person_id, world.account("pu").id)


def test_the_next_person_begins_with_an_empty_desk(pu: Visitor, world: World) -> None:
    look_up(pu, world.know(registered()).number)
    pu.send(next(form for form in pu.page.all("form") if form.first("input", value="clear")))
    assert pu.path == "/office/counter"
    pu.open("/office/counter/person")
    assert pu.path == "/office/counter"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"death_on": date(2026, 1, 5)}, "deceased"),
        ({"pension_from": date(2025, 1, 1)}, "draws_pension"),
        ({"birth_on": date(2011, 3, 12)}, "under_age"),
    ],
)
def test_what_speaks_against_any_class_shows_at_the_look_up(
    pu: Visitor, world: World, changes: dict[str, Any], reason: str
) -> None:
    who = world.know(registered(**changes))
    page = look_up(pu, who.number)
    assert page.first("li", data_reason=reason, data_met="no")
    assert page.first("input", name="declaration") is None
    pu.post("/office/counter", **{"number": who.number, "class": world.class_id, "declaration": "yes"})
    assert pu.status == 409
    assert reason in pu.page.marks("data-reason")
    with world.office.app_context():
        assert db.session.scalars(select(Enrolment)).all() == []


# --- enrolling -----------------------------------------------------------------------------------------------


def test_A46_a_walk_in_is_enrolled_with_consent_and_leaves_with_a_slip(pu: Visitor, world: World) -> None:
    who = world.know(registered())
    page = enrol(pu, who, world)
    case = newest(world)
    assert pu.path == f"/office/counter/{case.reference}/slip"
    assert page.mark("data-reference") == case.reference
    assert len(page.mark("data-slip-code").replace("-", "")) == 14
    pu_id = world.account("pu").id
    assert (case.status, case.channel, case.created_by) == (S.VERIFYING, Channel.COUNTER, pu_id)
    with world.office.app_context():
        [consent] = db.session.scalars(select(Consent)).all()
    assert (consent.how, consent.staff_id, consent.about) == ("paper", pu_id, case.id)
    assert consent.place


def test_the_form_alone_is_enough(pu: Visitor, world: World) -> None:
    """Number, group, class and declaration, without a look-up before."""
    who = world.know(registered())
    pu.open("/office/counter")
    typed = {"number": who.number, "group": "unemployed", "class": world.class_id, "declaration": "yes"}
    pu.post("/office/counter", **typed)
    assert pu.path.endswith("/slip")
    assert newest(world).status is S.VERIFYING


def test_I18_the_same_form_twice_is_one_enrolment(pu: Visitor, world: World) -> None:
    who = world.know(registered())
    form = look_up(pu, who.number).one("form", id="walk-in")
    filled = ticked(world)
    page = pu.send(form, **filled)
    first = page.mark("data-reference"), page.mark("data-slip-code")
    pu.open("/office/counter")
    page = pu.send(form, **filled)
    assert (page.mark("data-reference"), page.mark("data-slip-code")) == first
    with world.office.app_context():
        assert len(db.session.scalars(select(Enrolment)).all()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("class", ""), ("class", "none"), ("declaration", None), ("group", "king"), ("class", "\x00")],
)
def test_what_is_missing_is_said_at_its_field(
    pu: Visitor, world: World, field: str, value: str | None
) -> None:
    who = world.know(registered())
    pu.open("/office/counter")
    typed = {"number": who.number, "group": "unemployed", "class": world.class_id, "declaration": "yes"} | {
        field: value
    }
    pu.post("/office/counter", **{name: text for name, text in typed.items() if text is not None})
    assert (pu.status, pu.page.mark("data-error")) == (422, field)


def test_what_was_typed_stays_and_the_first_fault_has_the_focus(pu: Visitor, world: World) -> None:
    form = look_up(pu, world.know(registered(groups=())).number).one("form", id="walk-in")
    chosen: dict[str, Any] = {"class": world.class_id}
    pu.send(form, q="没有", group="migrant", **chosen)
    page = pu.page
    assert (pu.status, page.mark("data-error")) == (422, "declaration")
    assert page.one("input", id="q").attrs["value"] == "没有"
    assert "checked" in page.one("input", name="class", value=world.class_id).attrs
    assert "autofocus" in page.one("input", id="declaration").attrs
    assert len([node for node in page.all("select") + page.all("input") if "autofocus" in node.attrs]) == 1


def test_a_group_without_proof_is_declared_and_flagged(pu: Visitor, world: World) -> None:
    who = world.know(registered(groups=()))
    enrol(pu, who, world, group="migrant")
    case = newest(world)
    assert (case.group, case.group_source, case.flags) == ("migrant", "declared", "group_unproven")


def test_a_lost_card_goes_on_flagged(pu: Visitor, world: World) -> None:
    who = world.know(registered(cards=(RegisteredCard("A12345678", "lost", date(2020, 1, 1)),)))
    page = look_up(pu, "A12345678")
    assert "Reported lost" in page.text
    pu.send(page.one("form", id="walk-in"), **ticked(world))
    assert newest(world).flags == "card_lost"
    assert who.number


def test_a_name_written_differently_goes_on_flagged(pu: Visitor, world: World) -> None:
    who = world.know(registered())
    enrol(pu, who, world, name="周小蛮")
    assert newest(world).flags == "name_differs"


def test_a_card_printed_with_another_name_goes_on_flagged(pu: Visitor, world: World) -> None:
    card = RegisteredCard("A12345678", "normal", date(2020, 1, 1), "周晓满")
    enrol(pu, world.know(registered(cards=(card,))), world)
    case = newest(world)
    assert (case.flags, case.name_typed) == ("name_differs", "周晓满")


def test_already_in_the_class_leads_to_that_enrolment(pu: Visitor, world: World) -> None:
    who = world.know(registered())
    reference = enrol(pu, who, world).mark("data-reference")
    page = enrol_again(pu, who, world)
    assert pu.status == 409
    assert "already_in_class" in page.marks("data-reason")
    assert page.first("a", href=f"/office/counter/{reference}/slip")


def enrol_again(visitor: Visitor, who: RegisteredPerson, world: World) -> Node:
    visitor.open("/office/counter")
    return visitor.post(
        "/office/counter", **{"number": who.number, "class": world.class_id, "declaration": "yes"}
    )


def test_a_full_class_gives_a_place_in_line(office: Flask, registries: Any, clock: Any) -> None:
    world = World(office, registries, clock, seats=1)
    visitor = arrive(office, "pu", Role.COUNSELLOR)
    world.clean()
    page = enrol(visitor, world.know(registered()), world)
    assert page.mark("data-status") == "waiting"
    assert "In line: number 1" in page.text


def test_a_class_that_is_closed_refuses(office: Flask, registries: Any, clock: Any) -> None:
    world = World(office, registries, clock, opens_on=date(2026, 6, 20))
    visitor = arrive(office, "pu", Role.COUNSELLOR)
    page = enrol_again(visitor, world.know(registered()), world)
    assert visitor.status == 409
    assert "class_not_open" in page.marks("data-reason")


def test_a_phone_of_staff_is_not_a_clients(pu: Visitor, world: World) -> None:
    hire(world.office, "luo", Role.VERIFIER, phone="19912345678")
    who = world.know(registered(phone="19912345678"))
    assert look_up(pu, who.number).first("li", data_reason="staff_phone", data_met="no")
    page = enrol_again(pu, who, world)
    assert pu.status == 409
    assert "staff_phone" in page.marks("data-reason")


def test_A69_a_dead_registry_goes_on_flagged_and_is_asked_again(
    pu: Visitor, world: World, registries: Any
) -> None:
    who = world.know(registered())
    registries.misbehave("down", "social-card")
    page = look_up(pu, who.number)
    assert "Enrol anyway" in page.text
    page = pu.send(page.one("form", id="walk-in"), name=who.name, **ticked(world))
    case = newest(world)
    assert (case.status, case.flags) == (S.VERIFYING, "registry_unreachable")
    assert page.mark("data-slip-code")
    assert "The register did not answer" in page.text


def test_a_dead_registry_needs_no_name_to_go_on(pu: Visitor, world: World, registries: Any) -> None:
    registries.misbehave("down", "social-card")
    who = registered()
    pu.open("/office/counter")
    typed = {"number": who.number, "group": "unemployed", "class": world.class_id, "declaration": "yes"}
    pu.post("/office/counter", **typed)
    assert newest(world).flags.split()[0] == "registry_unreachable"


def test_somebody_unknown_is_entered_by_hand(pu: Visitor, world: World) -> None:
    who = registered()
    page = look_up(pu, who.number)
    assert "Not found in the register" in page.text
    form, filled = (
        page.one("form", id="walk-in"),
        ticked(world) | {"group": "migrant"},
    )
    page = pu.send(form, **filled)
    assert (pu.status, page.mark("data-error")) == (422, "name")
    page = pu.send(pu.page.one("form", id="walk-in"), name="贺秀棠", birth_on="1990-01-01", **filled)
    assert (pu.status, page.mark("data-error")) == (422, "birth_on")
    pu.send(pu.page.one("form", id="walk-in"), name="贺秀棠", birth_on="1985-03-12", **filled)
    case = newest(world)
    assert case.status is S.VERIFYING
    assert {"not_found", "entered_by_hand"} <= set(case.flags.split())
    with world.office.app_context():
        person = db.session.get_one(Person, case.person_id)
        assert (person.name, person.birth_on) == ("贺秀棠", date(1985, 3, 12))


def test_what_was_received_without_a_code_is_taken_over(pu: Visitor, world: World, clock: Any) -> None:
    who = world.know(registered(phone=None))
    received = world.without_code(number=who.number, name=who.name)
    page = look_up(pu, who.number)
    form = page.one("form", data_received=received.reference)
    page = pu.send(form, declaration="yes")
    assert page.mark("data-reference") == received.reference
    assert page.mark("data-slip-code")
    row = world.now_of(received)
    assert (row.status, row.created_by) == (S.VERIFYING, world.account("pu").id)


def test_A29_taking_over_twice_by_one_form_is_one_slip(pu: Visitor, world: World) -> None:
    who = world.know(registered(phone=None))
    received = world.without_code(number=who.number, name=who.name)
    form = look_up(pu, who.number).one("form", data_received=received.reference)
    codes = {pu.send(form, declaration="yes").mark("data-slip-code") for _ in range(2)}
    assert pu.path.startswith(f"/office/counter/{received.reference}/slip")
    assert len(codes) == 1
    assert len(world.events(name=EventName.TAKEN_OVER)) == len(world.events(name=EventName.SLIP_PRINTED)) == 1


def _enrolled(pu: Visitor, world: World) -> Enrolment:
    enrol(pu, world.know(registered()), world)
    return newest(world)


def test_A29_stopping_twice_by_one_form_is_one_matter(pu: Visitor, world: World) -> None:
    case = _enrolled(pu, world)
    pu.open("/office/counter")
    form = next(one for one in pu.page.all("form") if one.first("input", value="not_me"))
    stopped = {pu.send(form, reference=case.reference).mark("data-stopped") for _ in range(2)}
    assert len(stopped) == 1
    assert len(world.events(name=EventName.MATTER_OPENED)) == 1
    pu.open("/office/counter")
    pu.send(
        next(one for one in pu.page.all("form") if one.first("input", value="not_me")),
        reference=case.reference,
    )
    assert pu.status == 409


def test_I18_the_walk_in_form_takes_over_what_was_received_in_its_class(pu: Visitor, world: World) -> None:
    """Whoever fills in the one form for the same class makes no second enrolment; sent again, it is the same."""
    who = world.know(registered(phone=None))
    received = world.without_code(number=who.number, name=who.name)
    for _ in range(2):
        pu.open("/office/counter")
        typed = {"number": who.number, "group": "unemployed", "class": world.class_id, "declaration": "yes"}
        page = pu.post("/office/counter", idempotency_key="walk-in-key-1", **typed)
        assert page.mark("data-reference") == received.reference
        assert page.mark("data-slip-code")
    assert world.now_of(received).status is S.VERIFYING
    with world.office.app_context():
        assert len(db.session.scalars(select(Enrolment)).all()) == 1


def test_what_was_received_is_not_taken_over_by_the_form_when_something_speaks_against_it(
    pu: Visitor, world: World
) -> None:
    who = registered(death_on=date(2026, 1, 5))
    received = world.without_code(number=who.number, name=who.name, death_on=who.death_on)
    pu.open("/office/counter")
    typed = {"number": who.number, "group": "unemployed", "class": world.class_id, "declaration": "yes"}
    page = pu.post("/office/counter", **typed)
    assert pu.status == 409
    assert page.first("li", data_reason="deceased", data_met="no")
    assert world.now_of(received).status is S.RECEIVED


def test_taking_over_needs_the_declaration(pu: Visitor, world: World) -> None:
    who = world.know(registered(phone=None))
    received = world.without_code(number=who.number, name=who.name)
    form = look_up(pu, who.number).one("form", data_received=received.reference)
    pu.send(form)
    assert pu.status == 422
    assert world.now_of(received).status is S.RECEIVED


@pytest.fixture
def returned(world: World) -> Enrolment:
    """Somebody's enrolment that a verifier returned because of the name."""
    case = world.by_phone()
    world.change(case, status=S.RETURNED, returned_fields="name", reasons=["name_differs"])
    return case


def test_a_returned_enrolment_is_corrected_at_the_counter(
    pu: Visitor, world: World, returned: Enrolment
) -> None:
    page = look_up(pu, returned.number or "")
    form = page.one("form", data_returned=returned.reference)
    assert form.marks("data-field") == ["name"]
    pu.send(form, name="")
    assert (pu.status, pu.page.mark("data-error")) == (422, "name")
    pu.send(pu.page.one("form", data_returned=returned.reference), name="周小满")
    row = world.now_of(returned)
    assert (row.status, row.name_typed, row.returned_fields) == (S.VERIFYING, "周小满", "")


def test_A19_only_the_fields_named_are_corrected(pu: Visitor, world: World, returned: Enrolment) -> None:
    form = look_up(pu, returned.number or "").one("form", data_returned=returned.reference)
    token = form.one("input", name="csrf_token").attrs["value"]
    sent = {"action": "correct", "reference": returned.reference, "name": "周小满", "group": "veteran"}
    pu.post("/office/counter", **sent, csrf_token=token)
    row = world.now_of(returned)
    assert (row.status, row.group) == (S.VERIFYING, returned.group)


def test_A15_a_returned_enrolment_of_somebody_else_is_not_there(
    pu: Visitor, world: World, returned: Enrolment
) -> None:
    look_up(pu, world.know(registered()).number)
    pu.post("/office/counter", action="correct", reference=returned.reference, name="周小满")
    assert pu.status == 404
    assert world.now_of(returned).status is S.RETURNED


# --- classes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["电工", "diangong", "dg"])
def test_classes_are_found_by_chinese_pinyin_and_initials(pu: Visitor, world: World, words: str) -> None:
    look_up(pu, world.know(registered()).number)
    page = pu.open("/office/counter/person", q=words)
    assert [radio.attrs["value"] for radio in page.all("input", name="class")] == [world.class_id]
    part = pu.open("/office/counter/classes", htmx=True, q=words)
    assert part.one("input", name="class").attrs["value"] == world.class_id
    assert part.first("html") is None
    assert pu.open("/office/counter/classes", htmx=True, q="没有").first("input", name="class") is None


def test_searching_without_script_keeps_what_was_chosen(pu: Visitor, world: World) -> None:
    page = look_up(pu, world.know(registered(groups=())).number)
    pu.press(page.one("button", value="find"), q="dg", group="migrant", **{"class": world.class_id})
    page = pu.page
    assert page.one("input", id="q").attrs["value"] == "dg"
    assert (
        next(o for o in page.one("select", id="group").all("option") if "selected" in o.attrs).attrs["value"]
        == "migrant"
    )
    assert "checked" in page.one("input", name="class").attrs


def test_the_words_searched_for_stay_for_the_next_person(pu: Visitor, world: World) -> None:
    look_up(pu, world.know(registered()).number)
    page = pu.open("/office/counter/person", q="电工")
    slip = pu.send(page.one("form", id="walk-in"), **ticked(world))
    again = pu.send(pu.form("/slip"))
    for shown in (slip, again):
        following = shown.one("a", data_key="F2").attrs["href"]
        assert following == "/office/counter?q=%E7%94%B5%E5%B7%A5"
    assert "电工" in pu.open(following).one("p", data_kept=True).text
    page = pu.send(number_form(pu), number=world.know(registered()).number)
    assert page.one("input", id="q").attrs["value"] == "电工"
    assert not [radio for radio in page.all("input", name="class") if "checked" in radio.attrs]


def test_a_number_that_cannot_be_read_keeps_the_words(pu: Visitor, world: World) -> None:
    pu.open("/office/counter", q="电工")
    pu.send(number_form(pu), number="1234")
    assert pu.status == 422
    assert number_form(pu).one("input", name="q").attrs["value"] == "电工"


@pytest.mark.parametrize(
    "words", ["510202198503120011", "5102 0219 8503", "１３９１２３４５６７８", "A12345678"]
)
def test_words_that_may_be_somebodys_number_are_not_kept(pu: Visitor, words: str) -> None:
    page = pu.open("/office/counter", q=words)
    assert page.first("p", data_kept=True) is None
    assert number_form(pu).first("input", name="q") is None


# --- slips ---------------------------------------------------------------------------------------------------


def test_a_reprint_makes_a_new_code_and_ends_the_old_one(pu: Visitor, world: World) -> None:
    who = world.know(registered())
    first = enrol(pu, who, world)
    reference, old = first.mark("data-reference"), first.mark("data-slip-code")
    again = pu.send(pu.form("/slip"))
    assert again.mark("data-reference") == reference
    fresh = again.mark("data-slip-code")
    assert fresh != old
    assert pu.open(f"/office/counter/{reference}/slip").mark("data-slip-code") == fresh
    row = newest(world)
    assert row.slip_hash == slip_hash(fresh.replace("-", ""))


def test_A29_a_reprint_sent_twice_does_not_end_what_was_printed(pu: Visitor, world: World) -> None:
    enrol(pu, world.know(registered()), world)
    form = pu.form("/slip")
    fresh = {pu.send(form).mark("data-slip-code") for _ in range(2)}
    assert len(fresh) == 1
    assert newest(world).slip_hash == slip_hash(fresh.pop().replace("-", ""))
    assert len(world.events(name=EventName.SLIP_PRINTED)) == 2, "the first slip, and this one"


def test_A66_the_code_is_kept_hashed_and_shows_for_ten_minutes(pu: Visitor, world: World, clock: Any) -> None:
    page = enrol(pu, world.know(registered()), world)
    code = page.mark("data-slip-code")
    assert code.replace("-", "") not in (newest(world).slip_hash or "")
    clock.shift(timedelta(minutes=11))
    page = pu.open(pu.path)
    assert page.first(None, data_slip_code=True) is None
    assert code not in page.text
    assert page.mark("data-reference")


def test_the_copy_that_is_signed_carries_no_code(pu: Visitor, world: World) -> None:
    page = enrol(pu, world.know(registered()), world)
    copy = next(section for section in page.all("section") if section.has_class("copy"))
    assert page.mark("data-slip-code") not in copy.text
    assert page.mark("data-reference") in copy.text


def test_A16_a_slip_of_another_counsellor_is_not_there(office: Flask, pu: Visitor, world: World) -> None:
    page = enrol(pu, world.know(registered()), world)
    path = pu.path
    other = arrive(office, "other", Role.COUNSELLOR)
    other.open(path)
    assert other.status == 404
    other.open("/office/counter")
    other.post(path)
    assert other.status == 404
    assert pu.open(path).mark("data-slip-code") == page.mark("data-slip-code")


def test_today_lists_what_was_done_with_a_way_to_print_again(pu: Visitor, world: World) -> None:
    reference = enrol(pu, world.know(registered()), world).mark("data-reference")
    page = pu.open("/office/counter")
    assert page.first("a", href=f"/office/counter/{reference}/slip")
    assert "Done today (1)" in page.text


def test_A62_no_form_of_the_counter_logs_a_number(pu: Visitor, world: World, poison: Any) -> None:
    who = world.know(registered())
    enrol(pu, who, world)
    assert not poison.leaks()


def test_the_code_of_a_saved_check_fills_in_group_and_wish(pu: Visitor, world: World) -> None:
    who = world.know(registered(groups=()))
    with world.office.app_context():
        answers = {
            "birth_year": "1985",
            "situation": "migrant",
            "district": "500103",
            "had_subsidy_this_year": "no",
            "wants": "welding_electric",
        }
        terms = world.office.extensions["pack"].checks
        code = save_check(answers, "a key of the form", terms).code
    look_up(pu, who.number)
    page = pu.open("/office/counter/person", check=code.lower())
    chosen = [o.attrs["value"] for o in page.one("select", id="group").all("option") if "selected" in o.attrs]
    assert chosen == ["migrant"]
    assert page.one("input", id="q").attrs["value"]
    page = pu.open("/office/counter/person", check="2222-2222")
    assert page.mark("data-error") == "check"


# --- somebody who is not there -------------------------------------------------------------------------------


def test_A47_over_the_days_number_the_desk_says_what_to_do(pu: Visitor, world: World) -> None:
    pack = world.office.extensions["pack"]
    world.office.extensions["pack"] = pack.model_copy(
        update={"counter": pack.counter.model_copy(update={"a_day": 1})}
    )
    enrol(pu, world.know(registered()), world)
    assert pu.path.endswith("/slip")
    page = enrol(pu, world.know(registered()), world)
    assert (pu.status, page.marks("data-reason")) == (409, ["day_limit"])
    assert "A colleague enrols this person" in page.text
    assert page.one("input", id="declaration", checked=True)


def test_a_slip_code_ends_after_the_days_of_the_pack(pu: Visitor, world: World, clock: Any) -> None:
    page = enrol(pu, world.know(registered()), world)
    assert page.mark("data-slip-code")
    case = newest(world)
    assert case.slip_until is not None
    assert case.slip_until - case.received_at == timedelta(days=90)
