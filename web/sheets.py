"""Lists as files that a spreadsheet opens: CSV and xlsx, in which nothing that people typed becomes a formula (A57)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from flask import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
BOM = "\ufeff"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Row = Sequence[object]


def quoted(value: object) -> str:
    """A cell as text; what a spreadsheet would take for a formula gets a quote mark in front, also after spaces."""
    text = "" if value is None else str(value)
    text = "".join(letter for letter in text if letter.isprintable() or letter in "\t\r\n\0")
    return f"'{text}" if text.lstrip(" \u3000").startswith(FORMULA) else text


def written(rows: Iterable[Row], form: str) -> bytes:
    """The rows as a file of this form (csv or xlsx)."""
    return _xlsx(rows) if form == "xlsx" else _csv(rows)


def answer(content: bytes, name: str, form: str) -> Response:
    """The file as something that is saved, never shown by the browser."""
    response = Response(content, content_type=TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csv_answer(name: str, rows: Iterable[Row]) -> Response:
    """The answer with a CSV file called `name`."""
    return answer(written(rows, "csv"), name, "csv")


def _csv(rows: Iterable[Row]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([quoted(cell) for cell in row] for row in rows)
    return (BOM + file.getvalue().replace("\0", "")).encode()


def _xlsx(rows: Iterable[Row]) -> bytes:
    """A book of one sheet. Every cell is inline text: numbers keep their last digits and nothing is computed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in _PARTS.items():
            book.writestr(name, _XML + content)
        book.writestr("xl/worksheets/sheet1.xml", _XML + _sheet(rows))
    return file.getvalue()


def _sheet(rows: Iterable[Row]) -> str:
    lines = ("".join(_CELL.format(_clean(quoted(cell))) for cell in row) for row in rows)
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(f"<row>{line}</row>" for line in lines)}</sheetData></worksheet>'


def _clean(text: str) -> str:
    """XML knows no control characters but tab and line ends."""
    return escape("".join(letter for letter in text if letter >= " " or letter in "\t\r\n"))


_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_RELATED = f"{_OFFICE}/officeDocument/2006/relationships"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_CELL = '<c t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KINDS}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATED}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
