"""The register and the application side by side, with the characters that differ."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from flask_babel import gettext

from training.clock import on_date
from training.enrolments.models import Channel, Enrolment, GroupSource
from training.numbers import masked, masked_phone
from training.people.rules import same_name
from training.ports import GroupEvidence, RegisteredPerson, RegistryAnswer
from web.desk_words import HOUSEHOLD, basis_word
from web.i18n import language
from web.labels import CARD_STATE, GROUP, word
from web.written import day

_: Callable[..., str] = gettext
Match = Literal["same", "different", "missing"]
Mask = Callable[[str], str]


@dataclass(frozen=True)
class Piece:
    """A stretch of text; marked where the two sides differ."""

    text: str
    is_marked: bool = False


Pieces = tuple[Piece, ...]
NOTHING: Pieces = (Piece("—"),)


@dataclass(frozen=True)
class Line:
    """One field: what the register says, what was entered, and how the two relate."""

    field: str
    label: str
    registered: Pieces
    entered: Pieces
    match: Match
    is_name: bool = False


def differences(one: str, other: str) -> tuple[Pieces, Pieces]:
    """Both texts, cut where they differ. Characters that NFKC makes equal are the same; letters keep their accents."""
    left, right = _letters(one), _letters(other)
    if len(left) == len(right):
        return _by_place(left, right), _by_place(right, left)
    plain = [[_plain(letter) for letter in side] for side in (left, right)]
    first: list[Piece] = []
    second: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, plain[0], plain[1], autojunk=False).get_opcodes():
        if a < b:
            first.append(Piece("".join(left[a:b]), kind != "equal"))
        if c < d:
            second.append(Piece("".join(right[c:d]), kind != "equal"))
    return tuple(first), tuple(second)


def compared(case: Enrolment, answer: RegistryAnswer | None, today: date) -> list[Line]:
    """Every field of a case. Without an answer the register's side is empty."""
    person = answer.person if answer else None
    asked_on = on_date(answer.asked_at) if answer else today
    return [
        _name(case, person),
        _number(case, person),
        _birth(case, person),
        _card(case, person),
        _told(
            "household",
            _("Household"),
            word(HOUSEHOLD, person.household) if person and person.household else "",
        ),
        _told("insurance", _("Insurance"), _insured(person, asked_on) if person else ""),
        _phone(case, person),
        _group(case, person),
    ]


def count_of_differences(lines: Sequence[Line]) -> int:
    """How many fields differ."""
    return sum(line.match == "different" for line in lines)


def proofs(person: RegisteredPerson, on: date) -> list[GroupEvidence]:
    """What the register proves about groups on the day `on`."""
    return [found for found in person.groups if found.covers(on)]


def proof_sentence(found: GroupEvidence, person: RegisteredPerson) -> str:
    """`农民工：农村户口，2005 年 3 月 1 日起`; without the day where it is the birthday, which stays masked."""
    group, basis = word(GROUP, found.group), basis_word(found.basis)
    if found.from_on == person.birth_on:
        return _("%(group)s: %(basis)s", group=group, basis=basis)
    return _("%(group)s: %(basis)s, since %(day)s", group=group, basis=basis, day=day(found.from_on))


def _name(case: Enrolment, person: RegisteredPerson | None) -> Line:
    label = _("Name")
    if person is None:
        return Line("name", label, NOTHING, (Piece(case.name_typed),), "missing", True)
    same = same_name(person.name, case.name_typed)
    registered, entered = differences(person.name, case.name_typed)
    if same:
        registered, entered = (Piece(person.name),), (Piece(case.name_typed),)
    return Line("name", label, registered, entered, "same" if same else "different", True)


def _number(case: Enrolment, person: RegisteredPerson | None) -> Line:
    typed = case.number if case.number_kind != "card" else None
    return _pair("number", _("Number"), person.number if person else None, typed, masked)


def _birth(case: Enrolment, person: RegisteredPerson | None) -> Line:
    typed = case.number or ""
    if case.number_kind in ("number18", "number15"):
        entered = f"{typed[6:10]}-{typed[10:12]}-{typed[12:14]}"
    else:
        own = case.person.birth_on if person is None else None
        entered = own.isoformat() if own else ""
    registered = person.birth_on.isoformat() if person else None
    return _pair("birth", _("Date of birth"), registered, entered or None, lambda text: f"{text[:4]}-**-**")


def _card(case: Enrolment, person: RegisteredPerson | None) -> Line:
    typed = case.number if case.number_kind == "card" else None
    card = None if person is None else (person.card(typed) if typed else person.card_in_use())
    told = f"{masked(card.number)} · {word(CARD_STATE, card.state)}" if card else ""
    entered = (Piece(masked(typed)),) if typed else NOTHING
    registered = (Piece(told),) if told else NOTHING
    if card is None or typed is None:
        return Line("card", _("Card"), registered, entered, "missing")
    return Line("card", _("Card"), registered, entered, "same" if card.state == "normal" else "different")


def _phone(case: Enrolment, person: RegisteredPerson | None) -> Line:
    on_file = masked_phone(person.phone) if person and person.phone else ""
    registered = (Piece(on_file),) if on_file else NOTHING
    proved = bool(on_file) and case.channel is Channel.PHONE and not case.without_code
    entered = (Piece(_("the code was sent to this phone and came back")),) if proved else NOTHING
    return Line("phone", _("Phone on file"), registered, entered, "same" if proved else "missing")


def _group(case: Enrolment, person: RegisteredPerson | None) -> Line:
    found = (
        [proof_sentence(one, person) for one in proofs(person, case.class_run.starts_on)] if person else []
    )
    told = ("; " if language() == "en" else "；").join(found) or _("no proof in the register")
    declared = case.group_source is GroupSource.DECLARED
    entered = word(GROUP, case.group) if case.group else "—"
    if declared:
        entered = _("%(group)s, own statement", group=entered)
    match: Match = "same" if case.group_source is GroupSource.REGISTER else "missing"
    return Line("group", _("Group"), (Piece(told),) if person else NOTHING, (Piece(entered),), match)


def _insured(person: RegisteredPerson, on: date) -> str:
    return (
        _("insured by an employer")
        if any(job.covers(on) for job in person.employed)
        else _("not insured by an employer")
    )


def _told(field: str, label: str, text: str) -> Line:
    return Line(field, label, (Piece(text),) if text else NOTHING, NOTHING, "missing")


def _pair(field: str, label: str, registered: str | None, entered: str | None, mask: Mask) -> Line:
    left = (Piece(mask(registered)),) if registered else NOTHING
    right = (Piece(mask(entered)),) if entered else NOTHING
    if registered is None or entered is None:
        return Line(field, label, left, right, "missing")
    if registered == entered:
        return Line(field, label, left, right, "same")
    return Line(field, label, *differences(mask(registered), mask(entered)), "different")


def _letters(text: str) -> list[str]:
    """Letters with the marks and variation selectors that belong to them."""
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        if found and (unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me")):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _by_place(own: Sequence[str], other: Sequence[str]) -> Pieces:
    """Names of the same length are compared place by place, as a person does."""
    pairs = zip(own, other, strict=True)
    marked = [(letter, _plain(letter) != _plain(there)) for letter, there in pairs]
    return tuple(
        Piece("".join(letter for letter, _same in run), differs)
        for differs, run in groupby(marked, key=lambda pair: pair[1])
    )


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFKC", letter).upper()
