"""Who else may be this person: several groups of facts, by indexes alone, and one number in one record (I25)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from stdnum.cn import ric

from tests.training.enrolments.people import number_of, registered
from tests.training.identities.records import BORN, by_hand, by_register, pairs
from training import clock, keys
from training.database import Model, db, new_id, transaction
from training.numbers import recognise
from training.people.models import Card, CardState, Person, Phone, PhoneSource
from training.people.operations import Known, known_by_hand, matches_of, new_person, raise_duplicates
from training.people.rules import sound_of
from training.ports import RegisteredCard


def evidence() -> list[str]:
    return [pair.evidence for pair in pairs()]


def with_phone(name: str, number: str) -> Person:
    def work(session: Any) -> Person:
        person = new_person(session, name, None, None, "zh")
        phone = Phone(person=person, person_id=person.id, source=PhoneSource.COUNTER, seen_at=clock.now())
        phone.number = number
        session.add(phone)
        return person

    return transaction(work)


def test_c6_each_group_of_facts_is_found(database: Any, registries: Any) -> None:
    card = RegisteredCard("Z00000009", "normal", BORN)
    by_register(registries, name="冉琼芳", cards=(card,))
    by_register(registries, name="周小满", cards=(card,), birth_on=BORN)
    assert evidence() == ["card"]
    by_hand("周小满", number_of(BORN))
    assert evidence()[-1] == "name_birth"


def test_a_phone_with_the_same_name_is_evidence_and_a_phone_alone_is_not(
    database: Any, registries: Any
) -> None:
    with_phone("周小满", "19900000001")
    with_phone("冉琼芳", "19900000001")
    by_register(registries, name="周小满", phone="19900000001")
    assert evidence() == ["phone_name"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("周小滿", "周小满", True),
        ("周晓满", "周小满", True),
        ("周 小 满", "周小满", True),
        ("周小满", "周小兰", False),
        ("阿依古丽·买买提", "阿依古麗買買提", True),
    ],
)
def test_c7_names_that_sound_alike_meet_with_the_birth_date(
    database: Any, registries: Any, one: str, other: str, alike: bool
) -> None:
    by_register(registries, name=one)
    by_hand(other)
    assert bool(evidence()) is alike


def test_names_of_two_characters_need_the_same_characters(database: Any, registries: Any) -> None:
    assert sound_of("冉琼") is None
    by_register(registries, name="冉琼")
    by_hand("冉穷")
    assert evidence() == []
    by_hand("冉琼")
    assert evidence() == ["name_birth"]


def test_two_birth_dates_are_two_people(database: Any, registries: Any) -> None:
    by_register(registries)
    by_hand(born=BORN.replace(day=13))
    assert evidence() == []


def test_c8_evidence_of_a_new_kind_is_written_beside_the_answer(database: Any, registries: Any) -> None:
    card = RegisteredCard("Z00000009", "normal", BORN)
    first = registered(name="周小满", birth_on=BORN)
    registries.know(first)
    by_hand(cards=())
    by_register(registries, number=first.number)
    assert evidence() == ["name_birth"]
    transaction(lambda session: _give_card(session, pairs()[0].person_a, "Z00000009"))
    transaction(lambda session: _give_card(session, pairs()[0].person_b, "Z00000009"))

    def look(session: Any) -> None:
        person = session.get_one(Person, pairs_row.person_a)
        raise_duplicates(session, person, {"card": [pairs_row.person_b]}, is_new=False)

    pairs_row = pairs()[0]
    transaction(look)
    assert evidence() == ["name_birth card"]
    assert card.number == "Z00000009"


def _give_card(session: Any, person_id: str, number: str) -> None:
    person = session.get_one(Person, person_id)
    card = Card(person=person, person_id=person_id, state=CardState.NORMAL, seen_at=clock.now())
    card.number, card.last4_index = number, "x"
    session.add(card)


# --- the number of statements does not grow with the people ----------------------------------------------------


def crowd(people: int) -> None:
    """People put in behind the operations, with indexes of their own."""
    rows = [
        {
            "id": f"p{n}-{people}",
            "number_sealed": "",
            "number_index": keys.blind_index("identity_number", f"{people}-{n}"),
            "name": "周小满",
            "name_normal": "周小满",
            "name_birth_index": keys.blind_index("name_birth", f"{people}-{n}"),
            "sound_index": keys.blind_index("sound_birth", f"{people}-{n}"),
            "language": "zh",
            "consent_version": "1",
            "created_at": clock.now(),
        }
        for n in range(people)
    ]
    table: Any = Model.metadata.tables["person"]
    transaction(lambda session: session.execute(insert(table), rows))


def statements_for(number: str, statements: Any, cards: Sequence[str]) -> int:
    """How many statements looking and raising take, the new record itself not counted."""

    def work(session: Any) -> int:
        known = Known("周小满", BORN, number, tuple(cards), "19900000001")
        person = new_person(session, known.name, known.number, known.birth_on, "zh")
        session.flush()
        with statements() as seen:
            found = raise_duplicates(session, person, matches_of(session, known), is_new=True)
            session.flush()
        assert found.others
        return len(seen)

    return transaction(work)


def test_matching_takes_at_most_five_statements_however_many_people(
    database: Any, registries: Any, statements: Any
) -> None:
    by_register(registries, cards=(RegisteredCard("Z00000009", "normal", BORN),), phone="19900000001")
    few = statements_for(number_of(BORN), statements, ("Z00000009",))
    crowd(2000)
    many = statements_for(number_of(BORN), statements, ("Z00000009",))
    assert few == many <= 5


# --- one person per number --------------------------------------------------------------------------------------

BARE = "51020219850312001"
NUMBER = BARE + str(ric.calc_check_digit(f"{BARE}0"))
OLD_NUMBER = f"{NUMBER[:6]}{NUMBER[8:17]}"
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@given(
    forms=st.lists(
        st.sampled_from(
            [
                NUMBER,
                NUMBER.lower(),
                NUMBER.translate(FULL_WIDTH),
                f" {NUMBER[:6]} {NUMBER[6:14]}-{NUMBER[14:]} ",
                OLD_NUMBER,
                OLD_NUMBER.translate(FULL_WIDTH),
            ]
        ),
        min_size=1,
        max_size=6,
    )
)
def test_I25_one_person_per_normalised_number(database: Any, forms: list[str]) -> None:
    """15 or 18 digits, x or X, full width, spaces and hyphens: one record."""

    def work(session: Any) -> set[str]:
        found = set()
        for form in forms:
            number = recognise(form, clock.today())
            found.add(known_by_hand(session, Known(f"名{new_id()}", BORN, number.value), "zh").person.id)
            session.flush()
        return found

    assert len(transaction(work)) == 1
    has = select(Person.id).where(Person.number_index == Person.number.index_of(NUMBER))
    assert len(db.session().scalars(has).all()) == 1
