"""One object of each desk, in one's own place and in another: what the matrix opens. A new desk adds its maker here.

A maker gets the town, whose place is meant and who will open it, and returns what stands in the address. It makes the
object by somebody else's hands, so that four eyes do not stand in the way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.backoffice.cases import World
from tests.make import PACK, actor_of, make_claim, make_course, make_institution
from tests.training.enrolments.people import registered
from tests.training.records.files import WANZHOU, payments
from training import clock, outbox, pulse
from training.audit import Actor, SubjectKind
from training.claims.queries.desk import batch_key
from training.database import db, new_id, transaction
from training.enrolments.models import Enrolment
from training.identities.models import ChangeKind, Proof
from training.identities.operations import Proposal, propose_change
from training.institutions.models import Institution
from training.numbers import recognise
from training.objections.models import MatterKind
from training.objections.operations import open_matter
from training.outbox import Errand, OutboxState
from training.oversight.models import ExportKind
from training.oversight.operations import Wish, ask_for_export
from training.people.models import Letter, PhoneReason, PossibleDuplicate
from training.people.operations import AskedPhone, ask_for_phone
from training.people.operations.letters import write_letter
from training.policy.queries import load_pack
from training.records.operations import upload
from training.staff.models import Role, StaffAccount
from training.staff.operations import Place as RightPlace
from training.staff.operations import Sent, propose_right
from training.staff.queries import phone_belongs_to_staff

OWN, OTHER = "own", "other"
DISTRICTS = {OWN: make.DISTRICT, OTHER: "500101"}
Path = Mapping[str, str]


@dataclass
class Town:
    """Two districts with a school each, and somebody at every desk of the first."""

    office: Flask
    registries: Any
    clock: Any
    phones: int = 18700001000

    def __post_init__(self) -> None:
        with self.office.app_context():
            self.schools = {
                place: make_institution(district=district).id for place, district in DISTRICTS.items()
            }

    def account(self, role: Role) -> StaffAccount:
        """Somebody of this role in the own place."""
        with self.office.app_context():
            return make.staff(role.value, district=DISTRICTS[OWN], institution=self.schools[OWN])

    def world(self, place: str) -> World:
        """A class in this place where people enrol."""
        return self.worlds[place]

    @cached_property
    def worlds(self) -> dict[str, World]:
        return {place: self._world(place) for place in (OWN, OTHER)}

    def _world(self, place: str) -> World:
        world = World.__new__(World)
        world.office, world.registries, world.clock = self.office, self.registries, self.clock
        with self.office.app_context():
            school = db.session().get_one(Institution, self.schools[place])
            world.class_id = make.make_class(course=make_course(institution=school)).id
        return world

    def helper(self, place: str, role: str = "counsellor") -> Actor:
        """Somebody else who works in this place."""
        return actor_of(make.staff(role, district=DISTRICTS[place]))


Maker = Callable[[Town, str, StaffAccount], Path]


def case(town: Town, place: str, _: StaffAccount) -> Path:
    """An enrolment that waits for a verifier."""
    return {"reference": town.world(place).by_phone().reference}


def claim(town: Town, place: str, who: StaffAccount) -> Path:
    """A claim in review at the level of who opens it."""
    level = "municipal_review" if who.sits_at(Role.REVIEWER_MUNICIPAL) else "district_review"
    with town.office.app_context():
        school = db.session().get_one(Institution, town.schools[place])
        made = make_claim(status=level, course=make_course(institution=school))
        return {"reference": made.reference, "key": batch_key(made)}


def slip(town: Town, place: str, who: StaffAccount) -> Path:
    """A slip of one's own, and one of a colleague at the next counter: not even that one is opened."""
    by = who.username
    if place == OTHER:
        with town.office.app_context():
            by = make.staff("counsellor").username
    return {"reference": town.world(OWN).walk_in(by).reference}


def twins(town: Town, place: str, _: StaffAccount) -> Path:
    """Two records of one place that may be one person; in each place another name."""
    name = {OWN: "周小满", OTHER: "冉建梅"}[place]
    same = {"name": name, "birth_on": date(1985, 3, 12)}
    first, second = (town.world(place).by_phone(name, **same) for _ in range(2))
    both = (PossibleDuplicate.person_a, PossibleDuplicate.person_b)
    people = sorted((first.person_id, second.person_id))
    with town.office.app_context():
        found = select(PossibleDuplicate.id).where(*(column.in_(people) for column in both))
        return {"pair": db.session.scalars(found).first() or ""}


def correction(town: Town, place: str, _: StaffAccount) -> Path:
    """A name that is to be corrected."""
    enrolment = town.world(place).by_phone()
    proposal = Proposal(ChangeKind.NAME, enrolment.person_id, "周小漫", Proof.ID_CARD, new_id())
    with town.office.app_context():
        return {"change_id": propose_change(proposal, DISTRICTS[place], town.helper(place)).id}


def letter(town: Town, place: str, _: StaffAccount) -> Path:
    """A letter that waits at a counter."""
    enrolment, key = town.world(place).by_phone(), new_id()

    def write(session: Any) -> None:
        person = session.get_one(Enrolment, enrolment.id).person
        write_letter(session, key, person, "enrolled", "zh", "您已报名", DISTRICTS[place])

    with town.office.app_context():
        transaction(write)
        found = db.session.scalars(select(Letter).where(Letter.message_id == key)).one()
        return {"letter_id": found.id}


def phone(town: Town, place: str, _: StaffAccount) -> Path:
    """A new phone that waits for the second person."""
    who = town.world(place).know(registered())
    town.phones += 1
    with town.office.app_context():
        number = recognise(who.number, clock.today())
        answer = town.registries.ports.social_card.look_up(number, timeout_s=3)
        lost, mine = PhoneReason.LOST, phone_belongs_to_staff
        asked = AskedPhone(number, answer, str(town.phones), lost, DISTRICTS[place], mine)
        return {"change_id": ask_for_phone(asked, town.helper(place), load_pack(PACK)).id}


def matter(town: Town, place: str, who: StaffAccount) -> Path:
    """An objection for the publicity clerk, a complaint for a reviewer."""
    kind = MatterKind.OBJECTION if who.sits_at(Role.PUBLICITY) else MatterKind.COMPLAINT
    said: dict[str, Any] = {"pack": load_pack(PACK), "district": DISTRICTS[place], "text": "改了地点没说"}
    with town.office.app_context():
        actor = Actor.system("feedback")
        made = transaction(lambda session: open_matter(session, kind, actor=actor, **said))
        return {"reference": made.reference}


def a_class(town: Town, place: str, _: StaffAccount) -> Path:
    """A class and somebody in it."""
    world = town.world(place)
    return {"class_id": world.class_id, "reference": world.clean().reference}


def import_of(town: Town, _: str, who: StaffAccount) -> Path:
    """A file of old payments: municipal, whoever sent it."""
    content = WANZHOU.file(payments(3))
    with town.office.app_context():
        pack, actor = load_pack(PACK), town.helper(OWN, "reviewer_municipal")
        return {"import_id": upload(actor, "万州.csv", io.BytesIO(content), pack).record.id}


def export(town: Town, place: str, who: StaffAccount) -> Path:
    """A list that a colleague asked for, with names in it: of the district, at the municipal desk of the city."""
    world, pack = town.world(place), load_pack(PACK)
    rows = [world.clean().id]
    at = None if who.sits_at(Role.REVIEWER_MUNICIPAL) else DISTRICTS[place]
    wish = Wish(ExportKind.ENROLMENTS, at, ("reference", "name"), rows, "inspection", "季度", new_id())
    with town.office.app_context():
        made = ask_for_export(wish, town.helper(place, "reviewer_district"), pack.exports)
        return {"export": made.id, "form": "csv"}


def story(town: Town, place: str, _: StaffAccount) -> Path:
    """The story of one enrolment: an auditor sees the whole city."""
    return {"kind": SubjectKind.ENROLMENT.value, "subject": town.world(place).clean().id}


def member(town: Town, _: str, __: StaffAccount) -> Path:
    """Somebody on the staff, with a right that waits."""
    with town.office.app_context():
        ning = make.staff("secadmin", district=None)
        who = make.staff("publicity")
        at = RightPlace(make.DISTRICT)
        made = propose_right(who.id, Role.VERIFIER, at, Sent("调岗"), actor_of(ning))
        return {"account": who.id, "proposal": made.id, "errand": "disable"}


def errand(town: Town, _: str, __: StaffAccount) -> Path:
    """A message that was tried to the end, and a job."""

    def work(session: Any) -> str:
        row = outbox.put(session, Errand.SEND_MESSAGE, {"phone": "19900000077", "message": "x", "values": {}})
        row.state, row.attempts, row.last_error = OutboxState.DEAD, 12, "refused"
        pulse.tell_task(session, "seal_trail", took_ms=1, next_at=clock.now(), error=None)
        return row.id

    with town.office.app_context():
        return {"row": transaction(work), "task": "seal_trail"}


# The maker of what the addresses of a desk name.
SAMPLES: Mapping[str, Maker] = {
    "verify": case,
    "claims": claim,
    "counter": slip,
    "duplicates": twins,
    "corrections": correction,
    "letters": letter,
    "phones": phone,
    "objections": matter,
    "seats": a_class,
    "records": import_of,
    "search": case,
    "exports": export,
    "audit": story,
    "staff": member,
    "status": errand,
}
