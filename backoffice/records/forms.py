"""What was typed at the desk of old records: a file, which column is what, which occupation a word means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from werkzeug.datastructures.file_storage import FileStorage

from training.errors import BadInput
from training.policy.pack import Pack
from training.records.queries import occupations_like

CODE = re.compile(r"\d-\d\d-\d\d-\d\d")


@dataclass(frozen=True)
class Mapped:
    """What one press of the button says. `typed`: words whose occupation was not understood, as typed."""

    columns: Mapping[str, int]
    occupations: Mapping[str, str]
    typed: Mapping[str, str]
    district: str
    sheet: str

    @property
    def says_columns(self) -> bool:
        return bool(self.columns or self.district or self.sheet)


def chosen_file(files: Mapping[str, FileStorage]) -> FileStorage:
    """The file that was sent. Raises BadInput(file) where none was."""
    file = files.get("file")
    if file is None or not file.filename:
        raise BadInput("file", "missing")
    return file


def chosen_district(form: MultiDict[str, str], pack: Pack) -> str | None:
    """The district that was chosen; None: the file says it. Raises BadInput(district)."""
    code = form.get("district", "")
    if code and code not in pack.districts:
        raise BadInput("district", "unknown")
    return code or None


def mapped(form: MultiDict[str, str], pack: Pack) -> Mapped:
    """`column` is `field:number` (from 0; without a number: no column), `occupation` what each `word` means, in the
    order of the page. Raises BadInput(column) or BadInput(occupation) for what is no such form."""
    words, texts = form.getlist("word"), form.getlist("occupation")
    if len(words) != len(texts):
        raise BadInput("occupation", "unknown")
    said = {word: text.strip() for word, text in zip(words, texts, strict=True) if text.strip()}
    meant = {word: occupation_meant(pack, text) for word, text in said.items()}
    return Mapped(
        columns=_columns(form.getlist("column")),
        occupations={word: code for word, code in meant.items() if code},
        typed={word: said[word] for word, code in meant.items() if not code},
        district=chosen_district(form, pack) or "",
        sheet=form.get("sheet", ""),
    )


def _columns(chosen: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in chosen:
        name, _, number = one.partition(":")
        if number and (not number.isascii() or not number.isdigit() or len(number) > 4):
            raise BadInput("column", "unknown")
        if number and name not in found:
            found[name] = int(number)
    return found


def occupation_meant(pack: Pack, text: str) -> str | None:
    """The code of the occupation that was typed: by code, name, alias or the first letters of its sounds; None where
    that is none, or several."""
    plain = unicodedata.normalize("NFKC", text).strip()
    code = CODE.search(plain)
    if code is not None:
        return code[0] if code[0] in pack.occupations else None
    found = occupations_like(pack, plain)
    return found[0] if len(found) == 1 else None
