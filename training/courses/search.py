"""The list of classes people may join: words, filters with their counts, order, pages. Two statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    String,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session

from training.courses.models import ClassRun, Course
from training.courses.queries import FREE, HAS_SEAT, Listed, listed, read, shown
from training.courses.rules import Term, search_terms
from training.policy.pack import Pack
from training.policy.queries import distance_km

PAGE_ROWS = 20
TWO_WEEKS, MONTH = timedelta(days=14), timedelta(days=30)

Starts = Literal["two_weeks", "month", "later"]
Sort = Literal["start", "distance", "subsidy", "pass_rate"]
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Filters:
    """What somebody looks for. `district` is where distances are counted from when the nearest come first."""

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


FACETS = ("district", "occupation", "level", "starts", "rhythm", "free", "seats")


def course_list(session: Session, pack: Pack, filters: Filters, on: date) -> CourseList:
    """The classes that may be joined from the day `on`, in a stable order, twenty a page.

    A page beyond the last gives the last; `CourseList.page` says which one it is.
    """
    conditions = _conditions(session, filters, on)
    counts, without, total = _counted(session, conditions, on)
    last = max(1, -(-total // PAGE_ROWS))
    page = min(filters.page, last)
    rows: Sequence[Listed] = ()
    if total:
        wanted = listed(on).where(*conditions.values()).order_by(*_order(pack, filters))
        rows = read(session, wanted.limit(PAGE_ROWS).offset((page - 1) * PAGE_ROWS))
    return CourseList(rows, total, page, last, counts, without)


def _conditions(session: Session, filters: Filters, on: date) -> dict[str, ColumnElement[bool]]:
    """One condition for each filter that is set, by its name."""
    found: dict[str, ColumnElement[bool]] = {}
    if terms := search_terms(filters.text):
        found["q"] = found_by(session, terms)
    if filters.district and not filters.is_nearest:
        found["district"] = ClassRun.district == filters.district
    if filters.occupation:
        found["occupation"] = Course.occupation == filters.occupation
    if filters.level:
        found["level"] = Course.level == filters.level
    if filters.starts:
        found["starts"] = _starts(filters.starts, on)
    if filters.rhythm:
        found["rhythm"] = ClassRun.rhythm == filters.rhythm
    if filters.free:
        found["free"] = FREE
    if filters.seats:
        found["seats"] = HAS_SEAT
    return found


def _starts(starts: Starts, on: date) -> ColumnElement[bool]:
    if starts == "later":
        return ClassRun.starts_on > on + MONTH
    return ClassRun.starts_on <= on + (TWO_WEEKS if starts == "two_weeks" else MONTH)


def found_by(session: Session, terms: Sequence[Term]) -> ColumnElement[bool]:
    """The classes whose search words hold every term; the same ones on both databases, by an index on both.

    Words of terms are plain letters and digits, whatever was typed: they cannot be an operator of either.
    """
    if session.get_bind().dialect.name == "sqlite":
        asked = " AND ".join(f'"{" ".join(term.words)}"{"*" if term.is_beginning else ""}' for term in terms)
        rows = select(_INDEX.c.rowid).where(_INDEX.c.class_search.op("MATCH")(asked))
        return _ROWID.in_(rows)
    asked = " & ".join(
        f"{term.words[0]}:*" if term.is_beginning else f"({' <-> '.join(term.words)})" for term in terms
    )
    return func.to_tsvector(_SIMPLE, ClassRun.search_words).bool_op("@@")(func.to_tsquery(_SIMPLE, asked))


_SIMPLE: Any = literal_column("'simple'")
_INDEX = table("class_search", column("rowid"), column("class_search"))
_ROWID: ColumnElement[int] = literal_column("class_run.rowid")


def _order(pack: Pack, filters: Filters) -> list[Any]:
    first: list[Any] = []
    if filters.sort == "subsidy":
        first = [ClassRun.subsidy_fen.desc()]
    elif filters.sort == "pass_rate":
        first = [func.coalesce(ClassRun.pass_rate, -1).desc()]
    elif filters.is_nearest and filters.district:
        first = [case(_nearness(pack, filters.district), value=ClassRun.district, else_=len(pack.districts))]
    return [*first, ClassRun.starts_on, ClassRun.id]


def _nearness(pack: Pack, code: str) -> dict[str, int]:
    middle = pack.districts[code]
    near = sorted(pack.districts.values(), key=lambda other: (distance_km(middle, other), other.code))
    return {other.code: place for place, other in enumerate(near)}


def _counted(
    session: Session, conditions: Mapping[str, ColumnElement[bool]], on: date
) -> tuple[Counts, dict[str, int], int]:
    """Counts by filter and value, totals without each filter that is set, and the total: one statement."""
    counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    single: dict[str, int] = {"total": 0}
    for name, value, n in session.execute(_count_statement(conditions, on)):
        if name in counts:
            counts[name][value] = n
        else:
            single[name] = n
    without = {name: single[name] if name == "q" else sum(counts[name].values()) for name in conditions}
    soon = counts["starts"]
    soon["month"] = soon.get("month", 0) + soon.get("two_weeks", 0)
    return counts, without, single["total"]


def _facets(on: date) -> dict[str, Any]:
    """The value of each filter for a class; a month is counted apart from its first two weeks."""
    return {
        "district": ClassRun.district,
        "occupation": Course.occupation,
        "level": cast(Course.level, String),
        "starts": case(
            (ClassRun.starts_on <= on + TWO_WEEKS, "two_weeks"),
            (ClassRun.starts_on <= on + MONTH, "month"),
            else_="later",
        ),
        "rhythm": cast(ClassRun.rhythm, String),
        "free": case((FREE, "1"), else_="0"),
        "seats": case((HAS_SEAT, "1"), else_="0"),
    }


def _count_statement(conditions: Mapping[str, ColumnElement[bool]], on: date) -> CompoundSelect[Any]:
    """Each filter's values are counted among the classes that all the other filters leave."""
    values = [value.label(name) for name, value in _facets(on).items()]
    plain = {name: condition for name, condition in conditions.items() if name != "q"}
    kept = [condition.label(f"is_{name}") for name, condition in plain.items()]
    classes = select(*values, *kept).select_from(ClassRun).join(ClassRun.course).join(Course.institution)
    found = classes.where(*shown(on), *(conditions[name] for name in conditions if name == "q")).cte("found")
    parts = [
        select(_word(name), found.c[name], func.count())
        .where(*(found.c[f"is_{other}"] for other in plain if other != name))
        .group_by(found.c[name])
        for name in FACETS
    ]
    total = select(_word("total"), _word(""), func.count()).select_from(found)
    parts.append(total.where(*(found.c[f"is_{name}"] for name in plain)))
    if "q" in conditions:
        every = select(_word("q"), _word(""), func.count()).select_from(ClassRun).join(ClassRun.course)
        parts.append(every.join(Course.institution).where(*shown(on), *plain.values()))
    return union_all(*parts)


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String)
