"""Two to five records side by side: each field with one cell for each record, and the characters that differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext
from sqlalchemy.orm import Session

from backoffice.verify.compare import NOTHING, Match, Piece, Pieces, differences
from backoffice.verify.rows import course_title
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolments_of
from training.entitlements.models import Entitlement, EntitlementState
from training.entitlements.queries import entitlements_of
from training.numbers import masked, masked_phone
from training.people.models import Person
from training.people.operations import answer_in
from training.policy.queries import district
from web.desk_words import HOUSEHOLD
from web.i18n import language
from web.labels import GROUP, LEVEL, word
from web.written import day, joined, yuan

_: Callable[..., str] = gettext
Mask = Callable[[str], str]


@dataclass(frozen=True)
class Side:
    """One record: what is known of it. `cases` are the newest first."""

    person: Person
    cases: Sequence[Enrolment]
    had: Sequence[Entitlement]

    @property
    def newest(self) -> Enrolment | None:
        return self.cases[0] if self.cases else None


@dataclass(frozen=True)
class Row:
    """One field of all records."""

    field: str
    label: str
    cells: Sequence[Pieces]
    match: Match
    is_name: bool = False


def sides_of(session: Session, people: Sequence[Person]) -> list[Side]:
    """What is shown of each record."""
    return [Side(one, enrolments_of(session, one.id), entitlements_of(session, one.id)) for one in people]


def rows_of(sides: Sequence[Side]) -> list[Row]:
    """Every field, compared with the first record."""
    return [
        _row("name", _("Name"), [side.person.name for side in sides], is_name=True),
        _row("number", _("Number"), [side.person.number for side in sides], masked),
        _row("card", _("Card"), [_card(side) for side in sides], masked),
        _row(
            "birth",
            _("Date of birth"),
            [side.person.birth for side in sides],
            lambda text: f"{text[:4]}-**-**",
        ),
        _row("phone", _("Phone"), [_phone(side) for side in sides], masked_phone),
        _row("household", _("Household"), [_household(side) for side in sides]),
        _row("group", _("Group"), [_group(side) for side in sides]),
        _told("courses", _("Enrolled for"), [_courses(side) for side in sides]),
        _told("subsidies", _("Subsidies"), [_subsidies(side) for side in sides]),
    ]


def place_name(code: str) -> str:
    """The district's name in the reader's language."""
    return district(current_app.extensions["pack"], code).name.said(language())


def _row(
    field: str, label: str, values: Sequence[str | None], mask: Mask = str, *, is_name: bool = False
) -> Row:
    """Different as soon as one differs from the first; a value that is missing only informs."""
    shown = [(Piece(mask(value)),) if value else NOTHING for value in values]
    first = values[0]
    if not first or not all(values):
        return Row(field, label, shown, "missing", is_name)
    if all(value == first for value in values):
        return Row(field, label, shown, "same", is_name)
    cells: list[Pieces] = []
    for place, value in enumerate(values):
        other = next(one for one in values if one != value) if place == 0 else first
        cells.append(differences(mask(value or ""), mask(other or ""))[0] if value != other else shown[place])
    return Row(field, label, cells, "different", is_name)


def _told(field: str, label: str, values: Sequence[str]) -> Row:
    return Row(field, label, [(Piece(value),) if value else NOTHING for value in values], "missing")


def _card(side: Side) -> str | None:
    return side.person.cards[-1].number if side.person.cards else None


def _phone(side: Side) -> str | None:
    live = [phone for phone in side.person.phones if phone.ended_at is None]
    return live[-1].number if live else None


def _household(side: Side) -> str | None:
    answer = answer_in(side.newest.evidence) if side.newest else None
    household = answer.person.household if answer and answer.person else None
    return word(HOUSEHOLD, household) if household else None


def _group(side: Side) -> str | None:
    return word(GROUP, side.newest.group) if side.newest and side.newest.group else None


def _courses(side: Side) -> str:
    found = dict.fromkeys(course_title(case) for case in side.cases)
    return joined(found, "；")


def _subsidies(side: Side) -> str:
    used = [row for row in side.had if row.state is EntitlementState.USED]
    told = [
        _(
            "%(level)s, %(day)s, %(place)s%(amount)s",
            level=word(LEVEL, row.level),
            day=day(row.on_date),
            place=place_name(row.district),
            amount=f" {yuan(row.amount_fen)}" if row.amount_fen else "",
        )
        for row in used
    ]
    held = len(side.had) - len(used)
    if held:
        told.append(_("%(number)s held", number=held))
    return joined(told, "；") or _("none")
