"""The verbs about old payments: a file comes in, is read and judged, mapped, imported as a whole, undone as a whole."""

from training.records.operations.importing import ask_import, undo
from training.records.operations.mapping import check_again, map_columns, map_occupations
from training.records.operations.turns import is_anything_due
from training.records.operations.upload import Arrived, upload
from training.records.operations.work import work_once

__all__ = [
    "Arrived",
    "ask_import",
    "check_again",
    "is_anything_due",
    "map_columns",
    "map_occupations",
    "undo",
    "upload",
    "work_once",
]
