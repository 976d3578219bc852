"""One more word, or one fewer, in a closed list that the database checks."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text


def choose(table: str, column: str, old: Sequence[str], new: Sequence[str]) -> None:
    """Let `column` hold the words of `new` instead of `old`; rows, indexes and triggers stay as they are.

    SQLite cannot change a check: the table is made anew with the same statement but for the list.
    """
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(table, f"{column} IN ({_listed(old)})", f"{column} IN ({_listed(new)})")
    else:
        name = f"ck_{table}_{column}"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({_listed(new)}))")


def _make_anew(table: str, old: str, new: str) -> None:
    """Rows that refer to this table with ON DELETE CASCADE go with the old one: keep them aside before."""
    found = op.get_bind().execute(
        text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"),
        {"table": table},
    )
    statements = [(row[0], row[1]) for row in found]
    [made] = [sql for kind, sql in statements if kind == "table"]
    if made.count(old) != 1:
        raise RuntimeError(f"{table}: no such list: {old}")
    fresh = made.replace(old, new).replace(table, f"{table}_anew", 1)
    op.execute(text(fresh.replace(":", "\\:")))
    op.execute(f"INSERT INTO {table}_anew SELECT * FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for kind, sql in statements:
        if kind != "table":
            op.execute(text(sql.replace(":", "\\:")))


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
