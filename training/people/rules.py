"""Pure questions about names and records."""

from __future__ import annotations

import re
import unicodedata

from training.ports import RegisteredPerson

_INSIDE = re.compile(r"[\s·•・‧∙･.．]")
LAST4 = 4


def normal_name(name: str) -> str:
    """A name as it is compared: NFKC, upper case, without spaces and middle dots; rare characters stay."""
    return _INSIDE.sub("", unicodedata.normalize("NFKC", name)).upper()


def same_name(one: str, other: str) -> bool:
    """Whether two names are written alike. A variant character makes them differ: a person looks."""
    return normal_name(one) == normal_name(other)


def prefix_of(number: str) -> str:
    """The 14 characters that a birthday's numbers share: limits count them together (A03)."""
    return number[:14]


def card_in_use(person: RegisteredPerson, typed: str | None) -> str | None:
    """The card that was typed, or else the one in use."""
    if typed is not None:
        return typed
    card = person.card_in_use()
    return card.number if card else None
