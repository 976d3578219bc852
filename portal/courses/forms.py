"""The filters as they travel in the address: what cannot be read is left out, and the page says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

from portal.check.answers import Given
from portal.check.carried import Lost
from training.courses.models import Level, Rhythm
from training.courses.rules import LONGEST_SEARCH, search_terms
from training.courses.search import Filters, Sort, Starts
from training.errors import NotThere
from training.policy.pack import Pack
from training.policy.queries import district_now

LEVELS = ("5", "4", "3", "2", "1", "special")
STARTS: tuple[str, ...] = get_args(Starts)
RHYTHMS = tuple(rhythm.value for rhythm in Rhythm)
SORTS: tuple[str, ...] = get_args(Sort)
_LAST_PAGE = 9999
assert set(LEVELS) == {level.value for level in Level}


@dataclass(frozen=True)
class Asked:
    """What could be read of a query, and the names of the parameters that meant nothing. `given` are the
    answers of the saved check that `filters.check` names, `lost` says why there is none under the code."""

    filters: Filters
    unread: tuple[str, ...] = ()
    given: Given | None = None
    lost: Lost = ""

    @property
    def address(self) -> str:
        """The address of what was read."""
        return address(self.filters)

    @property
    def key(self) -> str:
        """The address, and what the page says about the rest of the query."""
        return f"{self.address}#{','.join(self.unread)}#{self.lost}"


def read_filters(query: Mapping[str, str], pack: Pack, on: date) -> Asked:
    """The filters in a query; of a repeated parameter the first counts (A20)."""
    given = {name: " ".join(query.get(name, "").split()) for name in _READ}
    values = {name: read(given[name], pack, on) for name, (_, read) in _READ.items() if given[name]}
    found = {_READ[name][0]: value for name, value in values.items() if value is not None}
    by_match = "text" in found and "sort" not in found
    return Asked(
        Filters(**found, by_match=by_match), tuple(name for name, value in values.items() if value is None)
    )


def address(filters: Filters, **changes: Any) -> str:
    """The address of the list with these filters: `address(filters, district=None)` is without the district.

    Any change leads back to the first page.
    """
    if changes:
        filters = replace(filters, **{"page": 1, **changes})
    usual = Filters()
    given = ((name, getattr(filters, attribute)) for name, (attribute, _) in _READ.items())
    said = [
        (name, "1" if value is True else value)
        for name, value in given
        if value != getattr(usual, _READ[name][0])
    ]
    if filters.check:
        said.append(("check", filters.check))
    return "/courses?" + urlencode(said) if said else "/courses"


def _text(value: str, _: Pack, __: date) -> str | None:
    return value if len(value) <= LONGEST_SEARCH and search_terms(value) else None


def _district(value: str, pack: Pack, on: date) -> str | None:
    try:
        return district_now(pack, value, on).code
    except NotThere:
        return None


def _occupation(value: str, pack: Pack, _: date) -> str | None:
    return value if value in pack.occupations else None


def _one_of(words: tuple[str, ...]) -> Callable[[str, Pack, date], str | None]:
    return lambda value, _, __: value if value in words else None


def _tick(value: str, _: Pack, __: date) -> bool | None:
    return True if value == "1" else None


def _page(value: str, _: Pack, __: date) -> int | None:
    is_number = value.isascii() and value.isdigit() and len(value) <= len(str(_LAST_PAGE))
    return int(value) or None if is_number else None


_READ: dict[str, tuple[str, Callable[[str, Pack, date], Any]]] = {
    "q": ("text", _text),
    "district": ("district", _district),
    "occupation": ("occupation", _occupation),
    "level": ("level", _one_of(LEVELS)),
    "starts": ("starts", _one_of(STARTS)),
    "rhythm": ("rhythm", _one_of(RHYTHMS)),
    "free": ("free", _tick),
    "seats": ("seats", _tick),
    "sort": ("sort", _one_of(SORTS)),
    "page": ("page", _page),
}
