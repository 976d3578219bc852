"""What sets a bank account apart: that it took another's place, and that other people have it too."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.make import make_account, make_person
from training import clock as clocks
from training.database import db, transaction
from training.people.models import BankAccount, Person
from training.people.queries import accounts_seen
from training.people.rules import AccountSeen, reasons_to_look_at_account

ONE, OTHER = "6217001234567890123", "6217009999999999993"


def seen_of(*people: Person) -> dict[str, AccountSeen]:
    return accounts_seen(db.session(), select(Person.id).where(Person.id.in_([one.id for one in people])))


def test_A40_one_account_of_several_people_is_found_without_opening_any(
    database: Any, clock: Any, statements: Any
) -> None:
    people = [make_person() for _ in range(4)]
    for person in people[:3]:
        make_account(person, ONE)
    make_account(people[3], OTHER)
    transaction(lambda session: session.execute(update(BankAccount).values(number_sealed="unreadable")))
    ids = [person.id for person in people]
    with statements() as asked:
        found = accounts_seen(db.session(), select(Person.id).where(Person.id.in_(ids)))
    assert len(asked) == 1
    assert [found[person_id].others for person_id in ids] == [2, 2, 2, 0]


def test_A40_an_account_given_up_is_nobodys_and_a_merged_record_is_no_other_person(
    database: Any, clock: Any
) -> None:
    person, before, twin = (make_person() for _ in range(3))
    make_account(before, ONE)
    clock.shift(timedelta(days=1))
    make_account(before, OTHER)
    make_account(twin, ONE)
    transaction(lambda session: setattr(session.get(Person, twin.id), "merged_into", person.id))
    make_account(person, ONE)
    assert seen_of(person)[person.id].others == 0


def test_A10_a_first_account_is_no_change_and_the_same_one_again_is_none(database: Any, clock: Any) -> None:
    person, stranger = make_person(), make_person()
    make_account(person, ONE)
    assert not seen_of(person)[person.id].is_another
    clock.shift(timedelta(days=1))
    make_account(person, ONE)
    assert not seen_of(person)[person.id].is_another
    clock.shift(timedelta(days=1))
    make_account(person, OTHER)
    seen = seen_of(person, stranger)
    assert seen == {person.id: AccountSeen(clocks.now(), clocks.today(), True, 0)}


@pytest.mark.parametrize(
    ("is_another", "others", "days", "reasons"),
    [
        (False, 0, 1, []),
        (True, 0, 1, ["account_changed"]),
        (True, 0, -1, []),
        (False, 3, -1, ["account_shared"]),
        (True, 3, 1, ["account_shared", "account_changed"]),
    ],
)
def test_A10_A40_what_is_asked_about(
    clock: Any, is_another: bool, others: int, days: int, reasons: list[str]
) -> None:
    now = clocks.now()
    seen = AccountSeen(now + timedelta(days=days), clocks.today(), is_another, others)
    assert reasons_to_look_at_account(seen, now) == reasons
    assert reasons_to_look_at_account(None, now) == []
