"""What is known of a person in words: a section for each kind of row, a line for each thing that says something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from training.policy.pack import Pack
from training.privacy.queries import Everything
from web.i18n import language
from web.labels import CARD_STATE, CHANNEL, FAMILY, GROUP, LEVEL_SHORT, STATUS, Words, word
from web.written import at, day, yuan

_: Callable[..., str] = gettext
TITLES: Words = {
    "person": _l("Who you are"),
    "card": _l("Cards"),
    "phone": _l("Phones"),
    "phone_change": _l("Changes of phone"),
    "bank_account": _l("Accounts for subsidies"),
    "enrolment": _l("Enrolments"),
    "attendance": _l("Attendance"),
    "result": _l("Results of assessments"),
    "certificate": _l("Certificates"),
    "entitlement": _l("Subsidies used and held"),
    "claim": _l("Subsidy claims"),
    "matter": _l("Requests, complaints and appeals"),
    "identity_change": _l("Corrections of name and number"),
    "consent": _l("What you agreed to"),
    "message": _l("Messages"),
    "letter": _l("Letters"),
    "alert": _l("Saved searches"),
    "visitor_session": _l("Times you signed in"),
    "evidence": _l("What the register answered"),
}
LABELS: Words = {
    "name": _l("Name"),
    "number": _l("Number"),
    "birth": _l("Born on"),
    "certified_at": _l("Identity confirmed"),
    "created_at": _l("Kept since"),
    "state": _l("State"),
    "issued_on": _l("Issued on"),
    "seen_at": _l("Last seen"),
    "ended_at": _l("Ended"),
    "source": _l("Comes from"),
    "holder": _l("Account holder"),
    "registered_at": _l("Registered"),
    "usable_from": _l("Usable from"),
    "reference": _l("Reference number"),
    "status": _l("Status"),
    "channel": _l("How you enrolled"),
    "group_word": _l("Group"),
    "name_typed": _l("Name as typed"),
    "received_at": _l("Received"),
    "changed_at": _l("Last change"),
    "notice": _l("Notice"),
    "note": _l("Remark"),
    "present": _l("Was there"),
    "at": _l("When"),
    "theory": _l("Theory"),
    "practice": _l("Practice"),
    "passed": _l("Passed"),
    "occupation": _l("Occupation"),
    "level": _l("Level"),
    "family": _l("Subsidy"),
    "on_date": _l("Day"),
    "district": _l("District"),
    "amount_fen": _l("Amount"),
    "paid_on": _l("Paid on"),
    "payee_name": _l("Paid to"),
    "kind": _l("Kind"),
    "text": _l("What was written"),
    "contact": _l("How to answer"),
    "answer": _l("Answer"),
    "opened_at": _l("Opened"),
    "due_on": _l("Answer by"),
    "decided_at": _l("Decided"),
    "text_version": _l("Version of the text"),
    "how": _l("How"),
    "place": _l("Place"),
    "code": _l("Message"),
    "values": _l("Values"),
    "wanted": _l("Search"),
    "proved_at": _l("Signed in"),
    "outcome": _l("Outcome"),
    "asked_at": _l("Asked"),
    "old": _l("Before"),
    "new": _l("After"),
    "phone": _l("Phone"),
    "written_at": _l("Written"),
}
CODES: Mapping[str, Words] = {
    "status": STATUS,
    "channel": CHANNEL,
    "group_word": GROUP,
    "family": FAMILY,
    "level": LEVEL_SHORT,
}


@dataclass(frozen=True)
class Section:
    """One kind of row in words: a title, and for each row its lines (label, value)."""

    title: str
    rows: Sequence[Sequence[tuple[str, str]]]


def sections(found: Everything, pack: Pack) -> list[Section]:
    """The kinds that say something to a person, in their order, then how many rows of other kinds the file holds."""
    named = [
        Section(str(title), [_lines(table, row, pack) for row in found.rows[table]])
        for table, title in TITLES.items()
        if found.rows.get(table)
    ]
    others = {table: rows for table, rows in found.rows.items() if rows and table not in TITLES}
    events = [(_("Events of the trail"), str(len(found.events)))]
    rest = [(table, str(len(rows))) for table, rows in others.items()]
    return [*named, Section(_("What only the file holds"), [[*events, *rest]])]


def _lines(table: str, row: Mapping[str, Any], pack: Pack) -> list[tuple[str, str]]:
    return [
        (str(LABELS[name]), said)
        for name, value in row.items()
        if name in LABELS and (said := _said(table, name, value, pack))
    ]


def _said(table: str, name: str, value: Any, pack: Pack) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_fen"):
        return yuan(value)
    if name.endswith(("_on", "_at")) or name in ("at", "usable_from", "on_date"):
        return _when(str(value))
    if name == "occupation" and value in pack.occupations:
        return pack.occupations[value].name.said(language())
    if name == "district" and value in pack.districts:
        return pack.districts[value].name.said(language())
    if table == "card" and name == "state":
        return word(CARD_STATE, value)
    return word(CODES[name], value) if name in CODES else str(value)


def _when(text: str) -> str:
    if len(text) == len("2026-11-25"):
        return day(date.fromisoformat(text))
    return at(datetime.fromisoformat(text))
