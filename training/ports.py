"""What we ask of the outside world, in our own words. How it is asked: registries/.

An answer never lets a fault of the outside pass for knowledge: `unreachable` is neither found nor not found.
Personal values are left out of every repr, so that no log and no traceback shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from pydantic import TypeAdapter

from training.numbers import Number

Outcome = Literal["found", "not_found", "unreachable"]
CardState = Literal["normal", "lost", "cancelled", "replaced"]
Household = Literal["rural", "urban"]
Sex = Literal["male", "female"]
Group = Literal[
    "unemployed",
    "migrant",
    "graduate",
    "school_leaver",
    "hard_to_place",
    "poverty_monitored",
    "disabled",
    "veteran",
    "employee",
    "other",
]
Basis = Literal[
    "unemployment_register",
    "rural_household",
    "graduation_year",
    "school_leaving",
    "hard_to_place_list",
    "poverty_monitored_list",
    "disability_certificate",
    "veteran_certificate",
]
SOCIAL_CARD = "social_card"
PHONE_MESSAGES = "phone_messages"
PHONE_MESSAGES = "phone_messages"


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included; `to_on` None: not ended."""

    from_on: date
    to_on: date | None = None

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True)
class RegisteredCard:
    """One social security card; a person has several over the years. `name` as printed on it, where known."""

    number: str = field(repr=False)
    state: CardState
    issued_on: date | None = None
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class GroupEvidence:
    """Proof that a person belongs to `group`, with the days on which it holds (both included).

    `graduation_year`: the calendar year. `school_leaving`: from the day of leaving, with no end, since the
    notice says for how long it counts. `rural_household`: from the entry in the household register (the day
    of birth where the register gives none).
    """

    group: Group
    from_on: date
    to_on: date | None
    basis: Basis

    def covers(self, day: date) -> bool:
        return Period(self.from_on, self.to_on).covers(day)


@dataclass(frozen=True)
class Employment:
    """Insured by an employer. `by` is the employer's unified social credit code."""

    by: str
    from_on: date
    to_on: date | None = None

    def covers(self, day: date) -> bool:
        return Period(self.from_on, self.to_on).covers(day)


@dataclass(frozen=True)
class RegisteredPerson:
    """What the social security card system knows. `number`: 18 digits or 12 characters, never 15."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    birth_on: date = field(repr=False)
    sex: Sex | None = None
    phone: str | None = field(default=None, repr=False)
    household: Household | None = None
    cards: tuple[RegisteredCard, ...] = ()
    groups: tuple[GroupEvidence, ...] = ()
    employed: tuple[Employment, ...] = ()
    pension_from: date | None = None
    full_time_study: tuple[Period, ...] = ()
    death_on: date | None = None
    in_custody: tuple[Period, ...] = ()
    public_payroll_from: date | None = None
    business_from: date | None = None

    def card(self, number: str) -> RegisteredCard | None:
        """The card with this number, whatever its state."""
        return next((card for card in self.cards if card.number == number), None)

    def card_in_use(self) -> RegisteredCard | None:
        """The newest card in state `normal`."""
        normal = [card for card in self.cards if card.state == "normal"]
        return max(normal, key=lambda card: card.issued_on or date.min, default=None)

    def to_json(self) -> str:
        """One line of JSON with the fields in a fixed order, to be stored (encrypted) as evidence."""
        return _PERSON.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> RegisteredPerson:
        """The person stored by `to_json`. Raises ValueError when `text` is not such a line."""
        return _PERSON.validate_json(text)


@dataclass(frozen=True)
class RegistryAnswer:
    """`person` stands only with `found`, `cause` only with `unreachable`.

    `asked_at` is aware UTC business time; `source` names the system. Causes are those of RegistryUnreachable.
    """

    outcome: Outcome
    person: RegisteredPerson | None
    asked_at: datetime
    source: str = SOCIAL_CARD
    cause: str | None = None

    def to_json(self) -> str:
        """One line of JSON with the fields in a fixed order, to be stored (encrypted) as evidence."""
        return _ANSWER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> RegistryAnswer:
        """The answer stored by `to_json`. Raises ValueError when `text` is not such a line."""
        return _ANSWER.validate_json(text)


_PERSON = TypeAdapter(RegisteredPerson)
_ANSWER = TypeAdapter(RegistryAnswer)


class SocialCardRegistry(Protocol):
    """The social security card system of the municipality."""

    def look_up(self, number: Number, *, timeout_s: float) -> RegistryAnswer:
        """Ask for the person with this number or card, at most `timeout_s` seconds in all.

        Never raises for a fault of the outside: that is `unreachable` with a cause. An answer about
        somebody else is `unreachable`, cause `wrong_person`.
        """
        ...


class PhoneMessages(Protocol):
    """The gateway for short messages."""

    def send(self, phone: str, text: str, *, key: str, timeout_s: float) -> None:
        """Hand one message over; the same `key` again sends nothing a second time.

        Raises training.errors.RegistryUnreachable when the gateway did not take it within `timeout_s` seconds.
        """
        ...


@dataclass(frozen=True)
class Tally:
    """What was asked of one system since the tally was last taken. `error` is the cause of the last failure,
    None where the last answer was good; `is_resting`: it is being left alone for a while."""

    name: str
    asked: int
    failed: int
    error: str | None
    is_resting: bool


def no_tallies() -> list[Tally]:
    """Where nobody counts."""
    return []


@dataclass(frozen=True)
class Ports:
    """The outside world as one application sees it; made by registries.connect.

    `take_tallies` says how each system answered since it was last called, in this process.
    """

    social_card: SocialCardRegistry
    phone_messages: PhoneMessages
    take_tallies: Callable[[], list[Tally]] = no_tallies
