"""The pack of a province: its districts, occupations, centres, calendar, notices and worked cases."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from training.policy.calendar import Calendar
from training.policy.cases import Case
from training.policy.models import Level, Notice, Shape, Words
from training.policy.privacy import PrivacyNotice
from training.policy.service import (
    Accounts,
    Alerts,
    CounterTerms,
    Exports,
    Looks,
    Objections,
    Offers,
    PhoneTerms,
    Retention,
    SavedChecks,
    Sharing,
)

Kind = Literal["district", "county", "autonomous_county", "development_zone"]


class District(Shape):
    """An administrative unit and the days on which it exists (both included; None: not limited).

    `column` and `row` place its square on the tile map; units that are gone have none.
    """

    code: str = Field(pattern=r"^(\d{6}|X\d{5})$")
    kind: Kind
    name_zh: str
    name_en: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    code_status: Literal["official", "pending", "local"]
    lat: float = Field(ge=20, le=45)
    lon: float = Field(ge=90, le=125)
    column: int | None
    row: int | None
    phone: str
    note: str

    @property
    def name(self) -> Words:
        return Words(zh=self.name_zh, en=self.name_en)

    def exists(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


class Occupation(Shape):
    """An occupation of the classification. `levels` from the lowest; `aliases` only help to search."""

    code: str = Field(pattern=r"^\d-\d\d-\d\d-\d\d$")
    name_zh: str
    name_en: str
    levels: tuple[Level, ...]
    digital: bool
    green: bool
    aliases: tuple[str, ...]
    edition: str
    certainty: str
    interest: str

    @property
    def name(self) -> Words:
        return Words(zh=self.name_zh, en=self.name_en)


class Renamed(Shape):
    """An occupation that stands under another code since a day, in a newer edition of the classification.

    Unlike an alias it counts for money: what was paid under the old code was paid for the new one.
    """

    old_code: str = Field(min_length=1, max_length=20)
    new_code: str = Field(min_length=1, max_length=20)
    since: date
    note: str


class Centre(Shape):
    """A public employment service centre. `days` are ISO weekdays (1 Monday); times are `HH:MM`."""

    code: str
    district: str
    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    phone: str
    days: tuple[int, ...]
    opens: str = Field(pattern=r"^\d\d:\d\d$")
    closes: str = Field(pattern=r"^\d\d:\d\d$")
    saturday_closes: str | None
    counters: int = Field(ge=1)
    lift: bool
    lat: float
    lon: float

    @property
    def name(self) -> Words:
        return Words(zh=self.name_zh, en=self.name_en)

    @property
    def address(self) -> Words:
        return Words(zh=self.address_zh, en=self.address_en)


class Interest(Shape):
    """What a person may want to learn (`wants` of the check)."""

    code: str
    name: Words


class Pronunciation(Shape):
    """Readings of names that a dictionary gets wrong, for whoever spells a name in pinyin."""

    surnames: dict[str, str]
    places: dict[str, str]
    words: dict[str, str]


class Pack(Shape):
    """`notices`: every notice as it may be in force, by its number, municipal and with districts laid over.

    `papers`: the numbers of the files, oldest first; `cases`: the worked cases beside each paper;
    `renamed`: occupations under the codes that they had before.
    """

    name: Words
    province_code: str = Field(pattern=r"^\d\d$")
    reference_prefix: str = Field(pattern=r"^[A-Z]{2}$")
    hotline: str
    interests: tuple[Interest, ...]
    checks: SavedChecks
    alerts: Alerts
    objections: Objections
    looks: Looks
    exports: Exports
    offers: Offers
    sharing: Sharing
    accounts: Accounts
    retention: Retention
    counter: CounterTerms
    phones: PhoneTerms
    privacy: tuple[PrivacyNotice, ...] = Field(min_length=1)
    districts: dict[str, District]
    occupations: dict[str, Occupation]
    renamed: dict[str, Renamed] = {}
    centres: tuple[Centre, ...]
    calendar: Calendar
    pronunciation: Pronunciation
    papers: tuple[str, ...]
    notices: dict[str, Notice]
    cases: dict[str, tuple[Case, ...]]
