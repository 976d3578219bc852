"""Tables to take away as csv: a spreadsheet opens them, and no cell can become a formula (A57)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """A cell as text; what a spreadsheet would take for a formula begins with an apostrophe."""
    text = str(value)
    return f"'{text}" if text.lstrip(" \u3000").startswith(DANGEROUS) or text.startswith(DANGEROUS) else text


def csv_file(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """The answer with a csv file called `name`: UTF-8 with its mark, so that Excel reads Chinese."""
    held = io.StringIO(newline="")
    csv.writer(held).writerows([safe_cell(cell) for cell in row] for row in rows)
    response = Response(codecs.BOM_UTF8 + held.getvalue().encode(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
