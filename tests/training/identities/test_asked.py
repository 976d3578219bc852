"""A correction that somebody asked for and the desk granted lies with the people who correct, until one is proposed."""

from __future__ import annotations

from tests import make
from tests.training.objections.refusals import PACK, decided
from training.audit import Actor, ActorKind
from training.database import db, new_id, transaction
from training.identities.models import ChangeKind, IdentityChange, Proof
from training.identities.queries import corrections_asked
from training.objections.models import Matter, MatterKind
from training.objections.operations import open_matter
from training.people.models import Person
from training.staff.queries import Scope

HERE = Scope(make.DISTRICT)


def asked(person: Person) -> Matter:
    actor = Actor(ActorKind.PERSON, person.id)
    kind, place = MatterKind.CORRECTION, make.DISTRICT
    return transaction(
        lambda session: open_matter(
            session, kind, actor=actor, pack=PACK, district=place, person=person, text="错了一个字"
        )
    )


def test_only_what_was_granted_and_not_proposed_yet(database, clock) -> None:
    person, reviewer = make.make_person(), make.staff("reviewer_district")
    decided(asked(person), reviewer, "dismiss", note="登记库里就是这样写的。")
    granted = asked(person)
    decided(granted, reviewer)
    asked(person)
    assert [row.id for row in corrections_asked(db.session(), HERE)] == [granted.id]
    change = IdentityChange(
        id=new_id(),
        person=person,
        person_id=person.id,
        kind=ChangeKind.NAME,
        proof=Proof.ID_CARD,
        district=make.DISTRICT,
        matter=granted.reference,
        proposed_by=make.staff("verifier").id,
        proposed_at=granted.opened_at,
        actor="tests",
        idempotency_key=new_id(),
    )
    change.old, change.new = "周小满", "周晓满"
    transaction(lambda session: session.add(change))
    assert corrections_asked(db.session(), HERE) == []


def test_A16_another_districts_are_not_there(database, clock) -> None:
    decided(asked(make.make_person()), make.staff("reviewer_district"))
    assert corrections_asked(db.session(), Scope("500112")) == []
