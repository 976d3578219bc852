"""A matter is decided: upheld or dismissed, by somebody who had no part in what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.errors import BadInput, FourEyes, NotAllowedNow, NotThere
from training.objections.lifecycle import Action, MatterKind, next_status
from training.objections.models import Matter
from training.objections.operations.appeal import grant_appeal
from training.objections.operations.not_me import dismiss_not_me, uphold_not_me
from training.objections.queries import matter_in_scope, reasons_closed
from training.objections.rules import reasons_against_answer
from training.people.messages import tell, tell_phone
from training.policy.pack import Pack
from training.staff.models import StaffAccount
from training.staff.queries import Scope

# What an upheld matter does beside its answer, inside the same transaction; returns how it turned out.
Effect = Callable[[Session, Matter, Actor, Pack, date], str]
OWN_EFFECTS: dict[tuple[MatterKind, Action], Effect] = {
    (MatterKind.APPEAL, Action.UPHOLD): grant_appeal,
    (MatterKind.NOT_ME, Action.UPHOLD): uphold_not_me,
    (MatterKind.NOT_ME, Action.DISMISS): dismiss_not_me,
}
EVENT = {Action.UPHOLD: EventName.MATTER_UPHELD, Action.DISMISS: EventName.MATTER_DISMISSED}
OTHERS_DESK = frozenset({"other_desk", "decided_it_before", "district_has_it"})
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")


@dataclass(frozen=True)
class Answer:
    """The decision, what the person reads, and the version that was in front of the clerk."""

    decision: Action
    note: str
    seen_version: int | None = None


def decide(
    reference: str,
    scope: Scope,
    actor: Actor,
    answer: Answer,
    pack: Pack,
    effects: Mapping[tuple[MatterKind, Action], Effect] | None = None,
) -> Matter:
    """Uphold or dismiss a matter and answer it. `effects`: what the decision does to subjects above this one.

    Raises NotThere; NotAllowedNow(`decided`, `changed_meanwhile`); FourEyes for those who had a part in it or sit at
    another desk; BadInput(note) with the code of `rules.reasons_against_answer`.
    """

    def work(session: Session) -> Matter:
        matter = _for_decision(session, reference, scope, actor, answer)
        name = matter.person.name if matter.person else ""
        if faults := reasons_against_answer(answer.note, name):
            raise BadInput("note", faults[0])
        matter.status = next_status(matter.status, answer.decision)
        matter.decided_by, matter.decided_at = actor.id, clock.now()
        matter.answer, matter.version = answer.note.strip(), matter.version + 1
        effect = (OWN_EFFECTS | dict(effects or {})).get((matter.kind, answer.decision))
        outcome = effect(session, matter, actor, pack, clock.today()) if effect else ""
        facts = {
            "kind": matter.kind.value,
            "about": matter.about,
            "outcome": outcome,
            "led_to": matter.led_to,
        }
        name_of_event, status = EVENT[answer.decision], matter.status.value
        audit.record(session, actor, Entry(name_of_event, SubjectKind.MATTER, matter.id, status, facts))
        _tell_answer(session, matter)
        return matter

    return transaction(work)


def tell_matter(session: Session, matter: Matter, message: str) -> None:
    """A step: one message about a matter to its person, or to the mobile phone a stranger left."""
    values = {"reference": matter.reference, "until": matter.due_on}
    if matter.person is not None:
        tell(session, matter.person, message, **values)
        return
    phone = _MOBILE.fullmatch(re.sub(r"[\s\-]", "", matter.contact or ""))
    if phone is not None:
        tell_phone(session, phone[1], message, matter.language, **values)


def _for_decision(session: Session, reference: str, scope: Scope, actor: Actor, answer: Answer) -> Matter:
    """The matter, locked, if this member of staff may decide it now."""
    found = matter_in_scope(session, reference, scope)
    query = select(Matter).where(Matter.id == found.id).with_for_update(of=Matter)
    matter = session.scalars(query.execution_options(populate_existing=True)).one()
    account = session.get(StaffAccount, actor.id)
    if account is None or account.disabled_at is not None:
        raise NotThere(reference)
    audit.attempt(session, actor, Entry(EVENT[answer.decision], SubjectKind.MATTER, matter.id))
    reasons = reasons_closed(session, matter, account)
    if OTHERS_DESK & set(reasons):
        raise FourEyes(*reasons)
    if reasons:
        raise NotAllowedNow(*reasons)
    if answer.seen_version is not None and answer.seen_version != matter.version:
        raise NotAllowedNow("changed_meanwhile")
    return matter


def _tell_answer(session: Session, matter: Matter) -> None:
    is_appeal = matter.kind is MatterKind.APPEAL
    tell_matter(session, matter, f"appeal_{matter.status.value}" if is_appeal else "matter_answered")
