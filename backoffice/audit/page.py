"""Events as an auditor reads them: sentences, reasons in words, values of people sealed until a reason is given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from backoffice.seeing import was_opened
from backoffice.status.words import STANDS_OUT
from backoffice.story import staff_in, who
from training import audit, seals
from training.audit import AuditEvent, SubjectKind
from training.claims.models import Claim
from training.oversight.queries.trail import (
    Subject,
    person_of,
    related_to,
    story,
    was_refused,
    words_of,
)
from training.people.models import Person
from training.seals import Fault
from web.event_words import event_word
from web.labels import Words, word
from web.look_words import REASON, purpose_word
from web.reasons import code_sentence
from web.written import joined

KIND: Words = {
    "person": _l("A person's record"),
    "enrolment": _l("Enrolment"),
    "claim": _l("Claim"),
    "staff": _l("Staff account"),
    "notice": _l("Notice"),
    "matter": _l("Objection or request"),
    "records": _l("Old records"),
    "export": _l("Export"),
}


@dataclass(frozen=True)
class Line:
    """One event. `sealed`: it holds values of a person, `opened` what they are once a reason was given."""

    event: AuditEvent
    who: str
    what: str
    reason: str
    facts: Sequence[tuple[str, str]]
    subject: Subject
    address: str
    refused: bool
    sealed: bool
    opened: Mapping[str, Any]

    @property
    def kind_word(self) -> str:
        return word(KIND, self.event.kind.value)

    @property
    def chain(self) -> str:
        """The beginning of the event's hash, as it is written on paper."""
        return self.event.mac[:4]


@dataclass(frozen=True)
class Story:
    """Everything about one subject. `person` is whom it is about; `faults` what the verifier finds in its chain."""

    subject: Subject
    lines: Sequence[Line]
    faults: Sequence[Fault]
    person: Person | None
    is_opened: bool
    related: Sequence[tuple[str, str]]


def lines_of(session: Session, found: Sequence[AuditEvent], key: bytes | None = None) -> list[Line]:
    """Events in words; with `key`, the person's own, sealed values are opened. A handful of statements."""
    names, words = staff_in(session, found), words_of(session, found)
    return [_line(event, names, words.get((event.kind, event.subject), ""), key) for event in found]


def story_of(session: Session, subject: Subject) -> Story:
    """One subject's story, newest first. Raises NotThere."""
    found = story(session, subject)
    person = person_of(session, subject)
    opened = person is not None and was_opened(session, person.id, "audit")
    lines = lines_of(session, found, person.own_key() if person and opened else None)
    named = Subject(subject.kind, subject.id, lines[0].subject.word)
    faults = seals.chain_faults(session, subject.kind, subject.id)
    return Story(named, lines, faults, person, opened, _related(session, subject, person))


def reason_said(facts: Mapping[str, Any]) -> str:
    """Why it was done, or refused, in words."""
    codes = [facts["reason"]] if facts.get("reason") else list(facts.get("reasons") or ())
    said = [str(REASON.get(code) or STANDS_OUT.get(code) or code_sentence(str(code))) for code in codes]
    return joined(said, "；")


def _line(event: AuditEvent, names: Mapping[str, str], subject: str, key: bytes | None) -> Line:
    return Line(
        event=event,
        who=who(event, names),
        what=event_word(event.name),
        reason=reason_said(event.facts),
        facts=_facts(event.facts),
        subject=Subject(event.kind, event.subject, subject),
        address=url_for("office.audit.subject", kind=event.kind.value, subject=event.subject),
        refused=was_refused(event),
        sealed=event.personal is not None,
        opened=audit.personal_of(event, key) if key is not None else {},
    )


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else stands in an event: a look's purpose in words, everything else as it is stored."""
    if "purpose" in facts:
        facts = {"": purpose_word(facts["purpose"]), "reference": facts.get("reference")}
    return [(name, str(value)) for name, value in sorted(facts.items()) if _is_shown(name, value)]


def _is_shown(name: str, value: object) -> bool:
    """Reasons have a column of their own; internal ids say nothing to anybody."""
    is_id = isinstance(value, str) and re.fullmatch(r"[a-z2-7]{26}", value)
    return name not in ("reason", "reasons") and value not in (None, "", [], {}) and not is_id


def _related(session: Session, subject: Subject, person: Person | None) -> list[tuple[str, str]]:
    """Subjects that belong to this one: (word, address)."""
    found = []
    if person is not None and subject.kind is not SubjectKind.PERSON:
        found.append((str(KIND["person"]), _address(SubjectKind.PERSON, person.id)))
    for row in related_to(session, subject):
        kind = SubjectKind.CLAIM if isinstance(row, Claim) else SubjectKind.ENROLMENT
        found.append((row.reference, _address(kind, row.id)))
    return found


def _address(kind: SubjectKind, subject: str) -> str:
    return url_for("office.audit.subject", kind=kind.value, subject=subject)
