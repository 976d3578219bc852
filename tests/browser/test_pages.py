"""Every page, on a phone in large Chinese or on a desk in English: well made, and nothing for axe to find.

`make test` looks at each visit once, the looks in turn; `make soak` at each in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.looks import DESK, PHONE, Look
from tests.browser.pages import VISITS, Visit
from tests.browser.places import address
from tests.browser.town import Town

LOOKS = [Look(PHONE, "zh", size="large"), Look(DESK, "en")]


def in_turn() -> Iterator[Any]:
    """Each visit in each look; those whose turn it is not are for the long run."""
    for n, visit in enumerate(VISITS):
        for place, look in enumerate(LOOKS):
            marks = () if n % len(LOOKS) == place else pytest.mark.soak
            yield pytest.param(visit, look, id=f"{visit.endpoint}-{visit.path}-{look}", marks=marks)


@pytest.mark.parametrize(("visit", "look"), list(in_turn()))
def test_a_page_is_well_made(
    visit: Visit,
    look: Look,
    town: Town,
    open_browser: Callable[..., Page],
    signed_in: Callable[..., Page],
    as_citizen: Callable[..., Page],
    well_made: Callable[..., None],
) -> None:
    who, _, status = visit.who.partition(":")
    if who == "citizen":
        page = as_citizen(look, town.tracked(status))
    else:
        page = signed_in(who, look) if who else open_browser(look)
    answer = page.goto(address(visit.path, town))
    if visit.link:
        target = page.locator(f'a[href^="{address(visit.link, town)}"]').first.get_attribute("href")
        answer = page.goto(str(target))
    assert answer is not None
    assert answer.status == visit.status, (visit, answer.status)
    well_made(page)
