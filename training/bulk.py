"""Many rows of one table at once, as an import needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


def write_many(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any] | None = None
) -> None:
    """A step: write many rows of one table, all with the same columns, in the fastest way the database offers; `same`
    are columns that have one value in all of them.

    Values are as for an INSERT; defaults that Python fills in are not. PostgreSQL: COPY, which an INSERT right allows.
    """
    if not rows:
        return
    session.flush()
    connection = session.connection()
    constant, varying = dict(same or {}), list(rows[0])
    told = _readers(table, list(constant), connection.dialect)
    fixed = tuple(
        value if read is None else read(value) for value, read in zip(constant.values(), told, strict=True)
    )
    readers = list(zip(varying, _readers(table, varying, connection.dialect), strict=True))
    values = [
        (*fixed, *[row[name] if read is None else read(row[name]) for name, read in readers]) for row in rows
    ]
    quote = connection.dialect.identifier_preparer.quote
    quoted = ", ".join(quote(name) for name in (*constant, *varying))
    try:
        _send_many(
            connection.connection.cursor(), f"{table.name} ({quoted})", values, connection.dialect.name
        )
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(None, None, error, base, True, dialect=connection.dialect) from error


def _readers(table: Table, names: Sequence[str], dialect: Dialect) -> list[Callable[[Any], Any] | None]:
    """How each column's values become what the driver takes; None: as they are."""
    return [table.columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]


def _send_many(cursor: Any, where: str, values: list[tuple[Any, ...]], dialect: str) -> None:
    if dialect == "sqlite":
        marks = ", ".join("?" * len(values[0]))
        cursor.executemany(f"INSERT INTO {where} VALUES ({marks})", values)
        return
    with cursor.copy(f"COPY {where} FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)
