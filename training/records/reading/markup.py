"""XML read in pieces, with no document type, no entities and no text beyond the limits (A58)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from training.records.reading.limits import LIMITS, Unreadable
from training.records.rules import Figure

PIECE = 64 << 10
Tag = tuple[str, dict[str, str]]


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 8192

    def refuse(*_: object) -> None:
        raise Unreadable("doctype")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _pieces(file: IO[bytes], at_most: int) -> Iterator[bytes]:
    """What is inside, in pieces; more than was declared is a bomb, whatever the directory said."""
    seen = 0
    while piece := file.read(PIECE):
        seen += len(piece)
        if seen > at_most:
            raise Unreadable("bomb")
        yield piece


def _fed(parser: expat.XMLParserType, file: IO[bytes], at_most: int) -> Iterator[None]:
    try:
        for piece in _pieces(file, at_most):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable("broken") from error
    yield


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def tags(file: IO[bytes]) -> list[Tag]:
    """Every start tag of a small file, with its attributes."""
    parser, found = _parser(), []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local(name), attributes))

    parser.StartElementHandler = start
    for _ in _fed(parser, file, LIMITS.small_file):
        pass
    return found


class Texts:
    """The shared texts of a workbook: one run of bytes and where each begins, so that a million stay small."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q")

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, text: str) -> None:
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))
        if len(self._bytes) > LIMITS.strings or len(self._ends) > LIMITS.strings // 8:
            raise Unreadable("bomb")

    def __getitem__(self, n: int) -> str:
        begin = self._ends[n - 1] if n else 0
        return self._bytes[begin : self._ends[n]].decode()


class _Text:
    """Gathers the characters of one cell, up to the limit."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def add(self, data: str) -> None:
        self.size += len(data)
        if self.size > LIMITS.cell:
            raise Unreadable("cell_too_big")
        self.parts.append(data)

    def take(self) -> str:
        text = self.parts[0] if len(self.parts) == 1 else "".join(self.parts)
        self.parts, self.size = [], 0
        return text


def shared_texts(file: IO[bytes]) -> Texts:
    """The texts that cells point to; how a word is spoken (rPh) is no part of it."""
    parser, texts, text = _parser(), Texts(), _Text()
    depth = {"rPh": 0}

    def start(name: str, _: dict[str, str]) -> None:
        name = local(name)
        if name == "rPh":
            depth["rPh"] += 1
        elif name == "t" and not depth["rPh"]:
            parser.CharacterDataHandler = text.add

    def end(name: str) -> None:
        name = local(name)
        if name == "t":
            parser.CharacterDataHandler = None
        elif name == "rPh":
            depth["rPh"] -= 1
        elif name == "si":
            texts.add(text.take())

    parser.StartElementHandler, parser.EndElementHandler = start, end
    for _ in _fed(parser, file, LIMITS.unpacked):
        pass
    return texts


class SheetReader:
    """The rows of one sheet, as (row number from 1, cells). A cell is text, or a Figure where the sheet holds a number."""

    def __init__(self, texts: Texts) -> None:
        self._texts, self._text = texts, _Text()
        self._ready: list[tuple[int, list[str]]] = []
        self._row, self._cells = 0, []  # type: tuple[int, list[str]]
        self._column, self._kind, self._width, self._has_formula = 0, "", 0, False
        self._columns: dict[str, int] = {}
        self._parser = _parser()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end

    def rows(self, file: IO[bytes], at_most: int) -> Iterator[tuple[int, list[str]]]:
        """Read the sheet in pieces. Raises Unreadable."""
        try:
            for _ in _fed(self._parser, file, at_most):
                yield from self._ready
                self._ready.clear()
        except Unreadable as error:
            raise Unreadable(error.code, error.row or self._row) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            self._column = self._place(attributes.get("r"))
            self._kind, self._has_formula = attributes.get("t", "n"), False
        elif name == "v" or name == "t":
            self._parser.CharacterDataHandler = self._text.add
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._row = _whole(attributes.get("r"), self._row + 1)
            self._cells, self._width, self._column = [], 0, -1

    def _end(self, name: str) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            self._keep(self._text.take())
        elif name == "v" or name == "t":
            self._parser.CharacterDataHandler = None
        elif name == "row" and self._cells:
            self._ready.append((self._row, self._cells))

    def _keep(self, raw: str) -> None:
        if not raw and not self._has_formula:
            return
        if self._column >= LIMITS.columns:
            raise Unreadable("too_many_columns")
        cell = self._value(raw)
        self._width += len(cell)
        if self._width > LIMITS.line:
            raise Unreadable("cell_too_big")
        missing = self._column - len(self._cells)
        if missing > 0:
            self._cells.extend([""] * missing)
        elif missing < 0:
            raise Unreadable("broken")
        self._cells.append(cell)

    def _value(self, raw: str) -> str:
        kind = self._kind
        if kind == "s":
            try:
                return self._texts[int(raw)]
            except (ValueError, IndexError):
                raise Unreadable("broken") from None
        if kind == "n":
            return Figure(raw) if raw else "="
        return "" if kind == "b" else raw

    def _place(self, reference: str | None) -> int:
        if not reference:
            return self._column + 1
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column_of(letters)
        return column


def _column_of(letters: str) -> int:
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise Unreadable("broken")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _whole(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not text.isdigit() or len(text) > 7 or int(text) < otherwise:
        raise Unreadable("broken")
    return int(text)


Reader = Callable[[IO[bytes]], Iterator[tuple[int, list[str]]]]
