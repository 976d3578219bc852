"""A file of old payments, whatever it is: recognised by its content, never by its name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO

from training.records.reading.headings import LOOK, heading_row, recognise_columns
from training.records.reading.limits import Unreadable
from training.records.reading.text import TextTable
from training.records.reading.workbook import Workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PIECE = 256 << 10
Row = tuple[int, list[str]]


class PartedFile(io.RawIOBase):
    """A file that lies in parts of the same size; `load(n)` gives the part with this number. Two stay at hand."""

    def __init__(self, load: Callable[[int], bytes], part_size: int, size: int) -> None:
        super().__init__()
        self._load, self._part_size, self._size = load, part_size, size
        self._place, self._kept = 0, {}  # type: tuple[int, dict[int, bytes]]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        number, begin = divmod(self._place, self._part_size)
        if self._place >= self._size:
            return 0
        piece = self._part(number)[begin : begin + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def _part(self, number: int) -> bytes:
        if number not in self._kept:
            if len(self._kept) > 1:
                self._kept.pop(next(iter(self._kept)))
            self._kept[number] = self._load(number)
        return self._kept[number]


class Table:
    """An opened file: its headings, then its rows. `share` is how much of it has been read, 0 to 100.

    `sheet`: one of `sheets` of a workbook; without, the one in which most headings are recognised.
    """

    def __init__(self, source: IO[bytes], size: int, sheet: str | None = None) -> None:
        self._size, self._read = max(1, size), 0
        self.encoding: str | None = None
        self.separator: str | None = None
        self.sheets: list[str] = []
        self.sheet: str | None = None
        self.is_mac = False
        self._open: Callable[[], Iterator[tuple[int, list[str], int]]]
        if _is_workbook(source):
            self._workbook(Workbook(source), sheet)
        else:
            text = TextTable(source)
            self.encoding, self.separator, self._open = text.encoding, text.separator, text.rows
        self.heading_row, self.headings, self.recognised = self._find_headings()

    @property
    def share(self) -> int:
        return min(100, 100 * self._read // self._size)

    def rows(self) -> Iterator[Row]:
        """The rows below the headings that hold anything."""
        for number, cells, read in self._open():
            self._read = read
            if number > self.heading_row and any(map(str.strip, cells)):
                yield number, cells

    def _workbook(self, workbook: Workbook, sheet: str | None) -> None:
        self.sheets, self.is_mac = workbook.sheets, workbook.is_mac
        chosen = sheet if sheet in self.sheets else max(self.sheets, key=lambda one: _worth(workbook, one))
        self.sheet, self._size = chosen, max(1, workbook.size(chosen))
        self._open = lambda: workbook.rows(chosen)

    def _find_headings(self) -> tuple[int, list[str], bool]:
        first = [(number, cells) for number, cells, _ in islice(self._open(), LOOK)]
        if not first:
            raise Unreadable("empty_file")
        place = heading_row([cells for _, cells in first])
        number, cells = first[place if place is not None else _widest(first)]
        return number, [cell.strip()[:60] for cell in cells], place is not None


def _widest(rows: Sequence[Row]) -> int:
    """Where no heading is known, the first row with most cells is taken for the headings, to be mapped by hand."""
    widths = [sum(bool(cell.strip()) for cell in cells) for _, cells in rows]
    return widths.index(max(widths))


def _worth(workbook: Workbook, sheet: str) -> int:
    rows = islice(workbook.rows(sheet), LOOK)
    return max((len(recognise_columns(cells)) for _, cells, _ in rows), default=-1)


def _is_workbook(source: IO[bytes]) -> bool:
    source.seek(0)
    head = source.read(8)
    if head.startswith(OLE):
        raise Unreadable("encrypted" if _holds(source, ENCRYPTED) else "old_xls")
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _holds(source: IO[bytes], words: bytes) -> bool:
    source.seek(0)
    before = b""
    while piece := source.read(PIECE):
        if words in before + piece:
            return True
        before = piece[-len(words) :]
    return False
