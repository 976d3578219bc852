"""What is known of a person in words: a section for each kind of row, a line for each thing that says something."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from training.policy.pack import Pack
from training.ports import RegistryAnswer
from training.privacy.queries import Everything
from web.desk_words import basis_word
from web.i18n import language
from web.labels import CARD_STATE, CHANNEL, FAMILY, GROUP, LEVEL_SHORT, STATUS, Words, word
from web.matter_words import KIND
from web.matter_words import STATUS as STATE_OF_MATTER
from web.messages import SENTENCES, text_of
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
    "wanted": _l("Search"),
    "proved_at": _l("Signed in"),
    "outcome": _l("Outcome"),
    "asked_at": _l("Asked"),
    "old": _l("Before"),
    "new": _l("After"),
    "phone": _l("Phone"),
    "written_at": _l("Written"),
}
MANY = 2
DATES = frozenset({"at", "usable_from", "on_date", "birth"})
CODED = frozenset({"source", "state", "how", "outcome", "payee"})
CODES: Mapping[str, Words] = {
    "status": STATUS,
    "channel": CHANNEL,
    "group_word": GROUP,
    "family": FAMILY,
    "level": LEVEL_SHORT,
}


WORDS: Words = {
    "register": _l("the register"),
    "social_card": _l("the card register"),
    "counter": _l("a job centre"),
    "enrolment": _l("an enrolment here"),
    "imported": _l("old records of a district"),
    "phone": _l("by phone"),
    "paper": _l("on paper"),
    "code": _l("code to the phone"),
    "slip": _l("code of the slip"),
    "used": _l("used"),
    "held": _l("held"),
    "released": _l("given back"),
    "card": _l("card reader"),
    "list": _l("list of the school"),
    "door": _l("at the door"),
    "found": _l("found"),
    "not_found": _l("not found"),
    "unreachable": _l("no answer"),
    "institution": _l("The school"),
    "person": _l("You"),
}


@dataclass(frozen=True)
class Section:
    """One kind of row in words. Few rows stand one below the other, many as a table with `labels` as its heads."""

    title: str
    labels: Sequence[str]
    rows: Sequence[Mapping[str, str]]

    @property
    def is_table(self) -> bool:
        return len(self.rows) > MANY


def sections(found: Everything, pack: Pack) -> list[Section]:
    """The kinds that say something to a person, in their order, then how many rows of other kinds the file holds."""
    named = [
        _section(str(title), [_lines(table, row, pack) for row in found.rows[table]])
        for table, title in TITLES.items()
        if found.rows.get(table)
    ]
    others = sum(len(rows) for table, rows in found.rows.items() if table not in TITLES)
    counts = {_("Events of the trail"): str(len(found.events)), _("Other rows"): str(others)}
    return [*named, _section(_("What only the file holds"), [counts])]


def _section(title: str, rows: Sequence[Mapping[str, str]]) -> Section:
    labels = list(dict.fromkeys(label for row in rows for label in row))
    return Section(title, labels, rows)


def _lines(table: str, row: Mapping[str, Any], pack: Pack) -> dict[str, str]:
    if table == "message":
        return {_("When"): _when(row["at"]), _("Message"): _message(row)}
    if table == "evidence":
        return _register(row)
    return {
        str(LABELS[name]): said
        for name, value in row.items()
        if name in LABELS and (said := _said(table, name, value, pack))
    }


def _message(row: Mapping[str, Any]) -> str:
    if row["code"] not in SENTENCES or not row["values"]:
        return str(row["code"])
    return text_of(row["code"], language(), json.loads(row["values"]))


def _register(row: Mapping[str, Any]) -> dict[str, str]:
    """What the register said, without the form it said it in."""
    said = {_("Asked"): _when(row["asked_at"]), _("Outcome"): word(WORDS, row["outcome"])}
    answer = RegistryAnswer.from_json(row["answer"]) if row["answer"] else None
    if answer is None or answer.person is None:
        return said
    known = answer.person
    groups = [f"{word(GROUP, one.group)} ({basis_word(one.basis)})" for one in known.groups]
    cards = [f"{one.number} ({word(CARD_STATE, one.state)})" for one in known.cards]
    more = {
        _("Name"): known.name,
        _("Number"): known.number,
        _("Phone"): known.phone or "",
        _("Cards"): ", ".join(cards),
        _("Group"): ", ".join(groups),
    }
    return said | {label: value for label, value in more.items() if value}


def _said(table: str, name: str, value: Any, pack: Pack) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_fen"):
        return yuan(value)
    if name.endswith(("_on", "_at")) or name in DATES:
        return _when(str(value))
    if name == "occupation" and value in pack.occupations:
        return pack.occupations[value].name.said(language())
    if name == "district" and value in pack.districts:
        return pack.districts[value].name.said(language())
    return _code(table, name, str(value))


def _code(table: str, name: str, value: str) -> str:
    if table == "card" and name == "state":
        return word(CARD_STATE, value)
    if table == "matter" and name in ("kind", "status"):
        return word(KIND if name == "kind" else STATE_OF_MATTER, value)
    if name in CODES:
        return word(CODES[name], value)
    return word(WORDS, value) if name in CODED else value


def _when(text: str) -> str:
    if len(text) == len("2026-11-25"):
        return day(date.fromisoformat(text))
    return at(datetime.fromisoformat(text))
