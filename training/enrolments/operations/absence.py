"""Whoever is enrolled at a counter may not have been there: limits of the desk, and word to the person (A46, A47).

The word goes to the phone on file, never to one typed at the desk, and stands on the slip.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock, keys
from training.audit import Actor, EventName
from training.enrolments.models import Enrolment, Flag
from training.enrolments.rules import Assessment
from training.errors import NotEligible
from training.people.messages import tell, tell_phone
from training.people.models import ActKind, Person, PhoneSource
from training.people.operations.acts import issue_act
from training.policy.pack import Pack
from training.staff.models import StaffAccount
from training.staff.queries import done_since

COUNTED = (EventName.ENROLLED, EventName.TAKEN_OVER)


def made_today(session: Session, staff_id: str) -> int:
    """How many people this counsellor has enrolled or taken over today."""
    morning = clock.midnight(clock.today())
    done = done_since(session, staff_id, morning)
    return sum(done[name] for name in COUNTED)


def must_have_room_today(session: Session, actor: Actor, pack: Pack) -> None:
    """A step: raises NotEligible(`day_limit`) when this counsellor has done the day's number (A47).

    The account is locked, so that two windows of one clerk count one after the other.
    """
    session.execute(select(StaffAccount.id).where(StaffAccount.id == actor.id).with_for_update())
    if made_today(session, actor.id) >= pack.counter.a_day:
        raise NotEligible("day_limit")


def drawn_at_counter(assessment: Assessment, number: str, pack: Pack) -> Assessment:
    """A share of each counsellor's people is drawn by a keyed hash that no counsellor can foresee: the verifier
    looks closer. Whoever has a flag is looked at anyway."""
    drawn = keys.draw("sample", number) * 100 < pack.counter.sample_percent
    return replace(assessment, flags=(Flag.SAMPLE,)) if drawn and not assessment.flags else assessment


def tell_of_counter(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack) -> None:
    """A step: the person is told at once that somebody enrolled them, with a link that says "this was not me".

    A phone that was in use until a few days ago is told too: who takes over a phone must not be the only one to
    hear of it.
    """
    code, person = deny_code(session, enrolment, pack), enrolment.person
    said = _said(enrolment, actor, pack) | {"act": code}
    tell(session, person, "enrolled_at_counter", **said)
    for number in _left_behind(person, pack):
        tell_phone(session, number, "enrolled_at_counter", person.language, **said)


def deny_code(session: Session, enrolment: Enrolment, pack: Pack) -> str:
    """A step: the code of a link that says "this was not me" of this enrolment, for some days."""
    return issue_act(session, ActKind.NOT_ME, enrolment.person, enrolment.id, _until(pack))


def _said(enrolment: Enrolment, actor: Actor, pack: Pack) -> dict[str, object]:
    course, is_english = enrolment.class_run.course, enrolment.person.language == "en"
    return {
        "office": actor.office,
        "course": (is_english and course.title_en) or course.title,
        "reference": enrolment.reference,
        "until": clock.on_date(_until(pack)),
    }


def _left_behind(person: Person, pack: Pack) -> list[str]:
    """Phones that one of a counter took the place of within these days."""
    since = clock.now() - timedelta(days=pack.counter.not_me_days)
    replaced = any(
        phone.source is PhoneSource.COUNTER and phone.ended_at is None and phone.seen_at > since
        for phone in person.phones
    )
    ended = [phone for phone in person.phones if phone.ended_at is not None and phone.ended_at > since]
    return [phone.number for phone in ended if phone.number] if replaced else []


def _until(pack: Pack) -> datetime:
    return clock.now() + timedelta(days=pack.counter.not_me_days)
