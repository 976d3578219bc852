"""How large a file of old payments may be, and how it says that it is none. Technical limits, not law."""

from __future__ import annotations

from dataclasses import dataclass

from training.errors import TrainingError


@dataclass(frozen=True)
class ReadingLimits:
    """`rows` of payments; `cell` and `line` in characters; `unpacked` in bytes, of all entries of a workbook together;
    `ratio`: unpacked to packed, of an entry above `ratio_from` bytes; `strings`: bytes of the shared texts."""

    rows: int = 200_000
    columns: int = 256
    cell: int = 32_767
    line: int = 131_072
    entries: int = 1_000
    directory: int = 1 << 20
    unpacked: int = 640 << 20
    ratio: int = 120
    ratio_from: int = 1 << 20
    strings: int = 48 << 20
    small_file: int = 4 << 20
    sheets: int = 30


LIMITS = ReadingLimits()


class Unreadable(TrainingError):
    """The file as a whole cannot be read. `code`: empty_file, not_a_table, old_xls, encrypted, html, broken, bomb,
    odd_entry, nested, doctype, encoding, too_many_rows, too_many_columns, cell_too_big, no_headings; `row` where
    it was."""

    def __init__(self, code: str, row: int = 0) -> None:
        super().__init__(code)
        self.code, self.row = code, row
