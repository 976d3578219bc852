"""Shapes that more than one form has: a name, numbers of every kind, long texts, the key and the version of a form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import StopValidation

from training import clock, keys
from training.database import new_id
from training.errors import BadNumber
from training.numbers import Number, recognise

_: Callable[..., str] = gettext
LONGEST_NAME = 64
LONGEST_NUMBER = 400
LONGEST_NOTE = 500
NO_VERSION = -1
_KEY = re.compile(r"[\w\-]{8,40}", re.ASCII)
# Controls, direction marks, zero width, half of a pair, line ends; then signs that are letters and cannot be seen.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_LOOKS_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffe\uffff")
_PUNCTUATION = ("P", "S", "M", "Z")


def one_name(text: str) -> str:
    """A name in its one form: NFC, single spaces. Rare characters and middle dots stay as they are."""
    return unicodedata.normalize("NFC", re.sub(r"[ \u3000\u00a0]+", " ", text)).strip()


def name_fault(text: str) -> str | None:
    """What is wrong with a name, in words; None: nothing (A61)."""
    name = one_name(text)
    if not name or all(unicodedata.category(sign).startswith(_PUNCTUATION) for sign in name):
        return _("Enter your name")
    # A ligature is one sign here and up to eighteen where names are compared.
    if max(len(name), len(unicodedata.normalize("NFKC", name))) > LONGEST_NAME:
        return _("A name has at most %(most)s characters", most=LONGEST_NAME)
    if any(unicodedata.category(sign) in _UNSEEN or sign in _LOOKS_EMPTY for sign in name):
        return _("There is a sign in it that cannot be seen. Type the name again by hand")
    return None


def form_key(sent: str | None) -> str:
    """The key of a form, by which one sent twice is one; a fresh one where none was sent that could be one."""
    return sent if sent and _KEY.fullmatch(sent) else new_id()


def version_seen(sent: str | None) -> int | None:
    """Which version was in front of the clerk; None where the form says none. What cannot be read is NO_VERSION: the
    thing has changed since nobody knows when."""
    if not sent:
        return None
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else NO_VERSION


def number_fault(error: BadNumber) -> str:
    """What is wrong with a number, and what to do (ux/spec 6.3)."""
    length, sign = error.values.get("length"), str(error.values.get("character", ""))
    if error.code == "bad_character" and sign.isprintable():
        return _("Use only letters and numbers. Remove “%(sign)s”", sign=sign)
    return {
        "empty": _("Enter your card number, or the 18-digit number"),
        "bad_character": _("Use only letters and numbers"),
        "bank_number": _(
            "This looks like a bank number. The card number is at the bottom left of the card, 9 characters"
        ),
        "card_length": _("A card number has 9 characters. You entered %(length)s", length=length),
        "number_length": _("The social security number has 18 digits. You entered %(length)s", length=length),
        "check_digit": _("One digit of the number looks wrong. Compare it with your card"),
    }[error.code]


class NameField(StringField):
    """A person's name. `data` is what was typed, `said` its one form."""

    @property
    def said(self) -> str:
        return one_name(self.data or "")

    def pre_validate(self, form: Any) -> None:
        if fault := name_fault(self.data or ""):
            raise StopValidation(fault)


class NumberField(StringField):
    """A card number or an identity number of any kind. `data` is what was typed, `recognised` what it is."""

    recognised: Number | None = None

    def pre_validate(self, form: Any) -> None:
        try:
            self.recognised = recognise((self.data or "")[:LONGEST_NUMBER], clock.today())
        except BadNumber as error:
            raise StopValidation(number_fault(error)) from None


class IdentityNumber(NumberField):
    """The number of an identity card: a card number of social security is another thing."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.recognised is not None and self.recognised.is_card:
            raise StopValidation(_("Enter the number of the identity card, 18 characters"))

    def index(self) -> str:
        """The keyed index, under which people's numbers stand too; the number itself is not kept."""
        return keys.blind_index("identity_number", self.recognised.value if self.recognised else "")


class LongText(TextAreaField):
    """What somebody writes in their own words. `data` is what was typed, `said` without what cannot be seen (A61)."""

    @property
    def said(self) -> str:
        seen = (sign for sign in self.data or "" if sign == "\n" or unicodedata.category(sign) not in _UNSEEN)
        return unicodedata.normalize("NFC", "".join(seen)).strip()


class Note(LongText):
    """A few words for colleagues and auditors."""

    def pre_validate(self, form: Any) -> None:
        if len(self.data or "") > LONGEST_NOTE:
            raise StopValidation(_("At most %(number)s characters", number=LONGEST_NOTE))


class Tick(BooleanField):
    """Ticked by `yes`, as the contract has it; anything else is not ticked."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist) and valuelist[0] == "yes"
