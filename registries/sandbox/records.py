"""People as the card system writes them: item codes, days as YYYYMMDD.

The meanings of the digits in AAC004 and AAZ502 are the sandbox's own where no standard could be confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from training.errors import BadNumber
from training.numbers import normalise, recognise
from training.ports import GroupEvidence, Period, RegisteredPerson

Mode = Literal[
    "slow", "down", "500", "garbage", "wrong_person", "stale", "drip", "redirect", "ten_mb", "none"
]
Day = Annotated[str, Field(pattern=r"^\d{8}$")]

_SEX_CODES = {"male": "1", "female": "2", None: "9"}
_CARD_CODES = {"normal": "1", "lost": "2", "cancelled": "3", "replaced": "4"}
_KINDS = {
    "unemployment_register": "unemployment_registration",
    "graduation_year": "graduation",
    "school_leaving": "school_leaving",
    "hard_to_place_list": "hard_to_place_list",
    "poverty_monitored_list": "poverty_monitoring_list",
    "disability_certificate": "disability_certificate",
    "veteran_certificate": "veteran_certificate",
}


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class Card(Row):
    AAZ500: str
    AAZ502: Literal["1", "2", "3", "4"]
    AAZ503: Day | None = None
    AAC003: str | None = None


class Household(Row):
    type: Literal["rural", "urban"]
    since: Day | None = None
    until: Day | None = None


class Evidence(Row):
    kind: Literal[
        "unemployment_registration",
        "graduation",
        "school_leaving",
        "hard_to_place_list",
        "poverty_monitoring_list",
        "disability_certificate",
        "veteran_certificate",
    ]
    year: int | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class Insurance(Row):
    employer_code: str
    from_: Day = Field(alias="from")
    to: Day | None = None


class Span(Row):
    from_: Day = Field(alias="from")
    to: Day | None = None


class Person(Row):
    """One person as the card system answers."""

    AAC002: str
    AAC003: str
    AAC004: Literal["1", "2", "9"]
    AAC006: Day
    mobile: str | None = None
    household: Household | None = None
    cards: list[Card] = []
    evidence: list[Evidence] = []
    insurance: list[Insurance] = []
    full_time_study: list[Span] = []
    custody: list[Span] = []
    pension_from: Day | None = None
    death_on: Day | None = None
    public_payroll_from: Day | None = None
    business_from: Day | None = None


class Behaviour(Row):
    """`seconds`: how long `slow` waits."""

    mode: Mode
    seconds: float = Field(default=10.0, ge=0, le=60)


class Record(Person):
    """A person with the standing behaviour of the system when asked about them (never part of the answer)."""

    behaviour: Behaviour | None = None

    def answer(self) -> dict[str, object]:
        return self.model_dump(by_alias=True, exclude={"behaviour"})


def record_of(
    person: RegisteredPerson, *, behaviour: Mapping[str, object] | None = None
) -> dict[str, object]:
    """The record that makes the card system know `person`, for POST /control/people.

    `behaviour`, such as {"mode": "slow", "seconds": 10}, is how the system always acts about this person.
    """
    record: dict[str, object] = {
        "AAC002": person.number,
        "AAC003": person.name,
        "AAC004": _SEX_CODES[person.sex],
        "AAC006": _day(person.birth_on),
        "mobile": person.phone,
        "household": _household(person),
        "cards": [
            {
                "AAZ500": card.number,
                "AAZ502": _CARD_CODES[card.state],
                "AAZ503": _day(card.issued_on),
                "AAC003": card.name,
            }
            for card in person.cards
        ],
        "evidence": [_evidence(group) for group in person.groups if group.basis != "rural_household"],
        "insurance": [
            {"employer_code": job.by, **_span(Period(job.from_on, job.to_on))} for job in person.employed
        ],
        "full_time_study": [_span(period) for period in person.full_time_study],
        "custody": [_span(period) for period in person.in_custody],
        "pension_from": _day(person.pension_from),
        "death_on": _day(person.death_on),
        "public_payroll_from": _day(person.public_payroll_from),
        "business_from": _day(person.business_from),
    }
    return record if behaviour is None else {**record, "behaviour": dict(behaviour)}


def index_form(number: str) -> str:
    """The form under which a number is found: 15 digits become 18, everything else is only normalised."""
    try:
        return recognise(number, date.max).value
    except BadNumber:
        return normalise(number)


def _household(person: RegisteredPerson) -> dict[str, object] | None:
    rural = next((group for group in person.groups if group.basis == "rural_household"), None)
    if rural is not None:
        return {"type": "rural", "since": _day(rural.from_on), "until": _day(rural.to_on)}
    return None if person.household is None else {"type": person.household, "since": None, "until": None}


def _evidence(group: GroupEvidence) -> dict[str, object]:
    kind, year = _KINDS[group.basis], group.from_on.year
    if group.basis == "graduation_year" and (group.from_on, group.to_on) == (
        date(year, 1, 1),
        date(year, 12, 31),
    ):
        return {"kind": kind, "year": year, "from": None, "to": None}
    return {"kind": kind, "year": None, **_span(Period(group.from_on, group.to_on))}


def _span(period: Period) -> dict[str, object]:
    return {"from": _day(period.from_on), "to": _day(period.to_on)}


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y%m%d}"
