"""A table as text (csv): which encoding and which separator are found by trial, and said."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import IO

from training.records.reading.headings import LOOK, recognise_columns
from training.records.reading.limits import LIMITS, Unreadable

PIECE = 256 << 10
SAMPLE = 64 << 10
SEPARATORS = (",", ";", "\t")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FOREIGN = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"\x7fELF",
    b"MZ",
)


class TextTable:
    """The rows of a csv file. `encoding` is a name people know, `separator` one character."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        source.seek(0)
        head = source.read(SAMPLE)
        _refuse_foreign(head)
        self._codec = _codec_of(source, head)
        self.encoding = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "gb18030": "GB18030"}.get(
            self._codec, "UTF-16"
        )
        sample = head.decode(self._codec, "ignore")
        if 50 * sum(one < " " and one not in "\t\r\n" for one in sample) > len(sample):
            raise Unreadable("not_a_table")
        self.separator = _separator_of(sample)

    def rows(self) -> Iterator[tuple[int, list[str], int]]:
        """(row number, cells, bytes read so far). A cell with line breaks is one cell. Raises Unreadable."""
        self._source.seek(0)
        text = io.TextIOWrapper(self._source, self._codec, newline="")
        csv.field_size_limit(LIMITS.cell)
        number = 0
        try:
            for number, cells in enumerate(csv.reader(_lines(text), delimiter=self.separator), start=1):
                yield number, _cut(cells, number), self._source.tell()
        except csv.Error as error:
            raise Unreadable("cell_too_big", number + 1) from error
        except UnicodeError as error:
            raise Unreadable("encoding", number + 1) from error
        finally:
            text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LIMITS.line):
        if len(line) >= LIMITS.line and not line.endswith(("\n", "\r")):
            raise Unreadable("cell_too_big")
        yield line


def _cut(cells: list[str], row: int) -> list[str]:
    if len(cells) > LIMITS.columns:
        while cells and not cells[-1].strip():
            cells.pop()
        if len(cells) > LIMITS.columns:
            raise Unreadable("too_many_columns", row)
    return cells


def _refuse_foreign(head: bytes) -> None:
    if not head.strip():
        raise Unreadable("empty_file")
    if head.startswith(FOREIGN):
        raise Unreadable("not_a_table")
    start = head[:1024].lstrip(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml", b"<table")):
        raise Unreadable("html")


def _codec_of(source: IO[bytes], head: bytes) -> str:
    for mark, codec in BOMS:
        if head.startswith(mark):
            return codec
    if b"\0" in head[:4096]:
        return _codec_of_nul(head[:4096])
    for codec in ("utf-8", "gb18030"):
        if _decodes(source, codec):
            return codec
    raise Unreadable("encoding")


def _codec_of_nul(head: bytes) -> str:
    """UTF-16 that does not say so: separators, digits and line ends have a NUL beside them, always on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < 8 * max(1, min(even, odd)):
        raise Unreadable("not_a_table")
    return "utf-16-be" if even > odd else "utf-16-le"


def _decodes(source: IO[bytes], codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    source.seek(0)
    try:
        while piece := source.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _separator_of(sample: str) -> str:
    """The separator by which most headings are recognised; where none says more, the one that cuts more cells."""
    lines = sample.splitlines()[:LOOK]

    def worth(separator: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(lines, delimiter=separator))
        except csv.Error:
            return 0, 0
        return max((len(recognise_columns(row)) for row in rows), default=0), max(map(len, rows), default=0)

    return max(SEPARATORS, key=worth)
