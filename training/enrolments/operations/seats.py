"""Seats that move: a freed seat is offered to the first in line for some hours, and to the next after that.

Newcomers never pass the line. Whoever may free a seat holds the class before the enrolments in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.enrolments import rules
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.belonging import judge_again, reasons_against
from training.enrolments.operations.place import hold_entitlement, tell_status
from training.errors import NotEligible
from training.people.models import ActKind, Person
from training.people.operations.acts import issue_act
from training.policy.pack import Pack
from training.policy.queries import notice_numbered


@dataclass(frozen=True)
class Freed:
    """Why a seat goes to the next: the event of the enrolment that held it, kept beside the offer for the desk.

    `again`: somebody had the seat offered before, and it did not newly come free. `why`: what a desk wrote.
    """

    event: str = ""
    enrolment_id: str = ""
    again: bool = False
    why: str = ""

    @property
    def facts(self) -> Mapping[str, Any]:
        return {"freed_by": str(self.event), "from": self.enrolment_id, "why": self.why}


def free_seat(
    session: Session, class_id: str, actor: Actor, pack: Pack, freed: Freed | None = None
) -> Enrolment | None:
    """A step: one seat came free. It is offered to the first in line whose identity was proved, who is returned;
    with nobody there, or once the class takes nobody, it goes back to the class.

    Somebody whose entitlement is used up elsewhere meanwhile is refused with the reason, and the next is asked.
    """
    freed = freed or Freed()
    class_run = seats.lock_class(session, class_id)
    takes = not rules.reasons_of_class(class_run, clock.today())
    while takes and (first := first_in_line(session, class_id)) is not None:
        if offer_seat(session, first, actor, pack, freed):
            return first
    seats.put_seat_back(session, class_id, freed=0 if freed.again else 1)
    return None


def offer_seat(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack, freed: Freed) -> bool:
    """A step: the seat is kept for this one, who stands in line, until an hour that the message tells.

    False when the person cannot have it: then it is refused.
    """
    refused = reasons_not_to_offer(session, enrolment, pack)
    seats.leave_line(session, enrolment.class_id, freed=0 if refused or freed.again else 1)
    enrolment.place = None
    if refused:
        refuse_seat(session, enrolment, actor, refused)
        return False
    keep_for(session, enrolment, actor, pack, freed.facts)
    return True


def keep_for(
    session: Session,
    enrolment: Enrolment,
    actor: Actor,
    pack: Pack,
    facts: Mapping[str, Any],
    message: str = "offered",
) -> None:
    """A step: a seat is theirs to answer for; one message with one link."""
    until = rules.offer_end(clock.now(), enrolment.class_run.starts_on, pack.offers)
    enrolment.status = EnrolmentStatus.OFFERED
    enrolment.held_until, enrolment.changed_at = until, clock.now()
    enrolment.version += 1
    code = issue_act(session, ActKind.OFFER, enrolment.person, enrolment.id, until)
    record_move(session, enrolment, actor, EventName.SEAT_OFFERED, until=until.isoformat(), **facts)
    tell_status(session, enrolment, enrolment.class_run, message, until=until, act=code)


def refuse_seat(session: Session, enrolment: Enrolment, actor: Actor, reasons: list[str]) -> None:
    """A step: the person cannot have the seat, and hears why."""
    enrolment.status = next_status(enrolment.status, Action.REFUSE)
    enrolment.reasons, enrolment.held_until, enrolment.changed_at = reasons, None, clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, EventName.IDENTITY_REFUSED)
    tell_status(session, enrolment, enrolment.class_run)


def give_seat(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack) -> bool:
    """A step: somebody in line with nobody before has just been seen, and a seat is free: it is theirs.

    False when the entitlement cannot be held: then it is refused.
    """
    refused = reasons_not_to_hold(session, enrolment, pack)
    seats.leave_line(session, enrolment.class_id)
    enrolment.place = None
    if refused:
        refuse_seat(session, enrolment, actor, refused)
        return False
    seen = enrolment.verified_by is not None
    enrolment.status = next_status(enrolment.status, Action.GIVE_SEAT if seen else Action.GIVE_SEAT_UNCHECKED)
    enrolment.changed_at = clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, EventName.SEAT_GIVEN)
    tell_status(session, enrolment, enrolment.class_run)
    return True


def reasons_not_to_offer(session: Session, enrolment: Enrolment, pack: Pack) -> list[str]:
    """Why the person could not have the seat, not even by paying where the class is open to self-payers."""
    codes = reasons_not_to_accept(session, enrolment, pack)
    if codes and not enrolment.self_pay and enrolment.class_run.open_to_self_payers:
        return reasons_against(judge_again(session, enrolment, pack, clock.today(), self_pay=True))
    return codes


def reasons_not_to_accept(session: Session, enrolment: Enrolment, pack: Pack) -> list[str]:
    """Why the person could not take the seat today as they asked for it. Reads only."""
    return reasons_against(judge_again(session, enrolment, pack, clock.today()))


def reasons_not_to_hold(session: Session, enrolment: Enrolment, pack: Pack) -> list[str]:
    """Take the entitlement for the seat; what speaks against it, or nothing: it is held."""
    today = clock.today()
    assessment = judge_again(session, enrolment, pack, today)
    if codes := reasons_against(assessment):
        return codes
    enrolment.group = enrolment.group or assessment.group
    enrolment.group_source = enrolment.group_source or assessment.group_source
    notice = notice_numbered(pack, enrolment.notice)
    try:
        hold_entitlement(session, enrolment, enrolment.class_run, notice, today)
    except NotEligible as refusal:
        return list(refusal.reasons)
    return []


def first_in_line(session: Session, class_id: str) -> Enrolment | None:
    """Whoever has stood longest in line with an identity that was proved, locked; a frozen record is passed over."""
    proved = or_(Enrolment.without_code.is_(False), Enrolment.verified_by.is_not(None))
    moves = Enrolment.person.has(Person.frozen_at.is_(None))
    waiting = (Enrolment.class_id == class_id, Enrolment.status == EnrolmentStatus.WAITING, proved, moves)
    query = select(Enrolment).where(*waiting).order_by(Enrolment.place).limit(1)
    return session.scalars(query.with_for_update(of=Enrolment)).first()


def record_move(session: Session, enrolment: Enrolment, actor: Actor, name: EventName, **facts: Any) -> None:
    """The event of a seat that moved, with its class, so that a class's moves can be told from the trail."""
    told = {"class": enrolment.class_id, "place": enrolment.place, "reasons": enrolment.reasons, **facts}
    entry = Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value, told)
    audit.record(session, actor, entry)
