"""A phone changes only by two people at a counter, and the old phone is told (A08, A10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.make import PACK, actor_of, make_class, staff
from tests.training.enrolments.people import enrolled, limits, proved, registered, typed
from training import clock as the_clock
from training.audit import AuditEvent, Outcome
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, enrol
from training.errors import BadInput, FourEyes, NotAllowedNow, NotEligible, NotThere
from training.numbers import recognise
from training.outbox import Errand, OutboxRow
from training.people import operations as people
from training.people.models import (
    OneTimeCode,
    Person,
    Phone,
    PhoneChange,
    PhoneChangeStatus,
    PhoneReason,
    PhoneSource,
    VisitorSession,
)
from training.people.operations import AskedPhone
from training.people.queries import money_hold_until, person_with_number, phone_in_use
from training.people.rules import plain_phone, reasons_against_level_two
from training.policy.queries import load_pack
from training.ports import RegisteredPerson
from training.staff.models import StaffAccount
from training.staff.queries import phone_belongs_to_staff

NEW, WRONG = "18700002245", "18700002246"
S = PhoneChangeStatus
pack = load_pack(PACK)


@pytest.fixture
def first(database: Any, clock: Any) -> StaffAccount:
    return staff("counsellor")


@pytest.fixture
def second(first: StaffAccount) -> StaffAccount:
    return staff("counsellor")


@pytest.fixture
def who(database: Any, registries: Any) -> RegisteredPerson:
    person = registered()
    registries.know(person)
    return person


def ask(
    who: RegisteredPerson, by: StaffAccount, registries: Any, phone: str = NEW, **more: Any
) -> PhoneChange:
    number = recognise(who.number, the_clock.today())
    answer = registries.ports.social_card.look_up(number, timeout_s=3)
    reason = more.get("reason", PhoneReason.NEW_NUMBER)
    asked = AskedPhone(number, answer, phone, reason, by.district or "", phone_belongs_to_staff)
    return people.ask_for_phone(asked, actor_of(by), pack)


def agree(
    change: PhoneChange, by: StaffAccount, phone: str = NEW, *, is_verifier: bool = False
) -> PhoneChange:
    return people.agree_to_phone(change.id, by.district, actor_of(by), phone, pack, is_verifier=is_verifier)


def in_use(who: RegisteredPerson) -> Phone | None:
    person = person_with_number(db.session(), who.number)
    return phone_in_use(db.session(), person.id) if person else None


def told() -> list[tuple[str, str]]:
    """What was put into the outbox, in order: the phone, or the person's id, and the message."""
    rows = db.session().scalars(
        select(OutboxRow).where(OutboxRow.errand == Errand.SEND_MESSAGE).order_by(OutboxRow.created_at)
    )
    found = [row.payload for row in rows]
    return [(said.get("phone") or said["person"], said["message"]) for said in found]


def changed_since(change: PhoneChange) -> PhoneChange:
    return db.session().get_one(PhoneChange, change.id, populate_existing=True)


def test_A08_a_phone_is_new_only_when_a_second_person_has_typed_it_again(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    change = ask(who, first, registries)
    assert change.status is S.PENDING
    before = in_use(who)
    assert before is not None
    assert before.number == who.phone
    agree(change, second)
    after = in_use(who)
    assert after is not None
    assert after.number == NEW
    assert after.source is PhoneSource.COUNTER
    assert changed_since(change).decided_by == second.id


def test_A08_the_first_person_cannot_confirm(
    who: RegisteredPerson, first: StaffAccount, registries: Any
) -> None:
    change = ask(who, first, registries)
    with pytest.raises(FourEyes):
        agree(change, first)
    with pytest.raises(FourEyes):
        people.refuse_phone(change.id, first.district, actor_of(first), pack)
    assert changed_since(change).status is S.PENDING
    refused = select(AuditEvent).where(AuditEvent.outcome == Outcome.REFUSED)
    assert {event.facts["reasons"][0] for event in db.session().scalars(refused)} == {"own_request"}


def test_A16_another_districts_request_is_not_there(
    who: RegisteredPerson, first: StaffAccount, registries: Any
) -> None:
    change = ask(who, first, registries)
    stranger = staff("counsellor", district="500112")
    with pytest.raises(NotThere):
        agree(change, stranger)


def test_A08_typed_differently_changes_nothing_and_three_times_ends_it(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    change = ask(who, first, registries)
    for left in (2, 1):
        with pytest.raises(BadInput) as fault:
            agree(change, second, WRONG)
        assert (fault.value.code, fault.value.values["left"]) == ("differs", left)
    with pytest.raises(BadInput) as fault:
        agree(change, second, WRONG)
    assert fault.value.code == "closed"
    assert changed_since(change).status is S.CLOSED
    with pytest.raises(NotAllowedNow):
        agree(change, second, NEW)
    phone = in_use(who)
    assert phone is not None
    assert phone.number == who.phone


def test_A10_the_old_phone_is_told_at_both_steps_and_can_say_not_me(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    agree(ask(who, first, registries), second)
    person = person_with_number(db.session(), who.number)
    assert person is not None
    assert sorted(told()) == sorted(
        [(str(who.phone), "phone_asked"), (str(who.phone), "phone_changed"), (person.id, "phone_registered")]
    )
    rows = db.session().scalars(select(OutboxRow))
    links = [row.payload["values"].get("act") for row in rows if row.payload.get("phone") == who.phone]
    assert all(people.act_of(db.session(), str(code)).person_id == person.id for code in links)
    assert len(set(links)) == 2


def test_A10_a_new_phone_waits_a_day_for_level_two_and_three_days_for_money(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any, clock: Any
) -> None:
    agree(ask(who, first, registries), second)
    phone, at = in_use(who), the_clock.now()
    assert phone is not None
    assert phone.level_two_from == at + timedelta(hours=24)
    assert money_hold_until(db.session(), phone.person_id) == at + timedelta(hours=72)
    clock.shift(timedelta(hours=72))
    assert money_hold_until(db.session(), phone.person_id) is None


def test_refused_or_left_too_long_the_phone_stays(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any, clock: Any
) -> None:
    change = ask(who, first, registries)
    people.refuse_phone(change.id, second.district, actor_of(second), pack)
    assert changed_since(change).status is S.REFUSED
    again = ask(who, first, registries)
    clock.shift(timedelta(hours=25))
    with pytest.raises(NotAllowedNow):
        agree(again, second)
    phone = in_use(who)
    assert phone is not None
    assert phone.number == who.phone
    assert ask(who, second, registries).id != again.id
    assert changed_since(again).status is S.CLOSED


def test_A29_the_same_form_twice_is_one_request_and_two_clerks_get_one(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    change = ask(who, first, registries)
    assert ask(who, first, registries).id == change.id
    with pytest.raises(NotAllowedNow) as refusal:
        ask(who, second, registries, WRONG)
    assert refusal.value.reasons == ("phone_change_pending",)
    agree(change, second)
    with pytest.raises(NotAllowedNow):
        agree(change, second)
    assert len([message for _, message in told() if message == "phone_changed"]) == 1


def test_a_phone_of_staff_and_the_phone_on_file_are_refused(
    who: RegisteredPerson, first: StaffAccount, registries: Any
) -> None:
    staff("verifier", phone="13900001111")
    with pytest.raises(NotEligible) as refusal:
        ask(who, first, registries, "13900001111")
    assert refusal.value.reasons == ("staff_phone",)
    with pytest.raises(NotAllowedNow) as same:
        ask(who, first, registries, str(who.phone))
    assert same.value.reasons == ("same_phone",)
    assert db.session().scalars(select(PhoneChange)).all() == []
    assert db.session().scalars(select(Person)).all() == []


def keep(person: RegisteredPerson) -> None:
    """A record of this person, as an enrolment makes it."""
    number = recognise(person.number, the_clock.today())
    transaction(lambda session: people.person_for(session, person, number, "zh"))


def test_a_phone_of_more_than_ten_people_needs_a_verifier(
    first: StaffAccount, second: StaffAccount, registries: Any, who: RegisteredPerson
) -> None:
    for n in range(10):
        keep(registered(name=f"邻居{n}", phone=NEW))
    change = ask(who, first, registries)
    assert change.owners == 10
    with pytest.raises(NotAllowedNow) as refusal:
        agree(change, second)
    assert refusal.value.reasons == ("needs_verifier",)
    agree(change, staff("verifier"), is_verifier=True)
    phone = in_use(who)
    assert phone is not None
    assert phone.number == NEW


def test_A08_a_code_of_the_old_phone_opens_nothing_after_the_change(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    """Asked for, sent and not yet typed; or typed, and the enrolment is under way."""
    waits = people.ask_for_code(typed(who, "klasse"), limits(), "127.0.0.1")
    people.answer_code_request(waits.id, registries.ports)
    code = db.session().scalars(select(OneTimeCode)).one()
    change = ask(who, first, registries)
    agree(change, second)
    assert (
        db.session().get_one(OneTimeCode, code.id, populate_existing=True).expires_at <= the_clock.real_now()
    )
    again = people.ask_for_code(typed(who, "klasse"), limits(), "127.0.0.1")
    people.answer_code_request(again.id, registries.ports)
    assert told()[-1] == (NEW, "code")


def test_A13_whoever_was_signed_in_is_signed_out_by_a_new_phone(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    change = ask(who, first, registries)
    transaction(
        lambda session: people.open_session(session, session.get_one(Person, change.person_id), "b", "code")
    )
    agree(change, second)
    row = db.session().get_one(VisitorSession, "b", populate_existing=True)
    assert row.ended_at is not None


def test_A08_the_register_does_not_bring_the_old_phone_back(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any, clock: Any
) -> None:
    agree(ask(who, first, registries), second)
    clock.shift(timedelta(days=1))
    number = recognise(who.number, the_clock.today())
    transaction(lambda session: people.person_for(session, who, number, "zh"))
    phone = in_use(who)
    assert phone is not None
    assert phone.number == NEW


def test_nothing_changes_while_the_record_is_frozen(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    change = ask(who, first, registries)
    person_id = change.person_id
    transaction(
        lambda session: people.freeze(
            session, session.get_one(Person, person_id), actor_of(second), change.id
        )
    )
    with pytest.raises(NotAllowedNow) as refusal:
        agree(change, second)
    assert refusal.value.reasons == ("record_frozen",)


def test_what_two_people_registered_can_be_taken_back(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    change = agree(ask(who, first, registries), second)

    def work(session: Any) -> None:
        people.take_phone_back(session, session.get_one(PhoneChange, change.id), actor_of(second))

    transaction(work)
    phone = in_use(who)
    assert phone is not None
    assert phone.number == who.phone
    assert changed_since(change).status is S.STOPPED


@pytest.mark.parametrize(
    ("said", "one_form"),
    [
        ("187 0000 2245", NEW),
        ("+86 187-0000-2245", NEW),
        ("１８７０００００００００"[:11], "18700000000"),
        ("0086 18700002245", NEW),
        ("12345678901", None),
        ("1870000224", None),
        ("187000022451", None),
        ("18700002a45", None),
        ("", None),
    ],
)
def test_a_phone_has_one_form(said: str, one_form: str | None) -> None:
    assert plain_phone(said) == one_form


NOON = datetime(2026, 6, 16, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("how", "minutes", "since", "reasons"),
    [
        ("code", 10, None, []),
        ("code", 11, None, ["not_fresh"]),
        ("code", 0, NOON, []),
        ("code", 0, NOON + timedelta(seconds=1), ["phone_too_new"]),
        ("slip", 0, None, ["not_by_code"]),
        ("slip", 30, NOON + timedelta(days=1), ["not_by_code", "not_fresh", "phone_too_new"]),
    ],
)
def test_level_two_needs_a_fresh_code_to_a_phone_that_is_not_new(
    how: str, minutes: int, since: datetime | None, reasons: list[str]
) -> None:
    assert reasons_against_level_two(how, NOON - timedelta(minutes=minutes), since, NOON) == reasons


def test_A08_an_enrolment_under_way_asks_for_a_code_of_the_new_phone(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    run = make_class()
    draft = proved(registries, who, run.id)
    agree(ask(who, first, registries), second)
    choice = Choice(draft.idempotency_key)
    with pytest.raises(BadInput) as fault:
        enrol(draft, run.id, choice, pack, the_clock.today())
    assert (fault.value.field, fault.value.code) == ("code", "none")
    assert db.session().scalars(select(Enrolment)).all() == []


def test_A08_an_enrolment_that_stands_is_told_to_the_new_phone(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any
) -> None:
    case = enrolled(registries, who, make_class().id)
    agree(ask(who, first, registries), second)
    phone = in_use(who)
    assert phone is not None
    assert (phone.person_id, phone.number) == (case.person_id, NEW)
