"""The social security card system (docs/registries/social-card.openapi.yaml).

Item codes of the national Golden Social Security Project (AAC…, AAZ…) and the English names beside them end
in this file. What does not fit the schema, or is about somebody else, is `unreachable`: never believed.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from registries.breaker import Breaker
from registries.exchange import Exchange
from training import clock
from training.errors import BadNumber, RegistryUnreachable
from training.numbers import Number, recognise
from training.ports import (
    SOCIAL_CARD,
    Basis,
    CardState,
    Employment,
    Group,
    GroupEvidence,
    Period,
    RegisteredCard,
    RegisteredPerson,
    RegistryAnswer,
    Sex,
    Tally,
)

PATH = "/social-card/look-up"
LONGEST_NAME = 80
_SEXES: dict[str, Sex | None] = {"1": "male", "2": "female", "9": None}
_CARD_STATES: dict[str, CardState] = {"1": "normal", "2": "lost", "3": "cancelled", "4": "replaced"}
_EVIDENCE: dict[str, tuple[Group, Basis]] = {
    "unemployment_registration": ("unemployed", "unemployment_register"),
    "graduation": ("graduate", "graduation_year"),
    "school_leaving": ("school_leaver", "school_leaving"),
    "hard_to_place_list": ("hard_to_place", "hard_to_place_list"),
    "poverty_monitoring_list": ("poverty_monitored", "poverty_monitored_list"),
    "disability_certificate": ("disabled", "disability_certificate"),
    "veteran_certificate": ("veteran", "veteran_certificate"),
}


class SocialCard:
    """SocialCardRegistry over an exchange. Safe for threads."""

    def __init__(self, exchange: Exchange, breaker: Breaker | None = None) -> None:
        self._exchange = exchange
        self._breaker = breaker or Breaker()

    def take_tally(self) -> Tally:
        """How the system answered since this was last called."""
        return self._breaker.take_tally(SOCIAL_CARD)

    def look_up(self, number: Number, *, timeout_s: float) -> RegistryAnswer:
        """See training.ports.SocialCardRegistry."""
        asked_at = clock.now()
        try:
            person = self._breaker.ask(
                lambda seconds: self._person(number, seconds),
                about=number.value,
                timeout_s=timeout_s,
                tries=2,
            )
        except RegistryUnreachable as fault:
            return RegistryAnswer("unreachable", None, asked_at, cause=fault.cause)
        return RegistryAnswer("found" if person else "not_found", person, asked_at)

    def _person(self, number: Number, seconds: float) -> RegisteredPerson | None:
        request_id = secrets.token_hex(8)
        asked = {"AAZ500" if number.is_card else "AAC002": number.value}
        raw = self._exchange.post(PATH, {"request_id": request_id, **asked}, headers={}, timeout_s=seconds)
        try:
            answer = _Answer.model_validate(raw)
            person = answer.person.in_our_words() if answer.person else None
        except (ValidationError, BadNumber, ValueError) as fault:
            raise RegistryUnreachable("garbage") from fault
        if answer.request_id != request_id:
            raise RegistryUnreachable("stale")
        if answer.found != (person is not None):
            raise RegistryUnreachable("garbage")
        if not _is_about(number, person, answer.asked, asked):
            raise RegistryUnreachable("wrong_person")
        return person


def _is_about(
    number: Number, person: RegisteredPerson | None, echoed: dict[str, str], asked: dict[str, str]
) -> bool:
    if echoed != asked:
        return False
    if person is None:
        return True
    return person.card(number.value) is not None if number.is_card else person.number == number.value


def _day(written: object) -> date:
    if not isinstance(written, str) or len(written) != 8 or not written.isascii() or not written.isdigit():
        raise ValueError("not YYYYMMDD")
    return date(int(written[:4]), int(written[4:6]), int(written[6:]))


def _text(written: object) -> str:
    """Refuses controls, bidi marks and lone surrogates. Characters newer than our Unicode tables pass."""
    if not isinstance(written, str):
        raise ValueError("not a text")
    bare = written.strip()
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in bare):
        raise ValueError("control character")
    return bare


def _name(written: object) -> str:
    """A name that can be stored, also in the form in which names are compared: ligatures grow in it."""
    name = _text(written)
    if max(len(name), len(unicodedata.normalize("NFKC", name))) > LONGEST_NAME:
        raise ValueError("a name too long")
    return name


_Day = Annotated[date, BeforeValidator(_day)]
_Text = Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(_text)]
_Name = Annotated[str, Field(min_length=1), BeforeValidator(_name)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class _Span(_Row):
    from_: _Day = Field(alias="from")
    to: _Day | None = None

    def period(self) -> Period:
        return Period(self.from_, self.to)


class _Card(_Row):
    number: _Text = Field(alias="AAZ500")
    state: Literal["1", "2", "3", "4"] = Field(alias="AAZ502")
    issued: _Day | None = Field(default=None, alias="AAZ503")
    name: _Name | None = Field(default=None, alias="AAC003")

    def in_our_words(self) -> RegisteredCard:
        return RegisteredCard(self.number.upper(), _CARD_STATES[self.state], self.issued, self.name)


class _Evidence(_Row):
    kind: str
    year: int | None = Field(default=None, ge=1900, le=9998)
    from_: _Day | None = Field(default=None, alias="from")
    to: _Day | None = None

    def in_our_words(self) -> GroupEvidence | None:
        if self.kind not in _EVIDENCE:
            return None  # a register may know groups that no notice asks for
        group, basis = _EVIDENCE[self.kind]
        if self.year is not None:
            return GroupEvidence(group, date(self.year, 1, 1), date(self.year, 12, 31), basis)
        if self.from_ is None:
            raise ValueError("evidence without a day")
        return GroupEvidence(group, self.from_, self.to, basis)


class _Insurance(_Row):
    by: _Text = Field(alias="employer_code")
    from_: _Day = Field(alias="from")
    to: _Day | None = None


class _Household(_Row):
    type: Literal["rural", "urban"]
    since: _Day | None = None
    until: _Day | None = None


class _Person(_Row):
    number: _Text = Field(alias="AAC002")
    name: _Name = Field(alias="AAC003")
    sex: Literal["1", "2", "9"] = Field(alias="AAC004")
    birth: _Day = Field(alias="AAC006")
    mobile: str | None = Field(default=None, max_length=20)
    household: _Household | None = None
    cards: list[_Card] = Field(default_factory=list, max_length=50)
    evidence: list[_Evidence] = Field(default_factory=list, max_length=100)
    insurance: list[_Insurance] = Field(default_factory=list, max_length=500)
    full_time_study: list[_Span] = Field(default_factory=list, max_length=50)
    custody: list[_Span] = Field(default_factory=list, max_length=50)
    pension_from: _Day | None = None
    death_on: _Day | None = None
    public_payroll_from: _Day | None = None
    business_from: _Day | None = None

    def in_our_words(self) -> RegisteredPerson:
        return RegisteredPerson(
            number=_personal_number(self.number),
            name=self.name,
            birth_on=self.birth,
            sex=_SEXES[self.sex],
            phone=_phone(self.mobile),
            household=self.household.type if self.household else None,
            cards=tuple(card.in_our_words() for card in self.cards),
            groups=self._groups(),
            employed=tuple(Employment(row.by, row.from_, row.to) for row in self.insurance),
            full_time_study=tuple(span.period() for span in self.full_time_study),
            in_custody=tuple(span.period() for span in self.custody),
            pension_from=self.pension_from,
            death_on=self.death_on,
            public_payroll_from=self.public_payroll_from,
            business_from=self.business_from,
        )

    def _groups(self) -> tuple[GroupEvidence, ...]:
        """A rural household is the proof for migrant workers (domain: the address in the register suffices)."""
        known = [group for group in (row.in_our_words() for row in self.evidence) if group]
        if self.household and self.household.type == "rural":
            since = self.household.since or self.birth
            known.append(GroupEvidence("migrant", since, self.household.until, "rural_household"))
        return tuple(known)


class _Answer(_Row):
    request_id: str
    asked: dict[str, str]
    found: bool
    person: _Person | None = None


def _personal_number(written: str) -> str:
    number = recognise(written, clock.today())
    if number.is_card:
        raise ValueError("a card number where the person's number belongs")
    return number.value


def _phone(written: str | None) -> str | None:
    """None where there is nothing a message could be sent to."""
    bare = (written or "").strip()
    return bare if bare.isascii() and bare.lstrip("+").isdigit() and 6 <= len(bare) <= 16 else None
