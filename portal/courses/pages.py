"""What the page of the list says: heading, chips, filters with their counts, the filter to drop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from flask import current_app
from flask_babel import pgettext
from markupsafe import Markup

from portal.courses.cards import Vocabulary, card, vocabulary
from portal.courses.forms import LEVELS, RHYTHMS, STARTS, Asked, address
from training.courses.search import CourseList, Filters
from training.policy.queries import districts_on
from web import labels
from web.i18n import counted as ngettext
from web.i18n import translated as _

DISTRICTS_FIRST = 6
FrozenCounts = tuple[tuple[str, frozenset[tuple[str, int]]], ...]


class Option(NamedTuple):
    """A value of a filter, in words, with the classes there are if it is chosen."""

    value: str
    word: str
    classes: int
    is_chosen: bool

    @property
    def is_off(self) -> bool:
        """Nothing would be found; what is chosen stays, so that it can be seen and changed."""
        return self.classes == 0 and not self.is_chosen


@dataclass(frozen=True)
class Facet:
    """A filter: its name in the address, its title, the word for "no matter which", and what can be chosen.

    `more` are the options that show when they are asked for.
    """

    name: str
    title: str
    any: str
    options: Sequence[Option]
    more: Sequence[Option] = ()

    @property
    def is_open(self) -> bool:
        """Nothing of it is chosen."""
        return not any(option.is_chosen for option in (*self.options, *self.more))


@dataclass(frozen=True)
class ListPage:
    """The list as the page shows it."""

    filters: Filters
    found: CourseList
    heading: str
    cards: Sequence[Markup]
    facets: Markup
    chips: Sequence[tuple[str, str]]
    sorts: Sequence[tuple[str, str, bool]]
    unread: Sequence[str]
    lost: str
    to_drop: tuple[str, int, str] | None

    @property
    def alert(self) -> str:
        """Where this search is kept."""
        return "/courses/alerts" + address(self.filters, check=None).removeprefix("/courses")

    def link(self, page: int) -> str:
        """The address of another page of this list."""
        return address(self.filters, page=page)


def list_page(asked: Asked, found: CourseList, on: date, *, swapped: bool) -> ListPage:
    """Everything the page of the list says; `swapped` for the part that htmx puts in place."""
    filters, words = asked.filters, vocabulary()
    counts = tuple((name, frozenset(values.items())) for name, values in found.counts.items())
    beyond = ("page",) if filters.page > found.page else ()
    return ListPage(
        filters=filters,
        found=found,
        heading=_heading(filters, found.total),
        cards=[card(row, words, on, filters.check or "") for row in found.rows],
        facets=_drawn_facets(words, filters, counts, found.total, on, swapped),
        chips=[(word, href) for _name, word, href in _chips(filters, words)],
        sorts=[(code, word, code == filters.sort) for code, word in words.sorts],
        unread=[filter_word(name) for name in (*asked.unread, *beyond)],
        lost=asked.lost,
        to_drop=_to_drop(filters, found, words),
    )


def filter_word(name: str) -> str:
    """The name of a filter, for sentences about it."""
    words = {
        "q": _("the words searched for"),
        "district": _("District"),
        "occupation": _("Occupation"),
        "level": _("Level"),
        "starts": str(pgettext("filter", "Starts")),
        "rhythm": _("Time of day"),
        "free": _("Nothing to pay"),
        "seats": _("Seats left"),
        "sort": _("Order"),
        "page": _("Page number"),
    }
    return words[name]


def _heading(filters: Filters, total: int) -> str:
    classes = ngettext("%(num)d class", "%(num)d classes", total)
    return (
        _("“%(words)s”: %(classes)s", words=filters.text, classes=classes) if filters.text else str(classes)
    )


def _chips(filters: Filters, words: Vocabulary) -> Iterator[tuple[str, str, str]]:
    """Each filter that is set: its name, its word, and the address without it."""
    if filters.district:
        place = words.places[filters.district]
        word = _("From %(place)s outwards", place=place) if filters.is_nearest else place
        yield "district", word, address(filters, district=None)
    if filters.occupation:
        yield "occupation", words.trades[filters.occupation], address(filters, occupation=None)
    if filters.level:
        yield "level", labels.word(labels.LEVEL, filters.level), address(filters, level=None)
    if filters.starts:
        yield "starts", labels.word(labels.STARTS, filters.starts), address(filters, starts=None)
    if filters.rhythm:
        yield "rhythm", words.rhythms[filters.rhythm], address(filters, rhythm=None)
    if filters.free:
        yield "free", filter_word("free"), address(filters, free=False)
    if filters.seats:
        yield "seats", filter_word("seats"), address(filters, seats=False)
    if filters.check:
        yield "check", _("By your saved result %(code)s", code=filters.check), address(filters, check=None)


def words_of(filters: Filters, words: Vocabulary) -> str:
    """What is looked for, in one line; empty when nothing was chosen."""
    said = [f"“{filters.text}”"] if filters.text else []
    return " · ".join([*said, *(word for _name, word, _href in _chips(filters, words))])


def _to_drop(filters: Filters, found: CourseList, words: Vocabulary) -> tuple[str, int, str] | None:
    """Where nothing was found: the word to drop, what there is without it, and the address."""
    if found.total or found.best_to_drop is None:
        return None
    name, count = found.best_to_drop
    if name == "q":
        return filters.text, count, address(filters, text="")
    word, href = next((word, href) for chip, word, href in _chips(filters, words) if chip == name)
    return word, count, href


@lru_cache(maxsize=32)
def _drawn_facets(
    words: Vocabulary, filters: Filters, counts: FrozenCounts, total: int, on: date, swapped: bool
) -> Markup:
    """The filters. They change less often than the list: a seat that moves seldom changes a count."""
    template = current_app.jinja_env.get_template("portal/courses/_facets.html")
    drawn: Markup = template.module.facets(_facets(words, filters, counts, on), total, swapped)  # type: ignore[attr-defined]
    return drawn


def _facets(words: Vocabulary, filters: Filters, counts: FrozenCounts, on: date) -> dict[str, Facet]:
    numbers = {name: dict(values) for name, values in counts}
    chosen = {"free": "1" if filters.free else None, "seats": "1" if filters.seats else None}

    def options(name: str, said: Sequence[tuple[str, str]]) -> list[Option]:
        value = chosen[name] if name in chosen else getattr(filters, name)
        return [Option(code, word, numbers[name].get(code, 0), code == value) for code, word in said]

    def facet(name: str, every: str, said: Sequence[tuple[str, str]]) -> Facet:
        return Facet(name, filter_word(name), every, options(name, said))

    def of(labelled: labels.Words, codes: Sequence[str]) -> list[tuple[str, str]]:
        return [(code, labels.word(labelled, code)) for code in codes]

    places = options(
        "district", [(unit.code, words.places[unit.code]) for unit in districts_on(words.pack, on)]
    )
    ranked = sorted(places, key=lambda option: (not option.is_chosen, -option.classes))
    first = [option for option in ranked if not option.is_off][:DISTRICTS_FIRST]
    more = [option for option in places if option not in first]
    every = _("No matter which")
    return {
        "district": Facet("district", filter_word("district"), _("The whole city"), first, more),
        "level": facet("level", every, of(labels.LEVEL, LEVELS)),
        "starts": facet("starts", _("No matter when"), of(labels.STARTS, STARTS)),
        "rhythm": facet("rhythm", _("No matter when"), of(labels.RHYTHM, RHYTHMS)),
        "occupation": facet("occupation", _("All occupations"), list(words.trades.items())),
        "free": facet("free", "", [("1", filter_word("free"))]),
        "seats": facet("seats", "", [("1", filter_word("seats"))]),
    }
