"""Invented people: what each types, and what the card system says about them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from jobs.demo.chance import Chance
from jobs.demo.words import Names
from training import keys
from training.ports import Group, GroupEvidence, Household, RegisteredCard, RegisteredPerson, Sex

SAMPLE = 0.05
GROUPS: tuple[Group, ...] = ("unemployed", "migrant", "graduate", "school_leaver", "hard_to_place")
AGES: Mapping[Group, tuple[int, int]] = {"graduate": (21, 23), "school_leaver": (16, 18)}
WORKING_AGE = (19, 56)


@dataclass(frozen=True)
class Paid:
    """A training subsidy that a district paid before this system began."""

    occupation: str
    level: str
    on: date
    district: str
    amount_fen: int


@dataclass(frozen=True)
class Invented:
    """One invented person. `name` is what they type, `registered` what the card system knows (None: nothing).

    `behaviour` is how the card system acts about them; `paid` stands in our database from before.
    """

    case: str
    name: str
    number: str = field(repr=False)
    card: str = field(repr=False)
    phone: str | None
    group: str
    registered: RegisteredPerson | None
    number15: str | None = None
    behaviour: Mapping[str, Any] | None = None
    paid: tuple[Paid, ...] = ()

    def line(self) -> dict[str, str | None]:
        """As demo.json shows them."""
        shown = {"case": self.case, "name": self.name, "number": self.number, "card": self.card}
        older = {"number15": self.number15} if self.number15 else {}
        return {**shown, **older, "phone": self.phone, "group": self.group}


class People:
    """Makes people who are `day` old enough for a class that starts on `starts_on`."""

    def __init__(self, chance: Chance, names: Names, day: date, starts_on: date) -> None:
        self.chance, self.names, self.day, self.starts_on = chance, names, day, starts_on
        self._taken: set[str] = set()

    def at(self, day: date, starts_on: date) -> People:
        """The same maker, for people of another day and class."""
        other = copy(self)
        other.day, other.starts_on = day, starts_on
        return other

    def twin(self, person: Invented) -> Invented:
        """Somebody else of the same name and birthday."""
        registered = person.registered
        assert registered is not None
        card = RegisteredCard(self.chance.card_number(), "normal", self._issued(registered.birth_on))
        number = self.chance.number18(registered.birth_on, registered.sex or "male")
        phone = self.chance.phone()
        other = replace(registered, number=number, phone=phone, cards=(card,))
        return replace(person, number=number, card=card.number, phone=phone, registered=other)

    def person(
        self,
        case: str,
        group: Group | None,
        *,
        ages: tuple[int, int] | None = None,
        name: str | None = None,
        drawn: bool | None = False,
        phone: str | None = "",
        hong_kong: bool = False,
    ) -> Invented:
        """Somebody of `group` with a phone on file and one card in use.

        `drawn`: whether the sample falls on them (None: as it comes); `phone` None: none on file.
        """
        sex: Sex = self.chance.choice(("male", "female"))
        name = name or self.name(sex)
        birth_on, number = self._number(
            ages or AGES.get(group or "other", WORKING_AGE), sex, drawn, hong_kong
        )
        card = RegisteredCard(self.chance.card_number(), "normal", self._issued(birth_on))
        phone = self.chance.phone() if phone == "" else phone
        registered = RegisteredPerson(
            number=number,
            name=name,
            birth_on=birth_on,
            sex=sex,
            phone=phone,
            household=household_of(group),
            cards=(card,),
            groups=self.proof(group, birth_on),
        )
        return Invented(case, name, number, card.number, phone, group or "unemployed", registered)

    def proof(self, group: Group | None, birth_on: date) -> tuple[GroupEvidence, ...]:
        """The card system's proof of a group, holding on the day the class starts."""
        since = self.day - timedelta(days=self.chance.randint(45, 150))
        year = self.starts_on.year
        match group:
            case "unemployed":
                return (GroupEvidence("unemployed", since, None, "unemployment_register"),)
            case "migrant":
                return (GroupEvidence("migrant", birth_on, None, "rural_household"),)
            case "graduate":
                whole_year = (date(year, 1, 1), date(year, 12, 31))
                return (GroupEvidence("graduate", *whole_year, "graduation_year"),)
            case "school_leaver":
                return (GroupEvidence("school_leaver", since, None, "school_leaving"),)
            case "hard_to_place":
                return (GroupEvidence("hard_to_place", since, None, "hard_to_place_list"),)
            case _:
                return ()

    def _number(
        self, ages: tuple[int, int], sex: Sex, drawn: bool | None, hong_kong: bool
    ) -> tuple[date, str]:
        while True:
            birth_on = self.chance.birth(self.day, *ages)
            number = self.chance.permit_number() if hong_kong else self.chance.number18(birth_on, sex)
            if drawn is None or drawn == (keys.draw("sample", number) < SAMPLE):
                return birth_on, number

    def _issued(self, birth_on: date) -> date:
        earliest = max(birth_on + timedelta(days=10 * 365), date(2012, 1, 1))
        return earliest + timedelta(days=self.chance.randrange(max(1, (self.day - earliest).days - 30)))

    def name(self, sex: Sex = "female") -> str:
        """A name that nobody else here has."""
        given = self.names.male if sex == "male" else self.names.female
        while True:
            double = self.chance.random() < 0.02
            surname = self.chance.choice(self.names.double_surnames if double else self.names.surnames)
            name = surname + "".join(self.chance.sample(given, self.chance.choice((1, 2, 2, 2))))
            if name not in self._taken:
                self._taken.add(name)
                return name


def household_of(group: Group | None) -> Household:
    """Migrants are proven by a rural household; everybody else here lives in town."""
    return "rural" if group == "migrant" else "urban"


def changed(person: Invented, **changes: Any) -> Invented:
    """The person with other facts in the register."""
    assert person.registered is not None
    return replace(person, registered=replace(person.registered, **changes))
