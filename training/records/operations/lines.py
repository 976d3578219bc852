"""One row of a district's table, read by a plan: a payment, or what is wrong with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from training import keys
from training.policy.pack import Pack
from training.policy.queries import same_trade
from training.records.operations.upload import short_name
from training.records.reading.headings import says_ten_thousands
from training.records.rules import (
    TOTALS,
    BadCell,
    bare,
    day_in,
    fen_in,
    level_in,
    name_in,
    number_in,
    shown,
    word_in,
)


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell of a row."""

    heading: str
    code: str
    said: str
    facts: Mapping[str, str | int]


@dataclass
class Line:
    """A row as it was read. `row` is ready to be kept, None where something is wrong or the occupation is unknown."""

    row: dict[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)
    word: str | None = None
    is_converted: bool = False


@dataclass(frozen=True)
class Plan:
    """How the rows of one file are read: which column holds what, and what its words mean."""

    import_id: str
    headings: Sequence[str]
    columns: Mapping[str, int]
    district: str
    districts: Mapping[str, str]
    occupations: Mapping[str, str]
    today: date
    is_mac: bool = False


def is_total(cells: Sequence[str]) -> bool:
    """Whether a row is the sum under the table, or who filled it in."""
    first = next((cell for cell in cells if cell.strip()), "")
    word = unicodedata.normalize("NFKC", first).replace(" ", "").casefold()
    return word in TOTALS or word.split(":")[0] in TOTALS


def read_line(plan: Plan, n: int, cells: Sequence[str]) -> Line:
    """Row `n` of the file by the plan."""
    line, got = Line(), _Cells(plan, cells)
    name = got.read("name", name_in, line)
    number = got.read("number", lambda cell: number_in(cell, plan.today), line)
    word = got.read("occupation", word_in, line)
    level = got.read("level", level_in, line)
    fen = got.read("amount", lambda cell: fen_in(cell, got.is_wide), line)
    on = got.read("paid_on", lambda cell: day_in(cell, plan.today, plan.is_mac), line)
    district = got.read("district", got.district, line) if "district" in plan.columns else plan.district
    occupation = _occupation(plan, word)
    if word is not None and occupation is None:
        line.word = word
    if line.faults or occupation is None:
        return line
    line.is_converted = number.kind == "number15"
    index = keys.blind_index("identity_number", number.value)
    line.row = {
        "import_id": plan.import_id,
        "n": n,
        "number_index": index,
        "occupation": occupation,
        "level": level,
        "on_date": on,
        "district": district,
        "amount_fen": fen,
        "sealed": seal_line(plan.import_id, n, name, number.value),
    }
    return line


def _occupation(plan: Plan, word: str | None) -> str | None:
    if word is None:
        return None
    found = plan.occupations.get(word)
    if found is None and word.endswith(")"):  # 中式面点师(五级)
        found = plan.occupations.get(word.partition("(")[0])
    return found


class _Cells:
    """The cells of one row, by field."""

    def __init__(self, plan: Plan, cells: Sequence[str]) -> None:
        self.plan, self._cells = plan, cells

    @property
    def is_wide(self) -> bool:
        return says_ten_thousands(self._heading("amount"))

    def read(self, name: str, reader: Any, line: Line) -> Any:
        """The value of a field; None, with a fault in the line, where it cannot be read."""
        column = self.plan.columns[name]
        cell = self._cells[column] if column < len(self._cells) else ""
        try:
            if cell[:1] == "=" and cell[:2] != '="':
                raise BadCell("formula")
            return reader(cell)
        except BadCell as bad:
            line.faults.append(Fault(self._heading(name), bad.code, shown(name, cell), bad.facts))
            return None

    def district(self, cell: str) -> str:
        """The code of the district that a cell names."""
        text = unicodedata.normalize("NFKC", bare(cell)).replace("重庆市", "")
        code = self.plan.districts.get(text)
        if code is None:
            raise BadCell("district_unknown" if text else "empty")
        return code

    def _heading(self, name: str) -> str:
        column = self.plan.columns[name]
        return self.plan.headings[column] if column < len(self.plan.headings) else ""


def seal_line(import_id: str, n: int, name: str, number: str) -> str:
    """Name and number of a waiting row, sealed and bound to it."""
    return keys.seal(f"{number} {name}", f"record_row:{import_id}:{n}")


def unseal_line(import_id: str, n: int, sealed: str) -> tuple[str, str]:
    """Name and number again."""
    number, _, name = keys.unseal(sealed, f"record_row:{import_id}:{n}").partition(" ")
    return name, number


def district_words(pack: Pack) -> dict[str, str]:
    """District names as tables write them, and codes, to codes."""
    words = {unit.code: unit.code for unit in pack.districts.values()}
    for unit in pack.districts.values():
        words[unit.name_zh] = words[short_name(unit.name_zh)] = unit.code
    return words


def occupation_words(pack: Pack) -> dict[str, str]:
    """Occupations as the catalogue names them: code, name, the aliases that mean one occupation only, and the codes
    from before an occupation was renamed."""
    words: dict[str, str] = {}
    aliases: dict[str, set[str]] = {}
    for one in pack.occupations.values():
        words[one.code] = words[word_in(one.name_zh)] = one.code
        for alias in one.aliases:
            aliases.setdefault(word_in(alias), set()).add(one.code)
    clear = {alias: codes.copy().pop() for alias, codes in aliases.items() if len(codes) == 1}
    return clear | words | {old: same_trade(pack, old) for old in pack.renamed}
