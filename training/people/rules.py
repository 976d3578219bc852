"""Pure questions about names and records."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from stdnum import luhn

from training.errors import BadInput
from training.ports import RegisteredPerson
from training.readings import reading_of

_INSIDE = re.compile(r"[\s·•・‧∙･.．]")
LAST4 = 4
FRESH = timedelta(minutes=10)
PHONE_TRIES = 3
SOUNDS_FROM = 3


def normal_name(name: str) -> str:
    """A name as it is compared: NFKC, upper case, without spaces and middle dots; rare characters stay."""
    return _INSIDE.sub("", unicodedata.normalize("NFKC", name)).upper()


def same_name(one: str, other: str) -> bool:
    """Whether two names are written alike. A variant character makes them differ: a person looks."""
    return normal_name(one) == normal_name(other)


def sound_of(name: str) -> str | None:
    """How a Chinese name sounds, without tones: variant, traditional and mistaken characters come to one form.

    None for a name of fewer than three characters: too many people share so little.
    """
    normal = normal_name(name)
    if len(normal) < SOUNDS_FROM or normal.isascii():
        return None
    return " ".join(map(reading_of, normal))


def prefix_of(number: str) -> str:
    """The 14 characters that a birthday's numbers share: limits count them together (A03)."""
    return number[:14]


def card_in_use(person: RegisteredPerson, typed: str | None) -> str | None:
    """The card that was typed, or else the one in use."""
    if typed is not None:
        return typed
    card = person.card_in_use()
    return card.number if card else None


AccountState = Literal["none", "held", "usable"]


def account_number(text: str) -> str:
    """A bank account number in its one form: 16 to 19 digits whose check digit holds (ISO/IEC 7812).

    Raises BadInput(account): empty, bad_character, length (`length`), check_digit.
    """
    bare = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text[:64]))
    if not bare:
        raise BadInput("account", "empty")
    if not bare.isascii() or not bare.isdigit():
        raise BadInput("account", "bad_character")
    if not 16 <= len(bare) <= 19:
        raise BadInput("account", "length", length=len(bare))
    if not luhn.is_valid(bare):
        raise BadInput("account", "check_digit")
    return bare


def account_tail(number: str) -> str:
    """What may be shown of an account: `**17`."""
    return f"**{number[-2:]}"


def account_state(usable_from: datetime | None, now: datetime) -> AccountState:
    """Where an account stands that may be used from then on; None: there is none."""
    if usable_from is None:
        return "none"
    return "held" if now < usable_from else "usable"


def reasons_against_account(holder: str, name: str, state: AccountState, *, is_frozen: bool) -> list[str]:
    """Why an account may not be registered: another's name, one that is still held, a record that is frozen."""
    reasons = [] if same_name(holder, name) else ["account_other_name"]
    reasons += ["account_held"] if state == "held" else []
    return reasons + (["record_frozen"] if is_frozen else [])


@dataclass(frozen=True)
class AccountSeen:
    """The account in force: since when, whether it took another's place, how many other people have it too."""

    since: datetime
    on: date
    is_another: bool
    others: int


def reasons_to_look_at_account(seen: AccountSeen | None, put_forward_at: datetime) -> list[str]:
    """What somebody asks about before money is agreed to that was put forward then (A10, A40): `account_shared`,
    `account_changed`. A first account is no change, whenever it came."""
    if seen is None:
        return []
    reasons = ["account_shared"] if seen.others else []
    return reasons + (["account_changed"] if seen.is_another and seen.since > put_forward_at else [])


def reasons_against_level_two(
    how: str, proved_at: datetime, phone_since: datetime | None, now: datetime
) -> list[str]:
    """Why a signed-in person may not yet change a phone or account, download, delete (trust.md, level 2).

    `how` is the way of the sign-in, `proved_at` its time; `phone_since` is the moment from which the phone in use
    counts for this, None where it always did. Codes: `not_by_code`, `not_fresh`, `phone_too_new`.
    """
    reasons = []
    if how == "slip":
        reasons.append("not_by_code")
    if now - proved_at > FRESH:
        reasons.append("not_fresh")
    if phone_since is not None and phone_since > now:
        reasons.append("phone_too_new")
    return reasons


def plain_phone(text: str) -> str | None:
    """A mobile number of the mainland in its one form, eleven digits; None: it cannot be one."""
    bare = re.sub(r"[\s\-‐-―－()]", "", unicodedata.normalize("NFKC", text[:40]))
    bare = re.sub(r"^(\+|00)86", "", bare)
    return bare if re.fullmatch(r"1[3-9]\d{9}", bare, re.ASCII) else None
