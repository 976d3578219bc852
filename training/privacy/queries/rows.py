"""Every row about a person, found by the tables themselves: a new table that refers to a person is in it at once.

A table belongs to people when a column of it refers to a person, or to a row of a table that does. Where the
column has no foreign key, its name says so: `person_id`, `enrolment_id`, `claim_id`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, false, or_, select
from sqlalchemy.orm import Session

from training.database import Model
from training.enrolments.models import Enrolment
from training.people.models import Draft, Evidence, Person, VisitorSession

PERSON = Person.__tablename__
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Relation:
    """The rows of `table` whose `column` names a row of `parent` are about whoever that one is about."""

    table: Table
    column: Column[Any]
    parent: str


@cache
def relations() -> tuple[Relation, ...]:
    """Every relation that leads to a person, parents before what hangs on them."""
    found: dict[str, list[Relation]] = {PERSON: []}
    changed = True
    while changed:
        changed = False
        for table in Model.metadata.sorted_tables:
            known = [_relation(table, column, found) for column in table.columns]
            mine = [one for one in known if one is not None]
            if mine and len(mine) != len(found.get(table.name, [])):
                found[table.name] = mine
                changed = True
    order = [table.name for table in Model.metadata.sorted_tables if table.name in found]
    return tuple(relation for name in order for relation in found[name])


def tables_of_people() -> list[Table]:
    """The tables with rows about people, parents first."""
    names = dict.fromkeys([PERSON, *(relation.table.name for relation in relations())])
    return [Model.metadata.tables[name] for name in names]


def owners(table: Table) -> list[Relation]:
    """Whose the rows are: by `person_id` where there is one; other columns may name a second person."""
    all_of = [relation for relation in relations() if relation.table is table]
    first = [relation for relation in all_of if relation.column.name == "person_id"]
    return first or [one for one in all_of if one.parent == PERSON and one.table.name != PERSON] or all_of


def is_own(table: Table, row: Row, ids: Collection[str]) -> bool:
    """Whether the row is these people's first; else it is another's and only names one of them as well. A table that
    names nobody (answers of the register, drafts) was asked for by what is theirs."""
    firsts = owners(table)
    if table.name == PERSON or not firsts or any(one.parent != PERSON for one in firsts):
        return True
    return any(row[one.column.name] in ids for one in firsts)


def own_ids(session: Session, person_id: str) -> list[str]:
    """The record and those that were merged into it, however often."""
    ids, fresh = [person_id], [person_id]
    while fresh:
        merged = select(Person.id).where(Person.merged_into.in_(fresh), Person.id.not_in(ids))
        fresh = list(session.scalars(merged))
        ids += fresh
    return ids


def rows_about(
    session: Session, ids: Sequence[str], *, owned_only: bool = False
) -> Iterator[tuple[Table, list[Row]]]:
    """The rows about these records, table by table. `owned_only`: without those that are another's first."""
    seen: dict[str, list[Any]] = {PERSON: list(ids)}
    for table in tables_of_people():
        chosen = _which(table, seen, ids, owned_only=owned_only)
        rows: list[Row] = [dict(row) for row in session.execute(select(table).where(chosen)).mappings()]
        (key, *more) = table.primary_key.columns
        if not more:
            seen[table.name] = [row[key.name] for row in rows]
        yield table, rows
    yield _table(Evidence), _rows(session, Evidence, Evidence.id.in_(_evidence_of(ids)))
    own_browsers = select(VisitorSession.id_hash).where(VisitorSession.person_id.in_(ids))
    yield _table(Draft), _rows(session, Draft, Draft.session_hash.in_(own_browsers))


def _relation(table: Table, column: Column[Any], found: Mapping[str, Any]) -> Relation | None:
    for key in column.foreign_keys:
        if key.column.table.name in found:
            return Relation(table, column, key.column.table.name)
    named = column.name.removesuffix("_id")
    if not column.foreign_keys and column.name.endswith("_id") and named in found and named != table.name:
        return Relation(table, column, named)
    return None


def _which(
    table: Table, seen: Mapping[str, list[Any]], ids: Sequence[str], *, owned_only: bool
) -> ColumnElement[bool]:
    if table.name == PERSON:
        return table.c.id.in_(ids)
    mine = owners(table)
    if not owned_only:
        mine = [*mine, *(one for one in relations() if one.table is table and one.parent == PERSON)]
    return or_(false(), *(one.column.in_(seen.get(one.parent, [])) for one in mine))


def _evidence_of(ids: Sequence[str]) -> Any:
    return select(Enrolment.evidence_id).where(
        Enrolment.person_id.in_(ids), Enrolment.evidence_id.is_not(None)
    )


def _rows(session: Session, model: type[Model], which: ColumnElement[bool]) -> list[Row]:
    return [dict(row) for row in session.execute(select(_table(model)).where(which)).mappings()]


def _table(model: type[Model]) -> Table:
    return Model.metadata.tables[model.__tablename__]
