"""A number at the counter: the registry is asked while the person waits, and what it said is kept for a while."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from training import clock
from training.audit import Actor
from training.database import transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations.counter import Slip, print_slip, print_slip_once
from training.numbers import Number
from training.people import operations as people
from training.people.models import Draft, Evidence, LookPurpose, Person, Purpose
from training.people.operations import Look
from training.people.queries import draft_of
from training.policy.pack import Pack
from training.ports import Ports, RegistryAnswer

DOOR_TIMEOUT_S = 3.0
ANSWER_LIFE = timedelta(minutes=10)
CODE_LIFE = timedelta(minutes=10)
ANSWER_KEPT = timedelta(hours=1)


def look_up(session_hash: str, number: Number, language: str, ports: Ports, actor: Actor) -> Draft:
    """Ask the registry, three seconds at most, and keep number and answer for this member of staff.

    A dead registry is an answer too. Where the person has a record, the look is written into it.
    """
    answer = ports.social_card.look_up(number, timeout_s=DOOR_TIMEOUT_S)
    kept = people.keep_draft(people.Typed(session_hash, Purpose.COUNTER, "", "", number, language))

    def work(session: Session) -> Draft:
        draft = session.get_one(Draft, kept.id)
        evidence = people.evidence_of(answer, draft.number_index)
        session.add(evidence)
        session.flush()
        draft.evidence, draft.evidence_id = evidence, evidence.id
        known = _record_of(session, answer)
        if known is not None:
            people.look_step(session, [known], actor, Look("counter", LookPurpose.AT_COUNTER))
        return draft

    return transaction(work)


def answer_for(session: Session, session_hash: str, number: Number, ports: Ports) -> RegistryAnswer:
    """What the registry says about `number`: the answer of the look-up while it is fresh, else it is asked again."""
    draft = draft_of(session, session_hash, Purpose.COUNTER)
    if draft is not None and draft.number == number.value:
        kept = people.answer_in(draft.evidence)
        if kept and kept.outcome != "unreachable" and kept.asked_at > clock.now() - ANSWER_LIFE:
            return kept
    return ports.social_card.look_up(number, timeout_s=DOOR_TIMEOUT_S)


def print_slip_for(
    session_hash: str, enrolment_id: str, reference: str, actor: Actor, pack: Pack, key: str = ""
) -> None:
    """Make a slip's codes and keep them, sealed, for ten minutes, for the page that prints it; the old one ends. The
    same form twice makes them once.

    Raises NotThere when this member of staff did not make the enrolment.
    """
    made = print_slip_once(enrolment_id, key, actor, pack) if key else print_slip(enrolment_id, actor, pack)
    if made is None:
        return
    shown, codes = Number("card", reference), f"{made.code} {made.deny}"
    people.keep_draft(people.Typed(session_hash, Purpose.COUNTER, enrolment_id, codes, shown))


def slip_of(session: Session, session_hash: str, enrolment_id: str) -> Slip | None:
    """The codes that were just made for this enrolment; None once ten minutes have passed."""
    kept = draft_of(session, session_hash, Purpose.COUNTER, enrolment_id)
    if kept is None or kept.asked_at is None or kept.asked_at < clock.real_now() - CODE_LIFE:
        return None
    return Slip(*(kept.name or " ").split(" ", 1))


def forget_answers(session: Session) -> None:
    """A step: what the register said about somebody with whom no case was made goes, once nothing rests on it."""
    of_cases = select(Evidence.number_index).join(Enrolment, Enrolment.evidence_id == Evidence.id)
    of_drafts = select(Draft.evidence_id).where(Draft.evidence_id.is_not(None))
    old = (Evidence.asked_at < clock.now() - ANSWER_KEPT, Evidence.number_index.not_in(of_cases))
    unused = delete(Evidence).where(*old, Evidence.id.not_in(of_drafts))
    session.execute(unused.execution_options(synchronize_session=False))


def _record_of(session: Session, answer: RegistryAnswer) -> str | None:
    if answer.person is None:
        return None
    index = Person.number.index_of(answer.person.number)
    return session.scalar(select(Person.id).where(Person.number_index == index))
