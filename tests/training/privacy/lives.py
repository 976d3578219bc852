"""People with something in every corner, and what a thief with the database and all its keys could read."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, text, update

from jobs.errands import do_errand
from tests import make
from tests.training.enrolments.people import enrolled, limits, registered
from training import audit, clock, keys
from training.audit import Actor, ActorKind, AuditEvent
from training.claims.lifecycle import ClaimStatus
from training.claims.models import Claim
from training.database import Model, db, transaction
from training.enrolments import operations as enrolments
from training.enrolments.models import Enrolment
from training.entitlements import operations as entitlements
from training.objections.models import MatterKind
from training.objections.operations import open_matter
from training.outbox import OutboxRow
from training.people import operations as people
from training.people.models import Draft, Person, Purpose
from training.people.operations import Look, Typed, look_at, register_account
from training.policy.queries import load_pack
from training.ports import RegisteredPerson

PACK = load_pack(make.PACK)
NAMES = ("欧阳听雪", "令狐望山", "慕容采薇", "东方既白")
FEW = 20
_serial = count(0)


def somebody(**changes: Any) -> RegisteredPerson:
    """Somebody with a name that stands nowhere else."""
    return registered(name=NAMES[next(_serial) % len(NAMES)], **changes)


def with_a_life(registries: Any, app: Any = None) -> tuple[RegisteredPerson, Person]:
    """Enrolled and withdrawn, with an account, a message, a matter, a look of a clerk and a visit."""
    known = somebody()
    registries.know(known)
    made = enrolled(registries, known, make.make_class().id)
    person = made.person
    me = Actor(ActorKind.PERSON, person.id)
    with_account(registries, known, person)
    enrolments.withdraw(person.id, made.reference, me, PACK, clock.today())
    clerk = make.actor_of(make.staff("verifier"))
    look_at(person.id, clerk, Look("verify", "case", note=f"看了{known.name}的号码", full_number=True))
    transaction(
        lambda session: open_matter(
            session,
            MatterKind.CORRECTION,
            actor=me,
            pack=PACK,
            district="",
            person=session.get_one(Person, person.id),
            text=f"我是{known.name}，手机 {known.phone}",
        )
    )
    if app is not None:
        work_off(app)
    return known, db.session().get_one(Person, person.id, populate_existing=True)


def with_account(
    registries: Any, known: RegisteredPerson, person: Person, number: str = "6222020000000000000"
) -> str:
    """A bank account, registered by a code to the phone."""
    number = luhn_closed(number[:15] + f"{next(_serial):03d}")
    draft = proved_account(registries, known, number)
    register_account(person.id, draft.id, Actor(ActorKind.PERSON, person.id), timedelta(hours=72))
    return number


def proved_account(registries: Any, known: RegisteredPerson, number: str) -> Draft:
    """An account that was typed, with the right code."""
    further = json.dumps({"account": number, "holder": known.name})
    typed = people.typed_number("number18", known.number)
    asked = Typed(f"own-{next(_serial)}", Purpose.ACCOUNT, "", known.name, typed, further=further)
    draft = people.ask_for_code(asked, limits(), "127.0.0.1")
    before = waiting_codes()
    people.answer_code_request(draft.id, registries.ports)
    (code,) = (said for row, said in waiting_codes().items() if row not in before)
    people.accept_code(draft, code, draft.session_hash)
    return draft


def waiting_codes() -> dict[str, str]:
    """The codes in messages that wait for the worker, by row."""
    rows = db.session().scalars(select(OutboxRow).where(OutboxRow.payload_sealed != ""))
    codes = ((row.id, row.payload) for row in rows)
    return {row: str(said["values"]["code"]) for row, said in codes if said.get("message") == "code"}


def luhn_closed(body: str) -> str:
    """An account number with a check digit that holds."""
    from stdnum import luhn

    return body + luhn.calc_check_digit(body)


def close_matters(person: Person) -> None:
    """As if the desk had answered everything."""
    table = Model.metadata.tables["matter"]
    closed = {"status": "dismissed", "decided_by": "staff", "decided_at": clock.now()}
    transaction(
        lambda session: session.execute(update(table).where(table.c.person_id == person.id).values(**closed))
    )


def paid(claim: Claim, on: date) -> None:
    """As if the bank had said so."""

    def work(session: Any) -> None:
        row = session.get_one(Claim, claim.id)
        row.status, row.paid_on, row.changed_at = ClaimStatus.PAID, on, clock.now()
        entitlements.use(session, row.enrolment_id, row.amount_fen)

    transaction(work)


def work_off(app: Any) -> None:
    """What the worker does, until nothing waits."""
    done: set[str] = set()
    while rows := [row for row in db.session().scalars(select(OutboxRow.id)) if row not in done]:
        for row in rows:
            do_errand(app, row)
            done.add(row)


def readable() -> str:
    """Everything in the database, with every seal opened that the keys at hand open.

    Where there are many people, their keys are tried only on what names them: the row, its enrolment or its claim.
    """
    session, said = db.session(), []
    own = {
        row.person_id: keys.unwrap(row.wrapped, f"person_key:{row.person_id}")
        for row in session.execute(
            text("select person_id, wrapped from person_key where wrapped is not null")
        )
    }
    whose = {
        row.id: row.person_id
        for name in ("enrolment", "claim")
        for row in session.execute(text(f"select id, person_id from {name}"))
    }
    for name, table in Model.metadata.tables.items():
        for row in session.execute(select(table)).mappings():
            near = {row.get("person_id"), row.get("id"), row.get("subject"), whose.get(row.get("subject"))}
            tried = list(own.values()) if len(own) <= FEW else [own[one] for one in near if one in own]
            for column, value in row.items():
                said.append(f"{value}")
                said += _opened(name, row, column, value, tried)
    return "\n".join(said)


def _opened(table: str, row: Any, column: str, value: Any, own: list[bytes]) -> list[str]:
    if not isinstance(value, str) or not value.startswith("aesgcm."):
        return []
    contexts = [f"{table}:{row.get('id')}:{column.removesuffix('_sealed')}", f"outbox:{row.get('id')}"]
    if table == "audit_event":
        contexts.append(audit.personal_context(row["kind"], row["subject"], row["n"]))
    found = []
    for context in contexts:
        for key in own if keys.is_own(value) else [None]:
            try:
                found.append(keys.unseal(value, context, key))
            except ValueError:
                continue
    return found


def sums() -> dict[str, Any]:
    """The figures that statistics, caps and accounts rest on."""
    session = db.session()
    asked = {
        "enrolments": "select district, status, count(*) from enrolment group by 1, 2 order by 1, 2",
        "claims": "select district, status, family, notice, count(*), sum(amount_fen), max(paid_on) from claim "
        "group by 1, 2, 3, 4 order by 1, 2, 3, 4",
        "years": "select family, year, sum(held), sum(used) from entitlement_year group by 1, 2 order by 1, 2",
        "entitlements": "select state, year, count(*), sum(amount_fen) from entitlement group by 1, 2 order by 1, 2",
        "results": "select passed, count(*), sum(theory) from result group by 1 order by 1",
        "attendance": "select present, count(*) from attendance group by 1 order by 1",
        "seats": "select sum(seats), sum(seats_left), sum(waiting) from class_run",
        "matters": "select kind, status, count(*) from matter group by 1, 2 order by 1, 2",
        "consents": "select text_version, count(*) from consent group by 1 order by 1",
    }
    return {name: [tuple(row) for row in session.execute(text(query))] for name, query in asked.items()}


def trail_statuses() -> list[tuple[Any, ...]]:
    """What the trail alone says of statuses, amounts and dates."""
    rows = db.session().execute(
        select(AuditEvent.kind, AuditEvent.subject, AuditEvent.n, AuditEvent.name, AuditEvent.status)
    )
    return sorted(tuple(row) for row in rows)


def enrolment_of(person: Person) -> Enrolment:
    """The newest enrolment of this person."""
    query = select(Enrolment).where(Enrolment.person_id == person.id)
    return db.session().scalars(query.order_by(Enrolment.received_at.desc())).first()  # type: ignore[return-value]
