"""The table of contract §5: for each case, people about whom the register says what makes it come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from jobs.demo.people import GROUPS, Invented, Paid, People, changed
from training.ports import Employment, Group, Period, RegisteredCard

PLAIN = 160
OF_EACH = 6
ELECTRICIAN = ("6-31-01-03", "5")
ELSEWHERE = "500109"
SLOW_S = 10

Make = Callable[[People, int], Invented]


def everybody(people: People) -> list[Invented]:
    """People of every case, `plain` first."""
    plain = [_plain(people, place) for place in range(PLAIN)]
    return plain + [make(people, place) for make in CASES.values() for place in range(OF_EACH)]


def _plain(people: People, place: int) -> Invented:
    """Clean in every respect; the sample falls on every twentieth."""
    rare = dict(zip(range(4, PLAIN, 23), people.names.rare, strict=False))
    group = GROUPS[place % len(GROUPS)]
    return people.person("plain", group, name=rare.get(place), drawn=place % 20 == 19)


def _of_group(group: Group, people: People, _: int) -> Invented:
    return people.person(group, group)


def _no_phone(people: People, _: int) -> Invented:
    return people.person("no_phone", "migrant", phone=None)


def _lost_card(people: People, _: int) -> Invented:
    person = people.person("lost_card", "migrant")
    assert person.registered is not None
    in_use = person.registered.cards[0]
    return changed(person, cards=(RegisteredCard(in_use.number, "lost", in_use.issued_on),))


def _name_variant(people: People, place: int) -> Invented:
    typed, registered = people.names.variants[place]
    person = people.person("name_variant", "unemployed", name=registered)
    assert person.registered is not None
    cards = tuple(replace(card, name=typed) for card in person.registered.cards)
    return replace(changed(person, cards=cards), name=typed)


def _not_in_registry(people: People, _: int) -> Invented:
    return replace(people.person("not_in_registry", "migrant", phone=None), registered=None)


def _deceased(people: People, _: int) -> Invented:
    died = people.day - timedelta(days=people.chance.randint(30, 300))
    return changed(people.person("deceased", "migrant", ages=(45, 57), phone=None), death_on=died)


def _employed(people: People, _: int) -> Invented:
    """Insured by an employer, in town, without proof of any group: declares unemployed."""
    job = Employment(people.chance.credit_code("91", "500106"), people.day - timedelta(days=420))
    return changed(people.person("employed_as_unemployed", None), employed=(job,))


def _pensioner(people: People, _: int) -> Invented:
    since = people.day - timedelta(days=people.chance.randint(60, 500))
    return changed(people.person("pensioner", "migrant", ages=(61, 64)), pension_from=since)


def _student(people: People, _: int) -> Invented:
    term = Period(date(people.day.year - 1, 9, 1), date(people.day.year + 2, 6, 30))
    return changed(people.person("full_time_student", "migrant", ages=(19, 20)), full_time_study=(term,))


def _under_16(people: People, _: int) -> Invented:
    return people.person("under_16", "school_leaver", ages=(14, 14))


def _paid_this_year(people: People, _: int) -> Invented:
    """Another occupation, another district, this year: the yearly cap is used."""
    on = max(date(people.day.year, 1, 1), people.day - timedelta(days=people.chance.randint(60, 200)))
    paid = Paid("4-03-02-02", "5", on, ELSEWHERE, 150000)
    return replace(people.person("paid_this_year", "migrant"), paid=(paid,))


def _paid_same(people: People, _: int) -> Invented:
    on = date(people.day.year - 2, 5, 1) + timedelta(days=people.chance.randint(0, 120))
    paid = Paid(*ELECTRICIAN, on, ELSEWHERE, 150000)
    return replace(people.person("paid_same_occupation_level", "migrant"), paid=(paid,))


def _shared_phone(people: People, _: int) -> Invented:
    return people.person("shared_phone", "migrant")


def _slow(people: People, _: int) -> Invented:
    person = people.person("registry_slow", "unemployed")
    return replace(person, behaviour={"mode": "slow", "seconds": SLOW_S})


def _old_number(people: People, _: int) -> Invented:
    person = people.person("old_number_15", "migrant", ages=(35, 56))
    return replace(person, number15=person.number[:6] + person.number[8:17])


def _hmt(people: People, place: int) -> Invented:
    return people.person("hmt", "unemployed", name=people.names.hong_kong[place], hong_kong=True)


CASES: Mapping[str, Make] = {
    **{group: partial(_of_group, group) for group in GROUPS},
    "no_phone": _no_phone,
    "lost_card": _lost_card,
    "name_variant": _name_variant,
    "not_in_registry": _not_in_registry,
    "deceased": _deceased,
    "employed_as_unemployed": _employed,
    "pensioner": _pensioner,
    "full_time_student": _student,
    "under_16": _under_16,
    "paid_this_year": _paid_this_year,
    "paid_same_occupation_level": _paid_same,
    "shared_phone": _shared_phone,
    "registry_slow": _slow,
    "old_number_15": _old_number,
    "hmt": _hmt,
}
