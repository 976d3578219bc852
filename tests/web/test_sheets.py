"""Lists as files: nothing becomes a formula, numbers keep their digits."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest

from web import sheets

CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "  =1",
    "\u3000=1",
]


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    cells = root.iter(CELL)
    assert all(cell.attrib["t"] == "inlineStr" for cell in cells)
    return [["".join(cell.itertext()) for cell in row] for row in root[0]]


@pytest.mark.parametrize("typed", DANGEROUS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_A57_what_a_spreadsheet_would_compute_is_quoted(form: str, typed: str) -> None:
    content = sheets.written([[typed, "周小满"]], form)
    [[cell, name]] = (read_csv if form == "csv" else read_xlsx)(content)
    assert cell.startswith("'")
    assert name == "周小满"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_numbers_and_rare_characters_stay_as_they_are(form: str) -> None:
    row = ["510202198503121234", "023-0000", "𠮷野", "<b>&\"'</b>", "1,5", None]
    [read] = (read_csv if form == "csv" else read_xlsx)(sheets.written([row], form))
    assert read == ["510202198503121234", "023-0000", "𠮷野", "<b>&\"'</b>", "1,5", ""]


def test_hidden_characters_do_not_hide_a_formula() -> None:
    assert sheets.quoted("\u202e=1") == "'=1"
    assert sheets.quoted("\ufeff=1") == "'=1"
