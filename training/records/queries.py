"""Reads about old payments: the list of imports, one import, its findings, what stands on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from training.enrolments.models import Enrolment
from training.entitlements.past import people_of_batch
from training.errors import NotThere
from training.policy.pack import Pack
from training.records.models import (
    FindingKind,
    ImportStatus,
    OccupationWord,
    RecordChange,
    RecordFinding,
    RecordImport,
)
from training.records.reading.headings import FIELDS
from training.records.rules import word_in
from training.slices import Slice, slice_of

PAGE_ROWS = 50
SHOWN = 20


def imports(session: Session) -> Sequence[RecordImport]:
    """The imports, newest first, at most a hundred."""
    asked = select(RecordImport).order_by(RecordImport.uploaded_at.desc(), RecordImport.id).limit(100)
    return session.scalars(asked).all()


def one_import(session: Session, import_id: str) -> RecordImport:
    """The import with this id, as it stands now. Raises NotThere."""
    row = session.get(RecordImport, import_id, populate_existing=True)
    if row is None:
        raise NotThere(import_id)
    return row


def missing_of(row: RecordImport) -> list[str]:
    """Fields that no column holds, and `district` where neither a column nor anybody says which one."""
    lacking = [name for name in FIELDS if name not in row.columns]
    return lacking + (["district"] if not row.district and "district" not in row.columns else [])


def findings(session: Session, import_id: str, kind: FindingKind, page: int = 1) -> Slice[RecordFinding]:
    """A page of the errors, or of the double payments, in the order of the file."""
    asked = select(RecordFinding).where(RecordFinding.import_id == import_id, RecordFinding.kind == kind)
    return slice_of(session, asked.order_by(RecordFinding.row, RecordFinding.n), page, PAGE_ROWS)


def all_findings(session: Session, import_id: str, kind: FindingKind) -> Iterator[RecordFinding]:
    """All of them, some hundreds at a time."""
    last = (0, 0)
    while True:
        after = or_(RecordFinding.row > last[0], (RecordFinding.row == last[0]) & (RecordFinding.n > last[1]))
        wanted = (RecordFinding.import_id == import_id, RecordFinding.kind == kind, after)
        asked = select(RecordFinding).where(*wanted).order_by(RecordFinding.row, RecordFinding.n).limit(500)
        rows = session.scalars(asked).all()
        yield from rows
        if not rows:
            return
        last = (rows[-1].row, rows[-1].n)


@dataclass(frozen=True)
class DoubleSum:
    """Double payments of one sort: how many, how much (fen), where and when the other one was."""

    code: str
    district: str
    year: int
    count: int
    amount_fen: int


def double_sums(session: Session, import_id: str) -> list[DoubleSum]:
    """The double payments by sort, most first."""
    counted: dict[tuple[str, str, int], list[int]] = {}
    for one in all_findings(session, import_id, FindingKind.DOUBLE):
        place = str(one.facts.get("district", "")) if one.code != "paid_twice_here" else ""
        year = int(one.facts.get("year", 0)) if one.code != "paid_twice_here" else 0
        counted.setdefault((one.code, place, year), []).append(one.amount_fen)
    sums = [DoubleSum(*key, len(amounts), sum(amounts)) for key, amounts in counted.items()]
    return sorted(sums, key=lambda one: (-one.count, one.code, one.district, one.year))


def meanings(session: Session, words: Sequence[str], district: str) -> dict[str, str]:
    """What these words meant so far, in this district first, else in another: to be looked at, never taken."""
    asked = select(OccupationWord).where(OccupationWord.word.in_(words))
    found = sorted(session.scalars(asked), key=lambda one: one.district != district)
    meant: dict[str, str] = {}
    for one in found:
        meant.setdefault(one.word, one.occupation)
    return meant


def _corrected_again(import_id: str) -> Select[str]:
    """Imports that corrected an amount which this one had corrected."""
    other = aliased(RecordChange)
    same = (other.entitlement_id == RecordChange.entitlement_id) & (other.import_id != RecordChange.import_id)
    asked = select(other.import_id).distinct().select_from(RecordChange).join(other, same)
    return asked.where(RecordChange.import_id == import_id)


def occupations_like(pack: Pack, text: str) -> list[str]:
    """Codes of the occupations that are called this, by name or alias, or by the first letters of their sounds; a name
    goes before an alias."""
    word = word_in(text)
    named = [one.code for one in pack.occupations.values() if word in (one.name_zh, *one.aliases)]
    if named or not word.isascii():
        return named
    spelled = [one.code for one in pack.occupations.values() if _initials(one.name_zh) == word.lower()]
    return spelled or [
        one.code for one in pack.occupations.values() if word.lower() in map(_initials, one.aliases)
    ]


def _initials(name: str) -> str:
    from pypinyin import Style, lazy_pinyin  # heavy, and seldom needed

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


def guesses(session: Session, pack: Pack, words: Sequence[str], district: str) -> dict[str, str]:
    """What unknown words may mean: what another district meant by them, or the one occupation whose name or alias
    stands in the word or holds it. To be looked at by a person, never taken."""
    found = {word: code for word in words if (code := _alike(pack, word)) is not None}
    return found | meanings(session, words, district)


def _alike(pack: Pack, word: str) -> str | None:
    alike: dict[str, int] = {}
    for one in pack.occupations.values():
        for name in (one.name_zh, *one.aliases):
            if len(name) > 1 and (name in word or (len(word) > 1 and word in name)):
                alike[one.code] = max(alike.get(one.code, 0), min(len(name), len(word)))
    best = [code for code, length in alike.items() if length == max(alike.values())]
    return best[0] if len(best) == 1 else None


def stands_on(session: Session, row: RecordImport) -> list[str]:
    """What would lose its ground without this import, by reference: enrolments of its people that came or were decided
    since, other files whose payments are in by it, and one that is being brought in now. At most twenty."""
    if row.imported_at is None:
        return []
    people = people_of_batch(row.id)
    since = or_(Enrolment.received_at >= row.imported_at, Enrolment.changed_at >= row.imported_at)
    asked = select(Enrolment.reference).where(since, Enrolment.person_id.in_(people)).limit(SHOWN)
    others = select(RecordImport).where(
        RecordImport.status.in_((ImportStatus.IMPORTING, ImportStatus.IMPORTED)), RecordImport.id != row.id
    )
    corrected = set(session.scalars(_corrected_again(row.id)))
    leaning = [one.file_name for one in session.scalars(others) if _leans(one, row, corrected)]
    return [*session.scalars(asked), *leaning][:SHOWN]


def _leans(one: RecordImport, row: RecordImport, corrected: set[str]) -> bool:
    """Whether `one` would lose its ground without `row`. The one that a worker has in hand is judging by all that
    counts now, so nothing goes meanwhile."""
    is_in_hand = one.status is ImportStatus.IMPORTING and one.turn is not None
    came_later = (
        one.imported_at is not None and row.imported_at is not None and one.imported_at >= row.imported_at
    )
    return is_in_hand or row.id in one.relies_on or (one.id in corrected and came_later)
