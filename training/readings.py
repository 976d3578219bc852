"""How Chinese characters are read, without tones: one reading each, the most usual.

Every process that gets to know people needs it, for names that sound alike. pypinyin knows more, for titles of
classes, and holds 56 MB for it; this is what it says of single characters, in two.
`python -m tests.readings` makes readings.txt anew.
"""

from __future__ import annotations

import sys
from array import array
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("readings.txt")


def reading_of(character: str) -> str:
    """The reading of one character; what is not Chinese is itself."""
    places, readings = _table()
    place = places[ord(character)]
    return readings[place] if place else character


@lru_cache(maxsize=1)
def _table() -> tuple[array[int], list[str]]:
    """For each code point the place of its reading, 0 for none, and the readings from place 1 on."""
    places, readings = array("H", bytes(2 * (sys.maxunicode + 1))), [""]
    with TABLE.open(encoding="utf-8") as lines:
        for place, line in enumerate(lines, 1):
            reading, characters = line.split()
            readings.append(reading)
            for one in characters:
                places[ord(one)] = place
    return places, readings
