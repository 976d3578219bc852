"""The list of classes people may join: words, filters with their counts, order, pages. Two statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from training import clock
from training.courses.models import ClassRun, Course, Level, Rhythm
from training.courses.paid import Window, in_windows, window_values
from training.courses.queries import FREE, HAS_SEAT, Listed, listed, shown
from training.courses.rules import Term, search_terms
from training.policy.pack import Pack
from training.policy.queries import districts_near

PAGE_ROWS = 20
TWO_WEEKS, MONTH = timedelta(days=14), timedelta(days=30)

Starts = Literal["two_weeks", "month", "later"]
Sort = Literal["start", "distance", "subsidy", "pass_rate"]
Order = tuple[Sort, tuple[str, ...], bool]
TITLE = 60  # characters of search words that a title takes
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Filters:
    """What somebody looks for. `district` is where distances are counted from when the nearest come first.

    `check` is the code of a saved check, whose windows narrow the list. `by_match`: no order was chosen, so that classes whose title says it come before those that only mention it.
    """

    text: str = ""
    district: str | None = None
    occupation: str | None = None
    level: str | None = None
    starts: Starts | None = None
    rhythm: str | None = None
    free: bool = False
    seats: bool = False
    sort: Sort = "start"
    page: int = 1
    by_match: bool = False
    check: str | None = None

    @property
    def is_nearest(self) -> bool:
        return self.sort == "distance" and self.district is not None


@dataclass(frozen=True)
class CourseList:
    """One page of the list. `counts` has, for each filter and value, the classes if that value were chosen;
    `without` the classes if that filter were dropped."""

    rows: Sequence[Listed]
    total: int
    page: int
    last: int
    counts: Counts
    without: Mapping[str, int]

    @property
    def best_to_drop(self) -> tuple[str, int] | None:
        """The filter whose removal helps most, and how many classes there are without it."""
        helps = max(self.without.items(), key=lambda item: item[1], default=None)
        return helps if helps and helps[1] else None


_NAMES = ("q", "district", "occupation", "level", "soon", "later", "rhythm", "free", "seats")
_FACET_OF = {"soon": "starts", "later": "starts"}
_PAID = "paid"  # with the number of windows: a statement is kept for each number
_UNCOUNTED = ("q", "check")
# There are thousands of ways to filter, and a statement with its text is heavy: few are kept, and apart from all
# others, which else would go.
_STATEMENTS = 32
_KEPT: Mapping[str, Any] = {"compiled_cache": LRUCache[Any, Any](_STATEMENTS)}
FACETS = ("district", "occupation", "level", "starts", "rhythm", "free", "seats")


def course_list(
    session: Session, pack: Pack, filters: Filters, on: date, windows: Sequence[Window] | None = None
) -> CourseList:
    """The classes that may be joined from the day `on`, in a stable order, twenty a page; of these only what is in
    one of the windows, where there are any to narrow it.

    A page beyond the last gives the last; `CourseList.page` says which one it is.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    values = _values(filters, on, is_sqlite=is_sqlite)
    names = tuple(name for name in _NAMES if name in values)
    if windows is not None:
        names, values = (*names, f"{_PAID}{len(windows)}"), values | window_values(windows)
    connection = session.connection()
    counted = connection.execute(_count_statement(names, is_sqlite), values, execution_options=_KEPT)
    counts, without, total = _counted(counted.all(), names)
    last = max(1, -(-total // PAGE_ROWS))
    page = min(filters.page, last)
    rows: Sequence[Listed] = ()
    if total:
        order = _order(pack, filters)
        found = connection.execute(
            _rows_statement(names, is_sqlite, order),
            {**values, "skip": (page - 1) * PAGE_ROWS},
            execution_options=_KEPT,
        )
        rows = [Listed._make(row) for row in found.all()]
    return CourseList(rows, total, page, last, counts, without)


def new_classes(session: Session, filters: Filters, since: datetime, on: date) -> Sequence[Listed]:
    """The classes with a free seat that were listed or opened after `since`, the earliest start first."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    values = _values(filters, on, is_sqlite=is_sqlite)
    wanted = listed(bindparam("on")).where(
        *(_condition(name, is_sqlite) for name in _NAMES if name in values)
    )
    is_new = or_(ClassRun.listed_at > since, ClassRun.opens_on > clock.on_date(since))
    found = wanted.where(is_new, ClassRun.opens_on <= on, HAS_SEAT).order_by(ClassRun.starts_on, ClassRun.id)
    return [Listed._make(row) for row in session.execute(found.limit(PAGE_ROWS), values).all()]


def _values(filters: Filters, on: date, *, is_sqlite: bool) -> dict[str, Any]:
    """What stands for each filter that is set, by its name, and the days that statements compare with."""
    terms = search_terms(filters.text)
    values = {
        "q": _asked(terms, is_sqlite=is_sqlite) if terms else None,
        "district": None if filters.is_nearest else filters.district,
        "occupation": filters.occupation,
        "level": Level(filters.level) if filters.level else None,
        "soon": {"two_weeks": on + TWO_WEEKS, "month": on + MONTH}.get(filters.starts or ""),
        "later": on + MONTH if filters.starts == "later" else None,
        "rhythm": Rhythm(filters.rhythm) if filters.rhythm else None,
        "free": filters.free or None,
        "seats": filters.seats or None,
    }
    if filters.by_match and terms:
        values["head"] = terms[0].words[0]
    days = {"on": on, "two_weeks": on + TWO_WEEKS, "month": on + MONTH}
    return days | {name: value for name, value in values.items() if value is not None}


def _asked(terms: Sequence[Term], *, is_sqlite: bool) -> str:
    """The terms in the language of the index. Their words are plain letters and digits, whatever was typed:
    they cannot be an operator of either database (A56)."""
    if is_sqlite:
        return " AND ".join(f'"{" ".join(term.words)}"{"*" if term.is_beginning else ""}' for term in terms)
    return " & ".join(
        f"{term.words[0]}:*" if term.is_beginning else f"({' <-> '.join(term.words)})" for term in terms
    )


def _facet_of(name: str) -> str:
    return "check" if name.startswith(_PAID) else _FACET_OF.get(name, name)


def _condition(name: str, is_sqlite: bool) -> ColumnElement[bool]:
    if name.startswith(_PAID):
        return in_windows(int(name.removeprefix(_PAID)))
    conditions: dict[str, Callable[[], ColumnElement[bool]]] = {
        "q": lambda: _found_by_index(is_sqlite),
        "district": lambda: ClassRun.district == bindparam("district"),
        "occupation": lambda: Course.occupation == bindparam("occupation"),
        "level": lambda: Course.level == bindparam("level"),
        "soon": lambda: ClassRun.starts_on <= bindparam("soon"),
        "later": lambda: ClassRun.starts_on > bindparam("later"),
        "rhythm": lambda: ClassRun.rhythm == bindparam("rhythm"),
        "free": lambda: FREE,
        "seats": lambda: HAS_SEAT,
    }
    return conditions[name]()


def _found_by_index(is_sqlite: bool) -> ColumnElement[bool]:
    if is_sqlite:
        index = table("class_search", column("rowid"), column("class_search"))
        rowid: ColumnElement[int] = literal_column("class_run.rowid")
        return rowid.in_(select(index.c.rowid).where(index.c.class_search.op("MATCH")(bindparam("q"))))
    words = func.to_tsvector(literal_column("'simple'"), ClassRun.search_words)
    return words.bool_op("@@")(func.to_tsquery(literal_column("'simple'"), bindparam("q")))


@lru_cache(maxsize=_STATEMENTS)
def _rows_statement(names: tuple[str, ...], is_sqlite: bool, order: Order) -> Select[Any]:
    wanted = listed(bindparam("on")).where(*(_condition(name, is_sqlite) for name in names))
    return wanted.order_by(*_ordered(order, is_sqlite)).limit(PAGE_ROWS).offset(bindparam("skip"))


def _order(pack: Pack, filters: Filters) -> Order:
    near = districts_near(pack, filters.district) if filters.is_nearest and filters.district else ()
    return filters.sort, near, filters.by_match and bool(search_terms(filters.text))


def _ordered(order: Order, is_sqlite: bool) -> list[Any]:
    sort, districts, by_match = order
    first: list[Any] = []
    if by_match:
        first = [case((_place_of_word(is_sqlite).between(1, TITLE), 0), else_=1)]
    elif sort == "subsidy":
        first = [ClassRun.subsidy_fen.desc()]
    elif sort == "pass_rate":
        first = [func.coalesce(ClassRun.pass_rate, -1).desc()]
    elif districts:
        places = {code: place for place, code in enumerate(districts)}
        first = [case(places, value=ClassRun.district, else_=len(places))]
    return [*first, ClassRun.starts_on, ClassRun.id]


def _place_of_word(is_sqlite: bool) -> ColumnElement[int]:
    """Where the first word of the search stands among a class's words; those of its title come first."""
    place = func.instr if is_sqlite else func.strpos
    return place(ClassRun.search_words, bindparam("head"))


def _counted(rows: Iterable[Any], names: Sequence[str]) -> tuple[Counts, Mapping[str, int], int]:
    """Counts by filter and value, totals without each filter that is set, and the total."""
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    single: dict[str, int] = {"total": 0}
    for name, value, n in rows:
        if name in counts:
            counts[name][value] = n
        else:
            single[name] = n
    chosen = [_facet_of(name) for name in names]
    without = {name: single[name] if name in _UNCOUNTED else sum(counts[name].values()) for name in chosen}
    soon = counts["starts"]
    soon["month"] = soon.get("month", 0) + soon.get("two_weeks", 0)
    return counts, without, single["total"]


def _facets() -> dict[str, Any]:
    """The value of each filter for a class; a month is counted apart from its first two weeks."""
    return {
        "district": ClassRun.district,
        "occupation": Course.occupation,
        "level": cast(Course.level, String),
        "starts": case(
            (ClassRun.starts_on <= bindparam("two_weeks"), "two_weeks"),
            (ClassRun.starts_on <= bindparam("month"), "month"),
            else_="later",
        ),
        "rhythm": cast(ClassRun.rhythm, String),
        "free": case((FREE, "1"), else_="0"),
        "seats": case((HAS_SEAT, "1"), else_="0"),
    }


@lru_cache(maxsize=_STATEMENTS)
def _count_statement(names: tuple[str, ...], is_sqlite: bool) -> CompoundSelect[Any]:
    """Each filter's values are counted among the classes that all the other filters leave."""
    conditions = {_facet_of(name): _condition(name, is_sqlite) for name in names}
    first = {name: conditions.pop(name) for name in _UNCOUNTED if name in conditions}
    values = [value.label(name) for name, value in _facets().items()]
    kept = [condition.label(f"is_{name}") for name, condition in conditions.items()]
    days = shown(bindparam("on"))
    classes = select(*values, *kept).select_from(ClassRun).join(ClassRun.course).join(Course.institution)
    found = classes.where(*days, *first.values()).cte("found")
    parts = [
        select(_word(name), found.c[name], func.count())
        .where(*(found.c[f"is_{other}"] for other in conditions if other != name))
        .group_by(found.c[name])
        for name in FACETS
    ]
    total = select(_word("total"), _word(""), func.count()).select_from(found)
    parts.append(total.where(*(found.c[f"is_{name}"] for name in conditions)))
    for name in first:
        every = select(_word(name), _word(""), func.count()).select_from(ClassRun).join(ClassRun.course)
        others = (condition for other, condition in first.items() if other != name)
        parts.append(every.join(Course.institution).where(*days, *others, *conditions.values()))
    return union_all(*parts)


def _word(text: str) -> ColumnElement[str]:
    return literal(text, String)
