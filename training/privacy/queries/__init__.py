"""Reads about what is kept: everything about one person, and whose record is due."""

from training.privacy.queries.due import (
    holds_of,
    kept_of,
    last_runs,
    notice_of,
    notices_due,
    perhaps_due,
)
from training.privacy.queries.export import Everything, everything_about, is_left_out
from training.privacy.queries.rows import Relation, own_ids, owners, relations, rows_about, tables_of_people

__all__ = [
    "Everything",
    "Relation",
    "everything_about",
    "holds_of",
    "is_left_out",
    "kept_of",
    "last_runs",
    "notice_of",
    "notices_due",
    "own_ids",
    "owners",
    "perhaps_due",
    "relations",
    "rows_about",
    "tables_of_people",
]
