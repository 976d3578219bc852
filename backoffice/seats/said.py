"""Every move of a seat as a sentence: what happened, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import ngettext as counted

from training.audit import ActorKind, EventName
from training.courses.models import ClassRun
from training.enrolments.line import ClassLine, Move
from training.enrolments.models import Enrolment
from training.numbers import masked_name
from web.reasons import code_sentence
from web.written import at, day, joined

_: Callable[..., str] = gettext
ngettext: Callable[..., str] = counted


@dataclass(frozen=True)
class Said:
    """A move in words, names masked; `by` is the office that did it, empty for people and the clock."""

    at: datetime
    title: str
    why: str
    by: str


def said(move: Move, run: ClassRun, starts: Mapping[str, Any]) -> Said:
    """One move of the class `run`; `starts` gives the first day of other classes by their id."""
    event, who = move.event, _name(move.enrolment)
    title, why = _WORDS[str(event.name)](move, who, run, starts)
    by = event.office if event.actor_kind is ActorKind.STAFF else ""
    return Said(event.at, title, why, by)


def why_not_yet(line: ClassLine, row: Enrolment, place: int) -> str:
    """Why somebody in line has not been asked yet."""
    if row.without_code and row.verified_by is None:
        return _("Identity not checked yet: asked once it is")
    if row.offers_missed:
        return _("Did not answer the last offer, went to the end")
    ahead = place - 1
    if ahead:
        return ngettext("%(num)d person before", "%(num)d people before", ahead)
    if line.offered:
        return _("Next, if %(name)s says no", name=_name(line.offered[0]))
    return _("Next, as soon as a seat comes free")


def _name(enrolment: Enrolment | None) -> str:
    return masked_name(enrolment.person.name) if enrolment is not None else ""


def _enrolled(move: Move, who: str, run: ClassRun, _starts: Any) -> tuple[str, str]:
    if move.event.status == "waiting":
        return _("%(name)s joined the line", name=who), _("No seat was free")
    if move.event.status == "received":
        return _("A seat is held for %(name)s", name=who), _("No code: held until somebody checks")
    return _("%(name)s took a seat", name=who), _("First come, first served")


def _taken_over(_move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    return _("%(name)s came to a counter", name=who), _("The held seat is theirs; a second person checks")


def _reopened(move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    place = _("end of the line") if move.event.status == "waiting" else _("A seat was free")
    return _("%(name)s came back", name=who), _joined(_("The refusal was undone"), place)


def _given(_move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    return _("%(name)s got the free seat", name=who), _("Identity checked, and nobody stood before")


def _offered(move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    facts, before = move.event.facts, _name(move.before)
    why = _freed(str(facts.get("freed_by", "")), before, str(facts.get("why") or ""))
    until = facts.get("until")
    kept = _("kept until %(until)s", until=at(datetime.fromisoformat(str(until)))) if until else ""
    return _("Offered to %(name)s", name=who), _joined(why, kept)


def _freed(event: str, before: str, why: str) -> str:
    said = {
        EventName.WITHDRAWN: _("%(name)s withdrew; first in line", name=before),
        EventName.HOLD_LAPSED: _("%(name)s was not confirmed in time; first in line", name=before),
        EventName.CORRECTION_LAPSED: _("%(name)s did not correct in time; first in line", name=before),
        EventName.IDENTITY_REFUSED: _("%(name)s was refused; first in line", name=before),
        EventName.OFFER_DECLINED: _("%(name)s said no; next in line", name=before),
        EventName.OFFER_MISSED: _("%(name)s did not answer; next in line", name=before),
        EventName.OFFER_RELEASED: _("Taken back from %(name)s; next in line", name=before),
        EventName.CLASS_CHANGED: _("%(name)s went to another class; first in line", name=before),
        EventName.CLASS_CANCELLED: _("The class before will not be held; a seat was free here"),
        "desk": _joined(_("A seat was free; first in line"), why),
    }
    return said.get(event) or _("A seat was free; first in line")


def _accepted(move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    if move.event.status == "verifying":
        return _("%(name)s said yes", name=who), _("The identity is still to be checked")
    return _("%(name)s said yes", name=who), _("Enrolled")


def _declined(_move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    return _("%(name)s said no", name=who), _("Left the line; the next is asked")


def _missed(move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    if move.event.status == "expired":
        return _("%(name)s did not answer", name=who), _("Left the line, and may enrol again")
    return _("%(name)s did not answer", name=who), _("Went to the end of the line; the next is asked")


def _released(move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    why = str(move.event.facts.get("why") or "")
    return _("Taken back from %(name)s", name=who), _joined(why, _("end of the line; the next is asked"))


def _withdrawn(_move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    return _("%(name)s left", name=who), _("The seat or place goes to whoever is next")


def _lapsed(_move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    return _("The hold for %(name)s ended", name=who), _("Not confirmed in time; a place in line instead")


def _not_corrected(_move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    return _("The seat of %(name)s was freed", name=who), _("Not corrected in time")


def _refused(move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    codes = move.event.facts.get("reasons") or []
    return _("%(name)s was refused", name=who), _joined(*(code_sentence(str(code)) for code in codes))


def _line_ended(_move: Move, who: str, _run: Any, _starts: Any) -> tuple[str, str]:
    return _("%(name)s no longer waits", name=who), _("The class has begun")


def _changed(move: Move, who: str, run: ClassRun, starts: Mapping[str, Any]) -> tuple[str, str]:
    facts = move.event.facts
    if facts.get("from") == run.id:
        there = day(starts.get(str(facts.get("class"))))
        return _("%(name)s left for another class", name=who), _("Class of %(day)s", day=there)
    here = _("A place in line") if move.event.status == "waiting" else _("A seat was free")
    came = _("Class of %(day)s", day=day(starts.get(str(facts.get("from")))))
    return _("%(name)s came from another class", name=who), _joined(came, here)


def _cancelled(move: Move, who: str, run: ClassRun, starts: Mapping[str, Any]) -> tuple[str, str]:
    facts = move.event.facts
    if facts.get("class") == run.id and facts.get("from") != run.id:
        came = _("The class of %(day)s will not be held", day=day(starts.get(str(facts.get("from")))))
        return _("%(name)s came from another class", name=who), _joined(came, _("end of the line"))
    went = {
        "waiting": _("A place in the next class's line"),
        "expired": _("No next class; told and released"),
    }
    return _("%(name)s was told", name=who), went.get(str(move.event.status), "")


def _joined(*parts: str) -> str:
    return joined(parts, "；")


_WORDS: Mapping[str, Callable[[Move, str, ClassRun, Mapping[str, Any]], tuple[str, str]]] = {
    EventName.ENROLLED: _enrolled,
    EventName.TAKEN_OVER: _taken_over,
    EventName.ENROLMENT_REOPENED: _reopened,
    EventName.SEAT_GIVEN: _given,
    EventName.SEAT_OFFERED: _offered,
    EventName.SEAT_ACCEPTED: _accepted,
    EventName.OFFER_DECLINED: _declined,
    EventName.OFFER_MISSED: _missed,
    EventName.OFFER_RELEASED: _released,
    EventName.WITHDRAWN: _withdrawn,
    EventName.HOLD_LAPSED: _lapsed,
    EventName.CORRECTION_LAPSED: _not_corrected,
    EventName.IDENTITY_REFUSED: _refused,
    EventName.LINE_ENDED: _line_ended,
    EventName.CLASS_CHANGED: _changed,
    EventName.CLASS_CANCELLED: _cancelled,
}
