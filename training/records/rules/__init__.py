"""Pure decisions about old payments: what a cell means, what was paid twice, what forbids an import."""

from training.records.rules.cells import (
    NAME_LENGTH,
    TOTALS,
    BadCell,
    Figure,
    bare,
    day_in,
    fen_in,
    level_in,
    name_in,
    number_in,
    shown,
    word_in,
)
from training.records.rules.past import (
    Double,
    Paid,
    doubles_of,
    known_of,
    reasons_not_to_import,
    reasons_not_to_undo,
)

__all__ = [
    "NAME_LENGTH",
    "TOTALS",
    "BadCell",
    "Double",
    "Figure",
    "Paid",
    "bare",
    "day_in",
    "doubles_of",
    "fen_in",
    "known_of",
    "level_in",
    "name_in",
    "number_in",
    "reasons_not_to_import",
    "reasons_not_to_undo",
    "shown",
    "word_in",
]
