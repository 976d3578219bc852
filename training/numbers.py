"""Numbers a person may type: recognised, checked, brought to one form.

Sources: GB 11643-1999 (18 digits, check digit), the 15-digit form before it, the 12-character number of
residents from Hong Kong, Macau and Taiwan, and the card number of 8 or 9 characters, whose check digit is
not confirmed and so never refuses. Area codes are historical: they are never judged.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum import luhn
from stdnum.cn import ric

from training.errors import BadNumber

Kind = Literal["card", "number18", "number15", "hmt"]
_SEPARATORS = re.compile(r"[\s\-‐-―−－_]")


@dataclass(frozen=True)
class Number:
    """`value` is the one form we store: 18 digits, 12 characters (hmt), or the card number.

    `remarks` are codes to show, none of them a refusal: `converted_15`, `short_card`.
    """

    kind: Kind
    value: str
    remarks: tuple[str, ...] = ()

    @property
    def is_card(self) -> bool:
        return self.kind == "card"


def recognise(text: str, on: date) -> Number:
    """Say what was typed, on the day `on`. Raises BadNumber with one of the codes

    empty, bad_character (`character`), bank_number, card_length (`length`), number_length (`length`),
    check_digit (the date or the check digit does not hold).
    """
    bare = normalise(text)
    if not bare:
        raise BadNumber("empty")
    odd = re.search(r"[^0-9A-Z]", bare)
    if odd:
        raise BadNumber("bad_character", character=odd[0])
    return _by_length(bare, on)


def normalise(text: str) -> str:
    """NFKC, without spaces and hyphens, upper case."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def _by_length(bare: str, on: date) -> Number:
    if re.fullmatch(r"(HKG|MAC|TWN)[0-9A-Z]\d{8}", bare):
        return Number("hmt", bare)
    if re.fullmatch(r"\d{17}[0-9X]", bare) and _holds(bare, on):
        return Number("number18", bare)
    if re.fullmatch(r"\d{16,19}", bare) and not _is_mistyped_number(bare, on):
        raise BadNumber("bank_number")
    if len(bare) == 18:
        raise BadNumber("check_digit")
    if re.fullmatch(r"\d{15}", bare):
        return _from_15(bare, on)
    if len(bare) == 9 or len(bare) == 8:
        return Number("card", bare, ("short_card",) if len(bare) == 8 else ())
    code = "number_length" if len(bare) >= 13 else "card_length"
    raise BadNumber(code, length=len(bare))


def _from_15(bare: str, on: date) -> Number:
    longer = f"{bare[:6]}19{bare[6:]}"
    if born_on(longer, on) is None:
        raise BadNumber("check_digit")
    return Number("number15", longer + ric.calc_check_digit(f"{longer}0"), ("converted_15",))


def _is_mistyped_number(bare: str, on: date) -> bool:
    """Seventeen digits with a date of birth in place, or eighteen that are no bank card."""
    if len(bare) == 17:
        return born_on(bare, on) is not None
    return len(bare) == 18 and (born_on(bare, on) is not None or not luhn.is_valid(bare))


def _holds(bare: str, on: date) -> bool:
    return born_on(bare, on) is not None and ric.calc_check_digit(bare) == bare[17]


def born_on(number: str, on: date) -> date | None:
    """The date of birth inside an 18-digit number, None when it is none, before 1900 or after `on`."""
    try:
        day = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day <= on else None


def masked(number: str) -> str:
    """For people: the first three and the last three characters, never more."""
    return f"{number[:3]} *** {number[-3:]}" if len(number) > 8 else f"*** {number[-2:]}"


def masked_phone(phone: str) -> str:
    """`138 **** 4172`."""
    return f"{phone[:3]} **** {phone[-4:]}"


def masked_name(name: str) -> str:
    """周小满 → 周*满, 冉平 → 冉*; other scripts keep the first letter of each word."""
    if not name:
        return ""
    if name.isascii():
        return " ".join(f"{word[0]}***" for word in name.split())
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")
