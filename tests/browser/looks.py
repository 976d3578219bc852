"""The ways in which one page is looked at: width, language, script, type size.

`make test` runs each case once, over rows in which every pair of choices occurs; `make soak` runs all sixteen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

PHONE, DESK = 390, 1280


@dataclass(frozen=True)
class Look:
    """One browser: `width` in pixels, `lang` zh or en, `script` on or off, `size` standard or large."""

    width: int = PHONE
    lang: str = "zh"
    script: bool = True
    size: str = "standard"

    def __str__(self) -> str:
        return f"{self.width}-{self.lang}-{'script' if self.script else 'bare'}-{self.size}"


ALL = [Look(*row) for row in product((PHONE, DESK), ("zh", "en"), (True, False), ("standard", "large"))]
PAIRWISE = [
    Look(PHONE, "zh", True, "standard"),
    Look(PHONE, "en", False, "large"),
    Look(DESK, "zh", False, "large"),
    Look(DESK, "en", True, "large"),
    Look(DESK, "en", False, "standard"),
]


def with_looks(cases: Iterable[Any]) -> list[Any]:
    """Parameters (case, look): each case in one row of PAIRWISE in turn; the other looks are for make soak."""
    params = []
    for n, case in enumerate(cases):
        mine = PAIRWISE[n % len(PAIRWISE)]
        for look in ALL:
            marks = () if look == mine else pytest.mark.soak
            params.append(pytest.param(case, look, id=f"{case}-{look}", marks=marks))
    return params
