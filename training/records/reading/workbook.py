"""A workbook (xlsx) opened with distrust: what its directory declares is checked before anything is unpacked, and
again while it is (A58)."""

from __future__ import annotations

import posixpath
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from training.records.reading.limits import LIMITS, Unreadable
from training.records.reading.markup import SheetReader, Tag, Texts, local, shared_texts, tags

END, END_SIZE, LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
ALLOWED = re.compile(r"(\[Content_Types\]\.xml|_rels/|docProps/|xl/|customXml/|custom/|_xmlsignatures/)")
PACKED = re.compile(r"\.(zip|xlsx|xlsm|xlsb|docx|pptx|jar|7z|rar|gz|bz2|xz)$", re.I)
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS = "sharedStrings"
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class Workbook:
    """The visible sheets of a workbook, read one at a time."""

    def __init__(self, source: IO[bytes]) -> None:
        _check_end(source)
        try:
            self._zip = zipfile.ZipFile(source)
        except BROKEN as error:
            raise Unreadable("broken") from error
        self._entries = {entry.filename: entry for entry in self._zip.infolist()}
        _check_entries(self._zip.infolist())
        if WORKBOOK not in self._entries:
            raise Unreadable("not_a_table")
        self._sheets, self.is_mac = self._list()
        self._texts: Texts | None = None

    @property
    def sheets(self) -> list[str]:
        return list(self._sheets)

    def size(self, sheet: str) -> int:
        """The unpacked size of a sheet in bytes."""
        return self._entries[self._sheets[sheet]].file_size

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str], int]]:
        """(row number, cells, bytes read so far) of a sheet. Raises Unreadable."""
        entry = self._entries[self._sheets[sheet]]
        if self._texts is None:
            self._texts = self._read_texts()
        try:
            with self._zip.open(entry) as file:
                for row, cells in SheetReader(self._texts).rows(file, entry.file_size):
                    yield row, cells, file.tell()
        except BROKEN as error:
            raise Unreadable("broken") from error

    def _read_texts(self) -> Texts:
        for kind, target in self._relations():
            if kind.endswith(STRINGS) and target in self._entries:
                try:
                    with self._zip.open(self._entries[target]) as file:
                        return shared_texts(file)
                except BROKEN as error:
                    raise Unreadable("broken") from error
        return Texts()

    def _list(self) -> tuple[dict[str, str], bool]:
        """The entries of the visible sheets by their names, and whether days count from 1904."""
        targets = {
            found["Id"]: _inside(found.get("Target", ""))
            for _, found in self._small(RELATIONS)
            if "Id" in found
        }
        sheets, is_mac = {}, False
        for name, found in self._small(WORKBOOK):
            if name == "sheet" and found.get("state", "visible") == "visible":
                target = targets.get(_by_local(found, "id"), "")
                if target in self._entries:
                    sheets[found.get("name", "")[:80]] = target
            elif name == "workbookPr":
                is_mac = found.get("date1904", "0") in ("1", "true")
        if not sheets or len(sheets) > LIMITS.sheets:
            raise Unreadable("not_a_table")
        return sheets, is_mac

    def _relations(self) -> list[tuple[str, str]]:
        return [
            (found.get("Type", ""), _inside(found.get("Target", ""))) for _, found in self._small(RELATIONS)
        ]

    def _small(self, name: str) -> list[Tag]:
        if name not in self._entries:
            raise Unreadable("broken")
        try:
            with self._zip.open(self._entries[name]) as file:
                return tags(file)
        except BROKEN as error:
            raise Unreadable("broken") from error


def _by_local(attributes: dict[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if ":" in key and local(key) == name), "")


def _inside(target: str) -> str:
    """Where a relation points to inside the file, as the directory spells it."""
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")


def _check_end(source: IO[bytes]) -> None:
    """The record at the end says how much directory there is: a million entries are refused before they are read."""
    size = source.seek(0, 2)
    source.seek(max(0, size - END_SIZE - LONGEST_COMMENT))
    tail = source.read()
    place = tail.rfind(END)
    if place < 0 or len(tail) - place < END_SIZE:
        raise Unreadable("broken")
    entries, length = (
        struct.unpack("<H", tail[place + 10 : place + 12])[0],
        struct.unpack("<L", tail[place + 12 : place + 16])[0],
    )
    if tail[:place].rfind(b"PK\x06\x07") >= 0 and entries == 0xFFFF:
        raise Unreadable("bomb")
    if entries > LIMITS.entries or length > LIMITS.directory:
        raise Unreadable("bomb")


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > LIMITS.entries or sum(entry.file_size for entry in entries) > LIMITS.unpacked:
        raise Unreadable("bomb")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise Unreadable("odd_entry")
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, mode = entry.filename, entry.external_attr >> 16
    parts = re.split(r"[/\\]", entry.orig_filename)
    if entry.flag_bits & 0x1:
        raise Unreadable("encrypted")
    if stat.S_ISLNK(mode) or ".." in parts or "\\" in entry.orig_filename or not ALLOWED.match(name):
        raise Unreadable("odd_entry")
    if PACKED.search(name):
        raise Unreadable("nested")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable("odd_entry")
    if entry.file_size > LIMITS.ratio_from and entry.file_size > LIMITS.ratio * max(1, entry.compress_size):
        raise Unreadable("bomb")
