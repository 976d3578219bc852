"""What the card system answers, in our words: the same over HTTP and in the process."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from registries.sandbox.records import record_of
from tests.registries.worlds import XIAOMAN, World
from training.numbers import Number, recognise
from training.ports import (
    Employment,
    GroupEvidence,
    Period,
    RegisteredCard,
    RegisteredPerson,
    RegistryAnswer,
)

ON = date(2026, 1, 1)


def asked(world: World, typed: str) -> RegistryAnswer:
    return world.ports.social_card.look_up(recognise(typed, ON), timeout_s=2)


def found(world: World, typed: str) -> RegisteredPerson:
    answer = asked(world, typed)
    assert answer.outcome == "found", answer.cause
    assert answer.person is not None
    return answer.person


def test_a_person_is_found_by_18_digits(world: World) -> None:
    world.know(XIAOMAN)
    assert found(world, "500101 19900307 0022") == XIAOMAN


def test_a_person_is_found_by_card(world: World) -> None:
    world.know(XIAOMAN)
    assert found(world, "a12345678") == XIAOMAN


def test_a_person_is_found_by_15_digits(world: World) -> None:
    world.know(XIAOMAN)
    assert recognise("500101900307002", ON).kind == "number15"
    assert found(world, "500101900307002") == XIAOMAN


def test_a_register_that_still_holds_15_digits_answers_about_the_same_person(world: World) -> None:
    world.know_record({**record_of(XIAOMAN), "AAC002": "500101900307002"})
    assert found(world, XIAOMAN.number) == XIAOMAN


def test_a_person_is_found_by_permit_number(world: World) -> None:
    visitor = replace(XIAOMAN, number="HKG012345678", name="CHAN TAI MAN")
    world.know(visitor)
    assert found(world, "hkg012345678") == visitor


def test_nobody_is_an_answer(world: World) -> None:
    world.know(XIAOMAN)
    answer = asked(world, "A00000000")
    assert (answer.outcome, answer.person, answer.cause) == ("not_found", None, None)


def test_the_answer_says_when_and_where_it_was_asked(world: World) -> None:
    answer = asked(world, XIAOMAN.number)
    assert answer.source == "social_card"
    assert answer.asked_at.utcoffset() is not None


@pytest.mark.parametrize("state", ["lost", "cancelled", "replaced"])
def test_a_card_out_of_use_still_leads_to_its_person(world: World, state: str) -> None:
    old = RegisteredCard("B00000019", state, date(2012, 1, 1))  # type: ignore[arg-type]
    world.know(replace(XIAOMAN, cards=(old, *XIAOMAN.cards)))
    person = found(world, "B00000019")
    assert person.card("B00000019") == old
    assert person.card_in_use() == XIAOMAN.cards[0]


def test_the_newest_normal_card_is_in_use(world: World) -> None:
    newer = RegisteredCard("C00000027", "normal", date(2024, 5, 2))
    world.know(replace(XIAOMAN, cards=(*XIAOMAN.cards, newer, RegisteredCard("D00000035", "lost"))))
    assert found(world, XIAOMAN.number).card_in_use() == newer


def test_a_person_without_cards_and_phone_is_found(world: World) -> None:
    bare = replace(XIAOMAN, cards=(), phone=None, household=None, sex=None)
    world.know(bare)
    assert found(world, bare.number) == bare
    assert bare.card_in_use() is None


@pytest.mark.parametrize("phone", ["", "   ", "none", "023-1"])
def test_a_phone_that_is_none_is_no_phone(world: World, phone: str) -> None:
    world.know_record({**record_of(XIAOMAN), "mobile": phone})
    assert found(world, XIAOMAN.number).phone is None


def test_all_that_is_known_comes_through(world: World) -> None:
    groups = (
        GroupEvidence("unemployed", date(2025, 1, 2), date(2025, 9, 30), "unemployment_register"),
        GroupEvidence("graduate", date(2025, 1, 1), date(2025, 12, 31), "graduation_year"),
        GroupEvidence("graduate", date(2024, 7, 1), date(2024, 12, 31), "graduation_year"),
        GroupEvidence("school_leaver", date(2025, 6, 30), None, "school_leaving"),
        GroupEvidence("hard_to_place", date(2024, 3, 1), None, "hard_to_place_list"),
        GroupEvidence("poverty_monitored", date(2022, 3, 1), date(2023, 3, 1), "poverty_monitored_list"),
        GroupEvidence("disabled", date(2010, 3, 1), None, "disability_certificate"),
        GroupEvidence("veteran", date(2015, 3, 1), None, "veteran_certificate"),
        GroupEvidence("migrant", date(1996, 5, 1), None, "rural_household"),
    )
    person = replace(
        XIAOMAN,
        household="rural",
        groups=groups,
        employed=(Employment("91500103MA5U000001", date(2020, 1, 1), date(2021, 1, 1)),),
        full_time_study=(Period(date(2008, 9, 1), date(2012, 6, 30)), Period(date(2025, 9, 1))),
        in_custody=(Period(date(2019, 1, 1), date(2019, 7, 1)),),
        pension_from=date(2045, 1, 1),
        death_on=date(2025, 12, 1),
        public_payroll_from=date(2016, 1, 1),
        business_from=date(2017, 1, 1),
    )
    world.know(person)
    assert found(world, person.number) == person


def test_a_rural_household_is_the_proof_for_migrant_workers(world: World) -> None:
    world.know(replace(XIAOMAN, household="rural"))
    proof = GroupEvidence("migrant", XIAOMAN.birth_on, None, "rural_household")
    assert found(world, XIAOMAN.number).groups == (proof,)


def test_insurance_is_no_proof_of_a_group(world: World) -> None:
    world.know(replace(XIAOMAN, employed=(Employment("91500103MA5U000001", date(2020, 1, 1)),)))
    assert found(world, XIAOMAN.number).groups == ()


@pytest.mark.parametrize("name", ["阿依古丽·买买提", "李〇一", "\U00030000某", "\U000323b0某"])
def test_rare_names_come_through(world: World, name: str) -> None:
    world.know(replace(XIAOMAN, name=name))
    assert found(world, XIAOMAN.number).name == name


@pytest.mark.parametrize(
    "change",
    [
        {"AAC003": "周\u202e小满"},
        {"AAC003": "周\x00小满"},
        {"AAC003": " "},
        {"AAC003": "周" * 81},
        {"AAC003": "ﷺ" * 5},
        {"AAC006": "19900231"},
        {"pension_from": "00000000"},
        {"evidence": [{"kind": "school_leaving"}]},
        {"evidence": [{"kind": "graduation", "year": 0}]},
    ],
)
def test_A69_a_record_that_cannot_be_is_not_believed(world: World, change: dict[str, object]) -> None:
    world.know_record({**record_of(XIAOMAN), **change})
    answer = asked(world, XIAOMAN.number)
    assert (answer.outcome, answer.person, answer.cause) == ("unreachable", None, "garbage")


def test_A69_a_card_number_in_place_of_the_persons_number_is_not_believed(world: World) -> None:
    world.know_record({**record_of(XIAOMAN), "AAC002": "Z99999999"})
    assert asked(world, "A12345678").cause == "garbage"


def test_a_person_put_again_has_only_the_new_cards(world: World) -> None:
    world.know(XIAOMAN)
    world.know(replace(XIAOMAN, cards=(RegisteredCard("C00000027", "normal"),)))
    assert asked(world, "A12345678").outcome == "not_found"
    assert found(world, "C00000027").name == "周小满"


def test_evidence_kept_as_json_reads_back_the_same(world: World) -> None:
    world.know(replace(XIAOMAN, household="rural", full_time_study=(Period(date(2025, 9, 1)),)))
    answer = asked(world, XIAOMAN.number)
    assert RegistryAnswer.from_json(answer.to_json()) == answer
    assert answer.person is not None
    assert RegisteredPerson.from_json(answer.person.to_json()) == answer.person


def test_no_repr_shows_the_person(world: World) -> None:
    world.know(XIAOMAN)
    shown = repr(asked(world, XIAOMAN.number))
    for secret in (XIAOMAN.number, XIAOMAN.name, "13800004172", "A12345678", "1990"):
        assert secret not in shown


def test_a_number_nobody_checked_cannot_break_the_question(world: World) -> None:
    odd = Number("card", 'x" or 1=1 --\n')
    assert world.ports.social_card.look_up(odd, timeout_s=2).outcome == "not_found"
