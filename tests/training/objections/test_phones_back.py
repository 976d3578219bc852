""" "This was not me" about a new phone gets the phone back, whatever was built on the new one (A10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.make import DISTRICT, PACK, actor_of, staff
from tests.training.people.test_phones import agree, ask, changed_since, first, in_use, second, who
from training.database import db
from training.errors import Gone, NotAllowedNow
from training.objections.lifecycle import Action
from training.objections.models import Matter
from training.objections.operations import Answer, decide, deny_by_link
from training.outbox import Errand, OutboxRow
from training.people.models import PhoneChangeStatus
from training.policy.queries import load_pack
from training.ports import RegisteredPerson
from training.staff.models import StaffAccount
from training.staff.queries import Scope

__all__ = ["first", "second", "who"]
ONE, TWO = "18700002245", "18700002247"
S = PhoneChangeStatus
pack = load_pack(PACK)


def links(message: str) -> list[str]:
    """The codes of these messages, the oldest first."""
    rows = db.session().scalars(
        select(OutboxRow)
        .where(OutboxRow.errand == Errand.SEND_MESSAGE)
        .order_by(OutboxRow.created_at, OutboxRow.id)
    )
    return [str(row.payload["values"]["act"]) for row in rows if row.payload["message"] == message]


def upheld(matter: Matter) -> None:
    reviewer = actor_of(staff("reviewer_district"))
    decide(matter.reference, Scope(DISTRICT), reviewer, Answer(Action.UPHOLD, "您的电话已恢复。"), pack)
    db.session().expire_all()


def number_in_use(who: RegisteredPerson) -> str | None:
    phone = in_use(who)
    return phone.number if phone else None


def test_A10_a_second_change_does_not_keep_the_phone(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any, clock: Any
) -> None:
    third = staff("counsellor")
    one = agree(ask(who, first, registries, ONE), second, ONE)
    [denies_one] = links("phone_changed")
    clock.shift(timedelta(hours=25))
    two = agree(ask(who, third, registries, TWO), second, TWO)
    [denies_two] = [code for code in links("phone_changed") if code != denies_one]
    matter = deny_by_link(denies_one, pack)
    assert {first.id, second.id, third.id} <= set(matter.not_by), (
        "who had a part in what is taken back as well"
    )
    upheld(matter)
    assert number_in_use(who) == who.phone
    assert (changed_since(one).status, changed_since(two).status) == (S.STOPPED, S.STOPPED)
    with pytest.raises(Gone):
        deny_by_link(denies_two, pack)


def test_A10_only_the_denied_change_and_later_ones_are_taken_back(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any, clock: Any
) -> None:
    one = agree(ask(who, first, registries, ONE), second, ONE)
    clock.shift(timedelta(hours=25))
    two = agree(ask(who, first, registries, TWO), second, TWO)
    denies_two = next(code for code in reversed(links("phone_changed")))
    upheld(deny_by_link(denies_two, pack))
    assert number_in_use(who) == ONE
    assert (changed_since(one).status, changed_since(two).status) == (S.AGREED, S.STOPPED)


def test_A10_a_way_back_to_the_first_phone_is_left_as_it_is(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any, clock: Any
) -> None:
    agree(ask(who, first, registries, ONE), second, ONE)
    [denies_one] = links("phone_changed")
    clock.shift(timedelta(hours=25))
    agree(ask(who, first, registries, who.phone or ""), second, who.phone or "")
    upheld(deny_by_link(denies_one, pack))
    assert number_in_use(who) == who.phone


def test_A10_a_request_that_waits_is_stopped_with_the_denied_one(
    who: RegisteredPerson, first: StaffAccount, second: StaffAccount, registries: Any, clock: Any
) -> None:
    agree(ask(who, first, registries, ONE), second, ONE)
    [denies_one] = links("phone_changed")
    clock.shift(timedelta(minutes=5))
    waits = ask(who, first, registries, TWO)
    matter = deny_by_link(denies_one, pack)
    assert changed_since(waits).status is S.STOPPED
    upheld(matter)
    with pytest.raises(NotAllowedNow) as refusal:
        agree(waits, second, TWO)
    assert refusal.value.reasons == ("decided",)
    assert number_in_use(who) == who.phone
