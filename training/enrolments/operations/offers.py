"""The answer to an offered seat: by the link of the message, signed in, or at a desk; taken, left, or taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.courses import seats
from training.database import transaction
from training.enrolments import rules
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.doubt import still_seen
from training.enrolments.operations.place import tell_status
from training.enrolments.operations.seats import (
    Freed,
    free_seat,
    offer_seats,
    reasons_not_to_hold,
    record_move,
    refuse_seat,
    settle,
)
from training.enrolments.queries import enrolment_of, locked
from training.errors import Gone, NotAllowedNow, NotThere
from training.people.models import ActKind
from training.people.operations.acts import act_of, end_acts, use_act
from training.people.operations.freezing import must_not_be_frozen
from training.policy.pack import Pack

EVENT = {"accept": EventName.SEAT_ACCEPTED, "decline": EventName.OFFER_DECLINED}


@dataclass(frozen=True)
class Answer:
    """What is said to an offer. `word`: accept or decline; `self_pay`: without the subsidy, where that is allowed."""

    word: str
    self_pay: bool = False


def answer_by_link(code: str, answer: Answer, pack: Pack) -> Enrolment:
    """One tap in the message. Ends enrolled, verifying, withdrawn, or refused when the entitlement is used elsewhere.

    Raises NotThere for a code that never was, Gone when it was used, has run out, or the offer was taken back.
    """

    def work(session: Session) -> Enrolment:
        act = act_of(session, code)
        if act.kind is not ActKind.OFFER:
            raise NotThere
        enrolment = _locked(session, act.about)
        use_act(session, code, answer.word)
        if not _is_open(enrolment):
            raise Gone
        return _answer(session, enrolment, Actor(ActorKind.PERSON, act.person_id), answer, pack)

    return transaction(work)


def answer_offer(person_id: str, reference: str, actor: Actor, answer: Answer, pack: Pack) -> Enrolment:
    """The same by the person who is signed in. Raises NotThere for another's, NotAllowedNow when it is over."""
    return transaction(
        lambda session: _answer_without_link(
            session, enrolment_of(session, person_id, reference).id, actor, answer, pack
        )
    )


def answer_for(enrolment_id: str, actor: Actor, answer: Answer, pack: Pack) -> Enrolment:
    """The same by a counsellor, for somebody who stands there; who may see the enrolment is the caller's question."""
    return transaction(lambda session: _answer_without_link(session, enrolment_id, actor, answer, pack))


def release_offer(enrolment_id: str, actor: Actor, reason: str, pack: Pack) -> Enrolment:
    """Take an offer back with a reason: the person stands at the end of the line, the next is asked.

    Raises NotAllowedNow when it was answered or has run out meanwhile.
    """

    def work(session: Session) -> Enrolment:
        enrolment = _open_offer(session, enrolment_id, actor, EventName.OFFER_RELEASED)
        end_acts(session, ActKind.OFFER, enrolment.id)
        enrolment.place = seats.line_up(session, enrolment.class_id)
        enrolment.status = next_status(enrolment.status, Action.MISS)
        _write(session, enrolment, actor, EventName.OFFER_RELEASED, why=reason)
        following = _next(session, enrolment, actor, EventName.OFFER_RELEASED, pack)
        if following is not enrolment:
            tell_status(session, enrolment, enrolment.class_run, "offer_missed")
        return enrolment

    return transaction(work)


def offer_next(class_id: str, actor: Actor, reason: str, pack: Pack, today: date) -> Enrolment:
    """Offer a free seat to the first in line. Raises NotAllowedNow when none is free, or nobody stands in line."""

    def work(session: Session) -> Enrolment:
        run = seats.lock_class(session, class_id)
        if codes := rules.reasons_of_class(run, today):
            raise NotAllowedNow(*codes)
        if run.seats_left == 0:
            raise NotAllowedNow("no_free_seat")
        asked = offer_seats(session, run, pack, [Freed("desk", why=reason)])
        if not asked.offered:
            raise NotAllowedNow("nobody_in_line")
        settle(session, run, actor, asked)
        return asked.offered[0]

    return transaction(work)


def _answer_without_link(
    session: Session, enrolment_id: str, actor: Actor, answer: Answer, pack: Pack
) -> Enrolment:
    enrolment = _open_offer(session, enrolment_id, actor, EVENT[answer.word])
    end_acts(session, ActKind.OFFER, enrolment.id)
    return _answer(session, enrolment, actor, answer, pack)


def _open_offer(session: Session, enrolment_id: str, actor: Actor, name: EventName) -> Enrolment:
    enrolment = _locked(session, enrolment_id)
    audit.attempt(session, actor, Entry(name, SubjectKind.ENROLMENT, enrolment.id))
    if not _is_open(enrolment):
        raise NotAllowedNow("offer_over")
    return enrolment


def _answer(session: Session, enrolment: Enrolment, actor: Actor, answer: Answer, pack: Pack) -> Enrolment:
    step: dict[str, Callable[..., None]] = {"accept": _accept, "decline": _decline}
    step[answer.word](session, enrolment, actor, answer, pack)
    return enrolment


def _accept(session: Session, enrolment: Enrolment, actor: Actor, answer: Answer, pack: Pack) -> None:
    """The entitlement is held now, not when it was offered: waiting uses up nothing."""
    must_not_be_frozen(enrolment.person)
    if answer.self_pay and enrolment.class_run.open_to_self_payers:
        enrolment.self_pay = True
    if refused := reasons_not_to_hold(session, enrolment, pack):
        audit.record(session, actor, refuse_seat(session, enrolment, refused))
        _next(session, enrolment, actor, EventName.IDENTITY_REFUSED, pack)
        return
    seen = still_seen(enrolment)
    enrolment.status = next_status(enrolment.status, Action.ACCEPT if seen else Action.ACCEPT_UNCHECKED)
    _write(session, enrolment, actor, EventName.SEAT_ACCEPTED, self_pay=enrolment.self_pay)
    tell_status(session, enrolment, enrolment.class_run)


def _decline(session: Session, enrolment: Enrolment, actor: Actor, _: Answer, pack: Pack) -> None:
    enrolment.status = next_status(enrolment.status, Action.WITHDRAW)
    _write(session, enrolment, actor, EventName.OFFER_DECLINED)
    tell_status(session, enrolment, enrolment.class_run, "offer_declined")
    _next(session, enrolment, actor, EventName.OFFER_DECLINED, pack)


def _next(
    session: Session, enrolment: Enrolment, actor: Actor, event: EventName, pack: Pack
) -> Enrolment | None:
    """The seat goes on to the next in line; in the trail it is the clock that asks, not who gave it up."""
    asker = Actor.system("free_seat") if actor.kind is ActorKind.PERSON else actor
    freed = Freed(event, enrolment.id, again=True)
    return free_seat(session, enrolment.class_id, asker, pack, freed)


def _locked(session: Session, enrolment_id: str) -> Enrolment:
    """The class first, then the enrolment. Raises NotThere."""
    class_id = session.scalar(select(Enrolment.class_id).where(Enrolment.id == enrolment_id))
    if class_id is None:
        raise NotThere
    seats.lock_class(session, class_id)
    return locked(session, enrolment_id)


def _is_open(enrolment: Enrolment) -> bool:
    until = enrolment.held_until
    return enrolment.status is EnrolmentStatus.OFFERED and until is not None and until > clock.now()


def _write(session: Session, enrolment: Enrolment, actor: Actor, name: EventName, **facts: object) -> None:
    enrolment.held_until, enrolment.changed_at = None, clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, name, **facts)
