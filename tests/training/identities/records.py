"""Records that may be one person, made with the operations, and the clerks who look at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from tests.make import DISTRICT, PACK, make_class
from tests.training.enrolments.people import enrolled, number_of, registered
from training import audit, clock
from training.audit import Actor, ActorKind
from training.database import db, new_id, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, Counter, enrol_at_counter
from training.identities import operations
from training.identities.operations import Verdict
from training.identities.queries import Group as Records
from training.identities.queries import open_group
from training.numbers import recognise
from training.people import operations as people
from training.people.models import DuplicateAnswer, Group, Person, PossibleDuplicate
from training.people.operations import Known
from training.policy.queries import load_pack
from training.ports import RegistryAnswer
from training.staff.queries import Scope

HERE = Scope(DISTRICT)
BORN = date(1985, 3, 12)
SAME, DIFFERENT, ASK = DuplicateAnswer.SAME, DuplicateAnswer.DIFFERENT, DuplicateAnswer.ASK


def clerk(name: str = "verifier-luo") -> Actor:
    return Actor(ActorKind.STAFF, name, "渝中区人力社保局", DISTRICT)


def by_register(
    registries: Any, name: str = "周小满", class_id: str | None = None, **facts: Any
) -> Enrolment:
    """Somebody whom the register knows, enrolled by phone."""
    who = registered(name=name, **({"birth_on": BORN} | facts))
    registries.know(who)
    return enrolled(registries, who, class_id or make_class().id)


def by_hand(
    name: str = "周小满", number: str | None = None, born: date | None = BORN, cards: Sequence[str] = ()
) -> Person:
    """A record of what a counsellor wrote down."""

    def work(session: Any) -> Person:
        record = people.known_by_hand(session, Known(name, born, number, tuple(cards)), "zh")
        if record.entries:
            audit.record(session, clerk("counsellor"), *record.entries)
        return record.person

    return transaction(work)


def at_counter(
    number: str | None = None, name: str = "周小满", class_id: str | None = None, by: str = "counsellor"
) -> Enrolment:
    """Somebody of whom the register knows nothing, enrolled at a counter with three lines by hand."""
    typed = recognise(number or number_of(BORN), clock.today())
    answer = RegistryAnswer("not_found", None, clock.now())
    counter = Counter(typed, answer, class_id or make_class().id, Choice(new_id(), Group.MIGRANT), name, BORN)
    return enrol_at_counter(counter, clerk(by), load_pack(PACK), clock.today())


def pairs() -> list[PossibleDuplicate]:
    """Every pair, the oldest first."""
    db.session().expire_all()
    return list(db.session().scalars(select(PossibleDuplicate).order_by(PossibleDuplicate.raised_at)))


def open_now() -> Records:
    """The only group there is."""
    found = [one for pair in pairs() if (one := open_group(db.session(), pair))]
    assert found
    return found[0]


def decide(
    answer: DuplicateAnswer, pair_id: str | None = None, actor: Actor | None = None, **more: Any
) -> Person | None:
    """The clerk's decision about the group of this pair, or of the oldest one."""
    verdict = Verdict(answer, **more)
    return operations.decide(pair_id or pairs()[0].id, HERE, actor or clerk(), verdict, load_pack(PACK))


def again(person: Person | str) -> Person:
    """The record as it stands."""
    db.session().expire_all()
    return db.session().get_one(Person, person if isinstance(person, str) else person.id)
