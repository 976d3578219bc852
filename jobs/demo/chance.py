"""Chance with one seed: the same demo set comes out every time.

Numbers carry valid check digits, references valid check characters; none of them belongs to anybody.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from datetime import date, timedelta

from stdnum.cn import ric, uscc

from training.references import ALPHABET, check_character

SEED = 8646
MALE, FEMALE = (1, 3, 5, 7, 9), (0, 2, 4, 6, 8)
_CARD_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_RIC_CHANGED = date(1997, 6, 1)
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Chance(random.Random):
    """Draws that are never drawn twice where that matters: birthdays of an area, cards, phones, references."""

    def __init__(self, seed: int, old_areas: list[str], new_areas: list[str]) -> None:
        super().__init__(seed)
        self._areas = (old_areas, new_areas)
        self._given: set[str] = set()
        self._phones = 19900000000

    def id(self) -> str:
        """A row's id, in the form of training.database.new_id."""
        return base64.b32encode(self.randbytes(16)).decode().rstrip("=").lower()

    def birth(self, day: date, youngest: int, oldest: int) -> date:
        """A birthday of somebody who is `youngest` to `oldest` years old on `day`, both included."""
        return day - timedelta(days=self.randint(youngest * 366 + 10, (oldest + 1) * 365 - 10))

    def number18(self, birth_on: date, sex: str) -> str:
        """An identity number with an area code of its time; no two people share area and birthday."""
        areas = self._areas[birth_on >= _RIC_CHANGED]
        prefix = self._fresh(lambda: f"{self.choice(areas)}{birth_on:%Y%m%d}")
        body = f"{prefix}{self.randint(0, 99):02d}{self.choice(MALE if sex == 'male' else FEMALE)}"
        return body + str(ric.calc_check_digit(f"{body}0"))

    def permit_number(self) -> str:
        """The number of a resident from Hong Kong: 12 characters."""
        return self._fresh(lambda: f"HKG0{self.randrange(10**8):08d}")

    def card_number(self) -> str:
        """Nine characters, the last one by the rule that fits most known cards."""
        body = self._fresh(lambda: f"{self.choice('ABCDEF')}{self.randrange(10**7):07d}")
        return body + card_check(body)

    def phone(self) -> str:
        self._phones += 1
        return str(self._phones)

    def credit_code(self, kind: str, area: str) -> str:
        """A unified social credit code: `kind` are the two characters of authority and type."""
        body = self._fresh(lambda: f"{kind}{area}{self.randrange(10**9):09d}")
        return body + str(uscc.calc_check_digit(body))

    def reference(self, kind: str, on: date) -> str:
        body = self._fresh(lambda: "".join(self.choices(ALPHABET, k=9)))
        return f"{kind}-{on:%y}-{body[:5]}-{body[5:]}{check_character(body)}"

    def totp_secret(self) -> str:
        return "".join(self.choices(_BASE32, k=32))

    def _fresh(self, draw: Callable[[], str]) -> str:
        while (found := draw()) in self._given:
            pass
        self._given.add(found)
        return found


def card_check(body: str) -> str:
    """The last character of a card number, after its first eight (letters count from A = 10)."""
    total = sum(int(letter, 36) * weight for letter, weight in zip(body, _CARD_WEIGHTS, strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
