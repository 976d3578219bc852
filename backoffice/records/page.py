"""The dry run of one file on one page, gathered before the template begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from training import clock
from training.claims.queries import decided_since
from training.entitlements.past import people_of_batch
from training.policy.pack import Pack
from training.policy.queries import districts_on
from training.records.models import FindingKind, ImportStatus, RecordFinding, RecordImport
from training.records.queries import (
    DoubleSum,
    double_sums,
    findings,
    guesses,
    missing_of,
    stands_on,
)
from training.records.reading.headings import EXTRA, FIELDS
from training.records.rules import reasons_not_to_import
from training.slices import Slice

MOVING = (ImportStatus.WAITING, ImportStatus.READING, ImportStatus.IMPORTING)
WORDS_SHOWN, ERRORS_SHOWN = 40, 12


@dataclass(frozen=True)
class Word:
    """A district's word for an occupation: in how many rows, what it may mean, what was typed that nobody understood."""

    word: str
    rows: int
    guess: str
    typed: str = ""


@dataclass(frozen=True)
class RecordPage:
    """Everything the page of one import shows."""

    row: RecordImport
    missing: list[str]
    lacking: list[str]
    words: Sequence[Word]
    errors: Slice[RecordFinding]
    doubles: Sequence[DoubleSum]
    stands_on: Sequence[str]
    districts: Sequence[tuple[str, str]]

    @property
    def fields(self) -> list[str]:
        return [*FIELDS, *(name for name in EXTRA if name in self.row.columns)]

    @property
    def is_moving(self) -> bool:
        return self.row.status in MOVING

    @property
    def is_open(self) -> bool:
        return self.row.status is ImportStatus.CHECKED


def record_page(session: Session, row: RecordImport, pack: Pack, typed: dict[str, str]) -> RecordPage:
    """Gather the page. `typed`: what was typed beside a word and not understood."""
    missing = missing_of(row)
    lacking = reasons_not_to_import(
        row.status.value, rows=row.good, wrong=row.wrong, unmapped=row.unmapped, missing=missing
    )
    shown = dict(list(row.unknown.items())[:WORDS_SHOWN])
    guessed = guesses(session, pack, list(shown), row.district or "")
    words = [Word(word, n, _named(pack, guessed.get(word)), typed.get(word, "")) for word, n in shown.items()]
    is_in = row.status is ImportStatus.IMPORTED
    return RecordPage(
        row=row,
        missing=missing,
        lacking=lacking,
        words=words,
        errors=findings(session, row.id, FindingKind.ERROR),
        doubles=double_sums(session, row.id),
        stands_on=[*stands_on(session, row), *decided(session, row)] if is_in else [],
        districts=[(unit.code, unit.name_zh) for unit in districts_on(pack, clock.today())],
    )


def decided(session: Session, row: RecordImport) -> Sequence[str]:
    """Claims of its people that somebody decided since it came in: they saw these payments."""
    return decided_since(session, people_of_batch(row.id), row.imported_at) if row.imported_at else ()


def _named(pack: Pack, code: str | None) -> str:
    return f"{pack.occupations[code].name_zh} {code}" if code in pack.occupations else ""
