"""What stands before a night: full classes, each with offers that run out and a line behind them.

The same people serve every round: whoever lets an offer pass goes to the end of the line, and comes round again.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from tests.make import PACK, make_class, make_course
from tests.training.enrolments.people import registered
from training import audit, clock
from training.audit import Actor
from training.courses.models import ClassRun
from training.database import transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Channel, Enrolment, GroupSource
from training.enrolments.operations.place import Choice, enrolled_entry, new_enrolment
from training.enrolments.rules import Assessment
from training.numbers import recognise
from training.people import operations as people
from training.people.models import Group
from training.policy.queries import load_pack, notice_for
from training.ports import RegistryAnswer

OFFERS = 4  # a class, and as many in line behind them
FIRST_BIRTH = date(1970, 1, 1)
KNOWN = Assessment((), (), (), Group.UNEMPLOYED, GroupSource.REGISTER, False, False)


def full_classes(number: int) -> list[str]:
    """`number` classes whose seats are all offered, with a line as long; their ids."""
    course = make_course()
    made = [make_class(course=course, seats=OFFERS) for _ in range(number)]
    for place, run in enumerate(made):
        transaction(partial(_fill, found=run, number=place))
    return [run.id for run in made]


def run_out() -> None:
    """It is the morning after: no offer was answered, and nobody has let one pass before."""
    at = clock.now() - timedelta(minutes=1)
    is_offered = Enrolment.status == EnrolmentStatus.OFFERED
    ends = update(Enrolment).where(is_offered).values(held_until=at, offers_missed=0)
    fresh = update(Enrolment).values(offers_missed=0)
    for step in (fresh, ends):
        transaction(partial(_at_once, step=step))


def _at_once(session: Session, step: Update) -> None:
    session.execute(step.execution_options(synchronize_session=False))


def _fill(session: Session, found: ClassRun, number: int) -> None:
    run = session.get_one(ClassRun, found.id)
    for n in range(2 * OFFERS):
        born = FIRST_BIRTH + timedelta(days=number * 2 * OFFERS + n)
        session.add(_enrolment(session, run, born, place=n - OFFERS + 1 if n >= OFFERS else None))
    run.seats_left, run.waiting, run.last_place = 0, OFFERS, OFFERS


def _enrolment(session: Session, run: ClassRun, born: date, place: int | None) -> Enrolment:
    person, pack = registered(birth_on=born), load_pack(PACK)
    number, answer = recognise(person.number, clock.today()), RegistryAnswer("found", person, clock.now())
    record = people.person_for(session, person, number, "zh")
    notice = notice_for(pack, run.district, run.starts_on)
    made = new_enrolment(run, record.person, notice, person.name, number, Choice(person.number), KNOWN)
    made.evidence = people.evidence_of(answer, record.person.number_index or "")
    made.channel, made.actor, made.verified_by = Channel.PHONE, record.person.id, "system"
    made.status = EnrolmentStatus.OFFERED if place is None else EnrolmentStatus.WAITING
    made.place, made.held_until = place, clock.now() if place is None else None
    audit.record(session, Actor.system("night"), *record.entries, enrolled_entry(made))
    return made
