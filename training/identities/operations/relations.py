"""Everything that hangs on a person, and how it goes over to the record that stays.

One table says it. A table that refers to a person and stands neither here nor in STAYS fails a test, so that no
relation is left behind by whoever adds a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Index, Table, UniqueConstraint, func, inspect, select
from sqlalchemy.orm import Mapper, Session

from training import clock
from training.database import Model
from training.people.models import Person
from training.sealed import Sealed

# (table, column) → the word the page has for what moves; empty: it goes along in silence.
MOVES: Mapping[tuple[str, str], str] = {
    ("enrolment", "person_id"): "enrolments",
    ("claim", "person_id"): "claims",
    ("entitlement", "person_id"): "entitlements",
    ("certificate", "person_id"): "certificates",
    ("card", "person_id"): "cards",
    ("phone", "person_id"): "phones",
    ("phone_change", "person_id"): "phones",
    ("bank_account", "person_id"): "accounts",
    ("consent", "person_id"): "consents",
    ("message", "person_id"): "messages",
    ("letter", "person_id"): "messages",
    ("act", "person_id"): "acts",
    ("alert", "person_id"): "alerts",
    ("matter", "person_id"): "matters",
    ("matter", "about"): "",
    ("identity_change", "person_id"): "changes",
    ("identity_change", "holder_id"): "",
    ("legal_hold", "person_id"): "holds",
    ("visitor_session", "person_id"): "sessions",
    ("enrolment", "actor"): "",
    ("matter", "actor"): "",
}
STAYS: Mapping[tuple[str, str], str] = {
    ("person_key", "person_id"): "what the trail tells of the old record stays readable with its own key",
    ("person", "merged_into"): "points to the survivor, for this record and for those merged into it before",
    (
        "possible_duplicate",
        "person_a",
    ): "pairs inside the group stay as they were decided; others are put anew",
    ("possible_duplicate", "person_b"): "the same",
    ("entitlement_year", "person_id"): "its counts are added to the survivor's",
    ("retention_notice", "person_id"): "the deadline of the old record is its own",
}
PLAIN_COLUMNS = ("person_id", "holder_id", "person_a", "person_b")


@dataclass(frozen=True)
class Moved:
    """How many rows of one table went over, and how many stayed because the survivor has the same already."""

    word: str
    moved: int
    stayed: int = 0


def move_all(session: Session, old: Person, new: Person) -> dict[str, Moved]:
    """A step: everything of MOVES goes from `old` to `new`; by table and column, what moved.

    What is encrypted is read before anything moves: a claim is sealed by the key of its enrolment's person.
    """
    found = {place: _rows(session, *place, old.id) for place in _here()}
    clear = {
        id(row): _clear(row) for (_, column), rows in found.items() for row in rows if column == "person_id"
    }
    result = {}
    for (table, column), rows in found.items():
        moved = sum(_move(session, row, column, new, clear.get(id(row), {})) for row in rows)
        if rows:
            result[f"{table}.{column}"] = Moved(MOVES[table, column], moved, len(rows) - moved)
    return result


def counts(session: Session, person_id: str) -> dict[str, int]:
    """How much would move from this record, by the words of MOVES. Reads only."""
    found: dict[str, int] = {}
    for table, column in _here():
        if word := MOVES[table, column]:
            place = Model.metadata.tables[table]
            asked = select(func.count()).select_from(place).where(place.c[column] == person_id)
            found[word] = found.get(word, 0) + (session.scalar(asked) or 0)
    return {word: count for word, count in found.items() if count}


def references_to_people(metadata: Any) -> Iterator[tuple[str, str]]:
    """Every column that refers to a person, by foreign key or by name."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            refers = any(key.target_fullname == "person.id" for key in column.foreign_keys)
            if refers or column.name in PLAIN_COLUMNS:
                yield table.name, column.name


def sealed_attributes(model: type[Any]) -> list[str]:
    """The names of what a model keeps encrypted."""
    return [name for name, kept in vars(model).items() if isinstance(kept, Sealed)]


def _here() -> list[tuple[str, str]]:
    """The tables that this program knows: a worker does without some subjects."""
    return [place for place in MOVES if place[0] in Model.metadata.tables]


def _rows(session: Session, table: str, column: str, person_id: str) -> Sequence[Any]:
    model = mapper_of(table).class_
    wanted = mapper_of(table).columns[column] == person_id
    key = list(inspect(model).primary_key)
    return session.scalars(select(model).where(wanted).order_by(*key).with_for_update(of=model)).all()


def mapper_of(table: str) -> Mapper[Any]:
    """The class that maps a table."""
    return next(one for one in Model.registry.mappers if one.local_table is Model.metadata.tables[table])


def _clear(row: Any) -> dict[str, str | None]:
    """What a row keeps encrypted with its person's key."""
    has_own_key = hasattr(row, "own_key")
    return {name: getattr(row, name) for name in sealed_attributes(type(row))} if has_own_key else {}


def _move(session: Session, row: Any, column: str, new: Person, clear: Mapping[str, str | None]) -> bool:
    """One row. What the survivor has already is ended, or stays with the old record."""
    if _stands_already(session, row, column, new.id):
        if getattr(row, "ended_at", "none") is None:
            row.ended_at = clock.now()
            session.flush()
        if _stands_already(session, row, column, new.id):
            return False
    _hand_over(row, column, new, clear)
    session.flush()
    return True


def _hand_over(row: Any, column: str, new: Person, clear: Mapping[str, str | None]) -> None:
    """The row is the survivor's, and what it keeps encrypted is sealed by the survivor's key."""
    mapper = inspect(type(row))
    for relation in mapper.relationships:
        if relation.mapper.class_ is Person and mapper.columns[column] in relation.local_columns:
            setattr(row, relation.key, new)
    setattr(row, mapper.get_property_by_column(mapper.columns[column]).key, new.id)
    for name, text in clear.items():
        setattr(row, name, text)


def _stands_already(session: Session, row: Any, column: str, new_id: str) -> bool:
    """Whether a unique rule would meet a row of the survivor."""
    table = inspect(type(row)).local_table
    return any(_meets(session, row, table, rule, column, new_id) for rule in _unique_rules(table, column))


def _unique_rules(table: Table, column: str) -> Iterator[tuple[list[Column[Any]], Any]]:
    for rule in table.constraints:
        if isinstance(rule, UniqueConstraint) and column in rule.columns:
            yield list(rule.columns), None
    for index in table.indexes:
        if index.unique and column in index.columns:
            yield list(index.columns), _condition(index)


def _condition(index: Index) -> Any:
    return index.dialect_options["sqlite"]["where"]


def _meets(
    session: Session, row: Any, table: Table, rule: tuple[list[Column[Any]], Any], column: str, new_id: str
) -> bool:
    columns, condition = rule
    values = inspect(type(row))
    own = {
        one: new_id if one.name == column else getattr(row, values.get_property_by_column(one).key)
        for one in columns
    }
    if None in own.values():  # nothing is never the same as nothing
        return False
    same = [one == value for one, value in own.items()]
    holds = [condition] if condition is not None else []
    key = [one == getattr(row, values.get_property_by_column(one).key) for one in table.primary_key]
    applies = session.execute(select(func.count()).select_from(table).where(*key, *holds)).scalar()
    meets = session.execute(select(func.count()).select_from(table).where(*same, *holds)).scalar()
    return bool(applies and meets)
