"""People for the tests of enrolling: what the register says of them, and the way to the last page."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import select
from stdnum.cn import ric

from tests.make import PACK, make_class
from training import clock, keys
from training.audit import Actor, ActorKind
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, enrol, withdraw
from training.limits import Limit
from training.numbers import Number, recognise
from training.outbox import Errand, OutboxRow
from training.people import operations as people
from training.people.models import Draft, Purpose
from training.policy.queries import load_pack
from training.ports import GroupEvidence, RegisteredCard, RegisteredPerson

_serial = count(1)


def number_of(born: date, area: str = "510202") -> str:
    """An invented 18-digit number with a right check digit, of somebody whom no sample draws."""
    while True:
        bare = f"{area}{born:%Y%m%d}{next(_serial) % 1000:03d}"
        number = bare + str(ric.calc_check_digit(f"{bare}0"))
        if not is_drawn(number):
            return number


def _unlike(n: int) -> str:
    """A character that sounds like no other of the next four hundred."""
    return _sounds()[n % len(_sounds())]


@cache
def _sounds() -> list[str]:
    first: dict[str, str] = {}
    for code in range(0x4E00, 0x9000):
        first.setdefault(lazy_pinyin(chr(code))[0], chr(code))
    return [letter for sound, letter in first.items() if sound.isascii()]


def is_drawn(number: str) -> bool:
    """Whether the sample of 5 % falls on this number."""
    return keys.draw("sample", number) < 0.05


def registered(**changes: Any) -> RegisteredPerson:
    """Somebody unemployed since a year, with a card in use and a phone; 41 years old."""
    n = next(_serial)
    born = changes.pop("birth_on", date(1985, 3, 12))
    fields: dict[str, Any] = {
        "number": changes.pop("number", number_of(born)),
        "name": f"周小满{_unlike(n)}",
        "birth_on": born,
        "phone": f"199{n:08d}",
        "household": "urban",
        "cards": (RegisteredCard(f"A{n:08d}", "normal", date(2020, 1, 1)),),
        "groups": (GroupEvidence("unemployed", date(2025, 6, 1), None, "unemployment_register"),),
    }
    return RegisteredPerson(**(fields | changes))


def limits() -> people.CodeLimits:
    """No limit worth the name."""
    wide = Limit("wide", 10**6, timedelta(hours=1))
    return people.CodeLimits(wide, (wide,), wide, wide, wide)


def typed(person: RegisteredPerson, class_id: str, **changes: Any) -> people.Typed:
    """What the person types in step 1."""
    text = changes.pop("number", person.number)
    number: Number = recognise(text, clock.today())
    session = changes.pop("session_hash", f"browser-{next(_serial)}")
    return people.Typed(session, Purpose.ENROL, class_id, changes.pop("name", person.name), number, **changes)


def proved(registries: Any, person: RegisteredPerson, class_id: str, **changes: Any) -> Draft:
    """A draft whose code was right: what the worker and the person do between step 1 and step 2."""
    draft = people.ask_for_code(typed(person, class_id, **changes), limits(), "127.0.0.1")
    people.answer_code_request(draft.id, registries.ports)
    code = sent_code(person.phone)
    people.accept_code(draft, code, f"fresh-{next(_serial)}")
    return db.session().get_one(Draft, draft.id, populate_existing=True)


def sent_code(phone: str | None = None) -> str:
    """The code in the newest message (to that phone) that waits for the worker; a guess where there is none."""
    rows = db.session().scalars(
        select(OutboxRow).where(OutboxRow.errand == Errand.SEND_MESSAGE).order_by(OutboxRow.created_at.desc())
    )
    told = (row.payload for row in rows)
    mine = (one for one in told if phone is None or one.get("phone") in (None, phone))
    codes = (str(one["values"]["code"]) for one in mine if one["message"] == "code")
    return next(codes, "000000")


def enrolled(registries: Any, person: RegisteredPerson, class_id: str, **choice: Any) -> Enrolment:
    """The person goes all the way by phone."""
    draft = proved(registries, person, class_id)
    chosen = Choice(choice.pop("key", draft.idempotency_key), **choice)
    return enrol(draft, class_id, chosen, load_pack(PACK), clock.today())


def link_code(message: str = "offered", reference: str | None = None) -> str:
    """The bare code of the newest link that such a message carries, for one reference or anybody."""
    rows = db.session().scalars(
        select(OutboxRow)
        .where(OutboxRow.errand == Errand.SEND_MESSAGE)
        .order_by(OutboxRow.created_at.desc(), OutboxRow.id.desc())
    )
    told = (row.payload for row in rows)
    codes = (
        str(one["values"]["act"])
        for one in told
        if one["message"] == message and reference in (None, one["values"]["reference"])
    )
    return next(codes)


def full_class(
    registries: Any, seats: int = 1, line: int = 2, **changes: Any
) -> tuple[list[Enrolment], list[Enrolment]]:
    """A class whose seats are taken, and its line: who sits there, and who waits, in order."""
    run = make_class(seats=seats, **changes)
    crowd = [registered() for _ in range(seats + line)]
    registries.know(*crowd)
    made = again(*(enrolled(registries, person, run.id) for person in crowd))
    return made[:seats], made[seats:]


def leave(enrolment: Enrolment) -> Enrolment:
    """The person withdraws."""
    actor = Actor(ActorKind.PERSON, enrolment.person_id)
    return withdraw(enrolment.person_id, enrolment.reference, actor, load_pack(PACK), clock.today())


def again(*rows: Enrolment) -> list[Enrolment]:
    """The same enrolments as they are now."""
    return [db.session().get_one(Enrolment, row.id, populate_existing=True) for row in rows]
