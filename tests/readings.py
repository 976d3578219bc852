"""Makes training/readings.txt from what pypinyin says of single characters: python -m tests.readings"""

from __future__ import annotations

from collections import defaultdict

from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT

from training.readings import TABLE


def table() -> str:
    """A line for each reading: the reading, and all characters read so, in order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code in sorted(PINYIN_DICT):
        [reading] = lazy_pinyin(chr(code))
        if reading.isascii() and reading.isalpha():
            found[reading].append(chr(code))
    return "".join(f"{reading} {''.join(characters)}\n" for reading, characters in sorted(found.items()))


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
