"""Seats that move: a freed seat is offered to the first in line for some hours, and to the next after that.

Newcomers never pass the line. Whoever may free a seat holds the class before the enrolments in it. Several seats
of one class go on in a few statements together: a night may end a thousand offers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, lazyload

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.belonging import Past, judge_again, past_of, reasons_against
from training.enrolments.operations.doubt import still_seen
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


@dataclass(frozen=True)
class Asked:
    """Who was offered a seat, and who was in line and could not have one; `entries` tell the trail of both."""

    offered: Sequence[Enrolment]
    refused: Sequence[Enrolment]
    entries: Sequence[Entry]

    @property
    def left_line(self) -> int:
        return len(self.offered) + len(self.refused)


def free_seat(
    session: Session, class_id: str, actor: Actor, pack: Pack, freed: Freed | None = None
) -> Enrolment | None:
    """A step: one seat came free. It is offered to the first in line whose identity was proved, who is returned;
    with nobody there, or once the class takes nobody, it goes back to the class.

    Somebody whose entitlement is used up elsewhere meanwhile is refused with the reason, and the next is asked.
    """
    run, freed = seats.lock_class(session, class_id), freed or Freed()
    asked = offer_seats(session, run, pack, [freed])
    seats.settle_line(
        session,
        class_id,
        waiting=-asked.left_line,
        left=1 - len(asked.offered),
        freed=0 if freed.again else 1,
    )
    if asked.entries:
        audit.record(session, actor, *asked.entries)
    return next(iter(asked.offered), None)


def offer_seats(session: Session, run: ClassRun, pack: Pack, freed: Sequence[Freed]) -> Asked:
    """A step on a class that is locked: ask as many of its line as seats are `freed`, in order.

    The caller settles the counts of the class and writes the trail.
    """
    offered: list[Enrolment] = []
    refused: list[Enrolment] = []
    entries: list[Entry] = []
    takes = not rules.reasons_of_class(run, clock.today())
    while takes and (rows := first_in_line(session, run.id, len(freed) - len(offered))):
        past = past_of(session, rows, run)
        for row in rows:
            reasons = reasons_not_to_offer(session, row, pack, past)
            row.place_before, row.place = row.place, None
            if reasons:
                refused.append(row)
                entries.append(refuse_seat(session, row, reasons))
            else:
                facts = freed[len(offered)].facts
                offered.append(row)
                entries.append(keep_for(session, row, pack, facts))
    return Asked(offered, refused, entries)


def settle(session: Session, run: ClassRun, actor: Actor, asked: Asked) -> None:
    """A step: who was asked leaves the line for seats that were free, and the trail says so."""
    taken = len(asked.offered)
    seats.settle_line(session, run.id, waiting=-asked.left_line, left=-taken)
    if asked.entries:
        audit.record(session, actor, *asked.entries)


def keep_for(
    session: Session, enrolment: Enrolment, pack: Pack, facts: Mapping[str, Any], message: str = "offered"
) -> Entry:
    """A step: a seat is theirs to answer for; one message with one link. Returns what the trail is to say."""
    until = rules.offer_end(clock.now(), enrolment.class_run.starts_on, pack.offers)
    enrolment.status = EnrolmentStatus.OFFERED
    enrolment.held_until, enrolment.changed_at = until, clock.now()
    enrolment.version += 1
    code = issue_act(session, ActKind.OFFER, enrolment.person, enrolment.id, until)
    tell_status(session, enrolment, enrolment.class_run, message, until=until, act=code)
    return move_entry(enrolment, EventName.SEAT_OFFERED, until=until.isoformat(), **facts)


def refuse_seat(session: Session, enrolment: Enrolment, reasons: list[str]) -> Entry:
    """A step: the person cannot have the seat, and hears why. Returns what the trail is to say."""
    enrolment.status = next_status(enrolment.status, Action.REFUSE)
    enrolment.reasons, enrolment.held_until, enrolment.changed_at = reasons, None, clock.now()
    enrolment.version += 1
    tell_status(session, enrolment, enrolment.class_run)
    return move_entry(enrolment, EventName.IDENTITY_REFUSED)


def give_seat(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack) -> bool:
    """A step: somebody in line with nobody before has just been seen, and a seat is free: it is theirs.

    False when the entitlement cannot be held: then it is refused.
    """
    refused = reasons_not_to_hold(session, enrolment, pack)
    seats.leave_line(session, enrolment.class_id)
    enrolment.place = None
    if refused:
        audit.record(session, actor, refuse_seat(session, enrolment, refused))
        return False
    seen = still_seen(enrolment)
    enrolment.status = next_status(enrolment.status, Action.GIVE_SEAT if seen else Action.GIVE_SEAT_UNCHECKED)
    enrolment.changed_at = clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, EventName.SEAT_GIVEN)
    tell_status(session, enrolment, enrolment.class_run)
    return True


def reasons_not_to_offer(
    session: Session, enrolment: Enrolment, pack: Pack, past: Past | None = None
) -> list[str]:
    """Why the person could not have the seat, not even by paying where the class is open to self-payers."""
    today = clock.today()
    codes = reasons_against(judge_again(session, enrolment, pack, today, past=past))
    if codes and not enrolment.self_pay and enrolment.class_run.open_to_self_payers:
        return reasons_against(judge_again(session, enrolment, pack, today, self_pay=True, past=past))
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


def first_in_line(session: Session, class_id: str, number: int) -> Sequence[Enrolment]:
    """Those who have stood longest in line with an identity that was proved, locked; at most `number`.

    Somebody whose record is frozen keeps the place, and is asked once that is settled.
    """
    if number < 1:
        return ()
    proved = or_(Enrolment.without_code.is_(False), Enrolment.verified_by.is_not(None))
    waiting = (Enrolment.class_id == class_id, Enrolment.status == EnrolmentStatus.WAITING, proved)
    is_open = Enrolment.person.has(Person.frozen_at.is_(None))
    query = select(Enrolment).where(*waiting, is_open).order_by(Enrolment.place).limit(number)
    # The class is at hand, locked.
    query = query.options(lazyload(Enrolment.class_run)).with_for_update(of=Enrolment)
    return session.scalars(query).all()


def move_entry(enrolment: Enrolment, name: EventName, **facts: Any) -> Entry:
    """The event of a seat that moved, with its class, so that a class's moves can be told from the trail."""
    told = {"class": enrolment.class_id, "place": enrolment.place, "reasons": enrolment.reasons, **facts}
    return Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value, told)


def record_move(session: Session, enrolment: Enrolment, actor: Actor, name: EventName, **facts: Any) -> None:
    """The same, written at once."""
    audit.record(session, actor, move_entry(enrolment, name, **facts))
