"""What the desk of letters shows. The list is masked; the letter itself is the person's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from backoffice.seeing import seen
from training.numbers import masked_name
from training.people.models import Letter
from web.phone_words import LETTER_WAY
from web.qr import qr_path

_LINK = re.compile(r"https?://\S+/a/[0-9A-Z]+")


@dataclass(frozen=True)
class Row:
    """A letter in the list: for whom (masked), what it says, how it went."""

    letter: Letter
    name: str
    said: str
    way: LazyString | None


def rows_of(letters: Iterable[Letter]) -> list[Row]:
    """The letters as rows of the list."""
    return [
        Row(
            letter,
            masked_name(letter.person.name),
            _LINK.sub("", letter.text or ""),
            LETTER_WAY[letter.way.value] if letter.way else None,
        )
        for letter in letters
    ]


def letter_page(letter: Letter) -> dict[str, Any]:
    """One letter, with the link of its act as a picture where it has one. The look is noted."""
    seen(letter.person_id, "letters")
    link = _LINK.search(letter.text or "")
    return {
        "letter": letter,
        "name": letter.person.name,
        "qr": qr_path(link[0]) if link else None,
        "way": LETTER_WAY[letter.way.value] if letter.way else None,
    }
