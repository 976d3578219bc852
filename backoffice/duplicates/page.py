"""Everything the page of one group shows, gathered in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext
from sqlalchemy.orm import Session

from backoffice.duplicates.compare import Row, Side, place_name, rows_of, sides_of
from backoffice.seeing import shows_number
from backoffice.session import clerk
from backoffice.story import Happened, happened
from training import clock
from training.audit import EventName
from training.identities import operations, queries
from training.identities.queries import Group
from training.identities.rules import Risk, is_own_case, risks_of, spent_elsewhere, survivor_of
from training.people.models import DuplicateAnswer, Person, PossibleDuplicate
from training.staff.queries import Scope, names_of
from web.desk_words import evidence_words
from web.i18n import language
from web.identity_words import MOVES, RISK
from web.labels import word
from web.written import day, joined

_: Callable[..., str] = gettext
LETTERS: Mapping[str, str] = {"en": "ABCDE", "zh": "甲乙丙丁戊"}
MARKS = "abcde"
STORY = frozenset(
    {
        EventName.DUPLICATE_RAISED,
        EventName.DUPLICATE_ANSWERED,
        EventName.DUPLICATE_HELD,
        EventName.DUPLICATE_PUT_BACK,
        EventName.RECORDS_MERGED,
        EventName.IDENTITY_CERTIFIED,
        EventName.CERTIFICATION_VOIDED,
    }
)


@dataclass(frozen=True)
class Column:
    """The head of one record, and what would move from it; `stays` is the one that would be kept."""

    mark: str
    letter: str
    side: Side
    head: str
    stays: bool
    moves: Mapping[str, int]
    full_number: str | None


@dataclass(frozen=True)
class Why:
    """What two of the records share, in words, and how it was answered."""

    pair: PossibleDuplicate
    letters: str
    sentence: str


@dataclass(frozen=True)
class GroupPage:
    """What the template needs. `place` is the place of the group in the queue, `stamp` the version that is shown."""

    group: Group
    columns: Sequence[Column]
    rows: Sequence[Row]
    why: Sequence[Why]
    risks: Sequence[Risk]
    freed: Sequence[str]
    story: Sequence[Happened]
    place: int
    total: int
    stamp: str
    holder: str | None
    until: datetime | None
    is_mine: bool
    is_own: bool

    @property
    def decides(self) -> bool:
        return not self.is_own and (self.holder is None or self.is_mine)


def group_page(session: Session, group: Group, scope: Scope) -> GroupPage:
    """Read everything about a group that the page shows."""
    pack = current_app.extensions["pack"]
    facts = queries.facts_of(session, group.people, pack)
    keeper = survivor_of(facts)
    sides = sides_of(session, group.people)
    letters = LETTERS[language()]
    columns = [_column(session, n, side, keeper.id, letters[n]) for n, side in enumerate(sides)]
    risks = risks_of(facts, queries.caps_of(session, group.people, pack))
    everybody = queries.open_groups(session, scope)
    holder, until = group.holder or (None, None)
    return GroupPage(
        group=group,
        columns=columns,
        rows=rows_of(sides),
        why=_why(group, {column.side.person.id: column.letter for column in columns}),
        risks=risks if group.is_whole else [Risk("too_many_records"), *risks],
        freed=[held.reference for held in spent_elsewhere(facts)],
        story=_story(session, group.people),
        place=next((n for n, one in enumerate(everybody, 1) if one.id == group.id), 1),
        total=len(everybody),
        stamp=queries.stamp_of(group, facts),
        holder=names_of(session, [holder]).get(holder, "") if holder else None,
        until=until,
        is_mine=holder == clerk().account.id,
        is_own=is_own_case(facts, clerk().account.id),
    )


def risk_words(code: str) -> tuple[str, str]:
    """What stands in the way of a merge, and how it is solved."""
    said, way = RISK[code]
    return str(said), str(way)


def moves_words(moves: Mapping[str, int]) -> str:
    """`2 enrolments, 1 card`: what would move from a record."""
    told = [
        _("%(what)s: %(number)s", number=count, what=word(MOVES, kind))
        for kind, count in moves.items()
        if kind in MOVES
    ]
    return joined(told, "、") or _("nothing")


def resolved(session: Session, pair: PossibleDuplicate) -> dict[str, object]:
    """What became of a pair that is decided: the answer, by whom, when, and the records as they stand."""
    ids = (pair.person_a, pair.person_b)
    people = list({one.id: one for one in (queries.current_person(session, each) for each in ids)}.values())
    merged = len(people) == 1
    return {
        "pair": pair,
        "people": people,
        "answer": DuplicateAnswer.SAME if merged else pair.answer,
        "by": names_of(session, [pair.answered_by]).get(pair.answered_by, "") if pair.answered_by else "",
        "story": _story(session, [session.get_one(Person, one) for one in ids]),
        "references": [case.reference for side in sides_of(session, people) for case in side.cases],
    }


def _column(session: Session, n: int, side: Side, keeper_id: str, letter: str) -> Column:
    stays = side.person.id == keeper_id
    return Column(
        mark=MARKS[n],
        letter=letter,
        side=side,
        head=_head(side),
        stays=stays,
        moves={} if stays else operations.counts(session, side.person.id),
        full_number=side.person.number if shows_number(session, side.person.id) else None,
    )


def _head(side: Side) -> str:
    """Where the record comes from: the district and day of its newest enrolment, or the day it was made."""
    if side.newest is None:
        return _("record of %(day)s", day=day(clock.on_date(side.person.created_at)))
    return _(
        "%(place)s, %(day)s",
        place=place_name(side.newest.district),
        day=day(clock.on_date(side.newest.received_at)),
    )


def _why(group: Group, letters: Mapping[str, str]) -> list[Why]:
    join = " + " if language() == "en" else "、"
    return [
        Why(
            pair,
            join.join(
                sorted((letters[pair.person_a], letters[pair.person_b]), key=list(letters.values()).index)
            ),
            evidence_words(pair.evidence.split()),
        )
        for pair in sorted(group.pairs, key=lambda pair: pair.raised_at)
    ]


def _story(session: Session, people: Sequence[Person]) -> list[Happened]:
    """Newest first; what was written into several of the records at once is told once."""
    events = queries.story_of(session, [one.id for one in people], STORY)
    return list(dict.fromkeys(happened(session, events)))
