"""What I have had, what is kept for me, and what I can still have: each line with its rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import ngettext as counted

from portal.mine.blueprint import blueprint
from portal.session import signed_in
from training import clock
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.queries import enrolments_of
from training.entitlements.models import Entitlement, EntitlementState
from training.entitlements.queries import entitlements_of, history_of
from training.people.operations import answer_in
from training.policy.facts import facts_from_register
from training.policy.ledger import GroupLine, Line, free_of, groups_of, lines_of, pairs_of
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_for, occupation
from training.policy.rules import Basis
from training.ports import RegistryAnswer
from web.desk_words import basis_word
from web.i18n import language
from web.labels import FAMILY, LEVEL_SHORT, word
from web.written import day

_: Callable[..., str] = gettext
ngettext: Callable[..., str] = counted
TUITION = "tuition"


@dataclass(frozen=True)
class Card:
    """One cap as a card. `is_first` of its subsidy: it carries the marks, with what is free by all caps of it."""

    line: Line
    rows: Sequence[Entitlement]
    references: Sequence[str]
    is_first: bool
    free: int

    @property
    def percent(self) -> int:
        """The share that is used; all of it where nothing is free any more."""
        if not self.line.free:
            return 100
        return round(100 * self.line.used / self.line.count)

    @property
    def title(self) -> str:
        window = {
            "calendar_year": _("a year"),
            "rolling_12m": _("in 12 months"),
            "lifetime": _("in a lifetime"),
        }.get(self.line.window, "")
        return _("%(subsidy)s, %(window)s", subsidy=word(FAMILY, self.line.family), window=window)

    @property
    def sentence(self) -> str:
        """What was used when, what is held for which class, and from when one more is possible."""
        said = [
            ngettext("%(num)d in %(year)s", "%(num)d in %(year)s", len(found), year=year)
            for year, found in _by_year(self.rows)
        ]
        if self.references:
            held = ngettext("%(num)d held", "%(num)d held", self.line.held)
            said.append(_("%(held)s: %(references)s", held=held, references=" ".join(self.references)))
        elif self.line.held:
            said.append(ngettext("%(num)d held", "%(num)d held", self.line.held))
        if self.line.again_on:
            said.append(_("again from %(day)s", day=day(self.line.again_on)))
        return "; ".join(said) if language() == "en" else "；".join(said)


@dataclass(frozen=True)
class Spent:
    """An occupation and level that was paid or is held. `amount_fen` is None where none is known."""

    title: str
    state: str
    office: str
    on: date
    amount_fen: int | None
    basis: Basis


@dataclass(frozen=True)
class Proof:
    """The group that the register proves, and what may follow it."""

    line: GroupLine
    known_from: str
    asked_at: datetime
    days_left: int | None
    after: GroupLine | None


@blueprint.get("/ledger")
def ledger() -> ResponseReturnValue:
    """Used, held and free, by the caps that judge an enrolment; spent pairs; the group and its last day."""
    session, person, pack = db.session(), signed_in().person, _pack()
    rows, mine = entitlements_of(session, person.id), enrolments_of(session, person.id)
    notice = notice_for(pack, mine[0].district if mine else "", clock.today())
    cards = _cards(notice, rows, mine, pack)
    return render_template(
        "portal/mine/ledger.html",
        cards=cards,
        tuition=next((card for card in cards if card.line.family == TUITION), None),
        spent=_spent(notice, rows, mine, pack),
        proof=_proof(notice, mine),
        notice=notice,
        answer_days=pack.objections.answer["correction"],
        year=clock.today().year,
    )


def tuition_card() -> Card | None:
    """The first line of the ledger, for the list of all matters."""
    session, person, pack = db.session(), signed_in().person, _pack()
    rows = entitlements_of(session, person.id)
    cards = _cards(notice_for(pack, "", clock.today()), rows, [], pack)
    return next((card for card in cards if card.line.family == TUITION), None)


def spent_of() -> list[Spent]:
    """The spent pairs of the signed-in person, as they are numbered on the page."""
    session, person, pack = db.session(), signed_in().person, _pack()
    rows, mine = entitlements_of(session, person.id), enrolments_of(session, person.id)
    notice = notice_for(pack, mine[0].district if mine else "", clock.today())
    return _spent(notice, rows, mine, pack)


def _cards(notice: Notice, rows: Sequence[Entitlement], mine: Sequence[Enrolment], pack: Pack) -> list[Card]:
    lines = lines_of(notice, history_of(rows, pack), clock.today())
    names = {one.id: one.reference for one in mine}
    cards: list[Card] = []
    for line in lines:
        counted_rows = [row for row in rows if _counts(row, line)]
        held = [row for row in counted_rows if row.state is EntitlementState.HELD]
        references = [names[row.enrolment_id] for row in held if row.enrolment_id in names]
        used = [row for row in counted_rows if row.state is EntitlementState.USED]
        is_first = line.family not in {card.line.family for card in cards}
        cards.append(Card(line, used, references, is_first, free_of(lines, line.family)))
    return cards


def _counts(row: Entitlement, line: Line) -> bool:
    """For the words beside a line; how many there are, the line itself knows from the rules."""
    is_theirs = line.scope == "all" or row.family.value == line.family
    return is_theirs and (line.window != "calendar_year" or row.on_date.year == clock.today().year)


def _by_year(rows: Sequence[Entitlement]) -> list[tuple[int, list[Entitlement]]]:
    years = sorted({row.on_date.year for row in rows})
    return [(year, [row for row in rows if row.on_date.year == year]) for year in years]


def _spent(notice: Notice, rows: Sequence[Entitlement], mine: Sequence[Enrolment], pack: Pack) -> list[Spent]:
    by_place = {(row.family.value, row.occupation, row.level, row.on_date): row for row in rows}
    classes = {one.id: one.class_run for one in mine}
    spent = []
    for pair in pairs_of(notice, history_of(rows, pack)):
        past = pair.past
        row = by_place[(past.family, past.occupation, past.level, past.on)]
        run = classes.get(row.enrolment_id or "")
        amount = row.amount_fen if row.amount_fen is not None else run.subsidy_fen if run else None
        place = pack.districts.get(past.office)
        spent.append(
            Spent(
                title=_pair_title(past.occupation, past.level, pack),
                state=past.state,
                office=place.name.said(language()) if place else past.office,
                on=past.on,
                amount_fen=amount,
                basis=pair.basis,
            )
        )
    return spent


def _pair_title(code: str, level: str, pack: Pack) -> str:
    name = occupation(pack, code).name.said(language()) if code in pack.occupations else code
    return _("%(occupation)s, %(level)s", occupation=name, level=word(LEVEL_SHORT, level))


def _proof(notice: Notice, mine: Sequence[Enrolment]) -> Proof | None:
    """What the register proved last, as far as an enrolment keeps it."""
    answer, today = _last_answer(mine), clock.today()
    if answer is None or answer.person is None:
        return None
    groups = groups_of(notice, facts_from_register(answer.person, today), today)
    now = next((line for line in groups if line.counts_today), None) or next(iter(groups), None)
    if now is None:
        return None
    basis = next((item.basis for item in answer.person.groups if item.group == now.group), "")
    after = next((line for line in groups if line is not now and _lasts_longer(line, now)), None)
    left = (now.to_on - today).days if now.to_on and now.counts_today else None
    return Proof(now, basis_word(basis), answer.asked_at, left, after)


def _lasts_longer(line: GroupLine, now: GroupLine) -> bool:
    return now.to_on is not None and (line.to_on is None or line.to_on > now.to_on)


def _last_answer(mine: Sequence[Enrolment]) -> RegistryAnswer | None:
    for enrolment in mine:
        answer = answer_in(enrolment.evidence)
        if answer is not None and answer.person is not None:
            return answer
    return None


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack
