"""What was typed, the code to the phone on file, and the registry's answer.

Asking for a code writes one outbox row and answers at once, the same for everybody: neither words nor time
say who is registered (A02, I28). The worker asks the registry and sends.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session, joinedload

from training import clock, keys, limits, outbox
from training.database import db, new_id, transaction
from training.errors import BadInput, RegistryUnreachable
from training.limits import Limit
from training.numbers import Kind, Number
from training.outbox import Errand
from training.people.messages import tell_phone
from training.people.models import (
    AnswerOutcome,
    Draft,
    Evidence,
    OneTimeCode,
    Person,
    Phone,
    PhoneSource,
    Purpose,
)
from training.people.rules import prefix_of
from training.ports import Ports, RegisteredPerson, RegistryAnswer

DRAFT_LIFE = timedelta(minutes=30)
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
WORKER_TIMEOUT_S = 15.0
Verdict = Literal["right", "wrong", "used_up", "expired", "none"]


@dataclass(frozen=True)
class CodeLimits:
    """How often a code may be asked for; `resend` is the pause between two of one browser."""

    resend: Limit
    person: tuple[Limit, ...]
    prefix: Limit
    network: Limit
    everybody: Limit


@dataclass(frozen=True)
class Typed:
    """What step 1 was told, and where it was told: `session_hash` is the browser's. `further` is sealed."""

    session_hash: str
    purpose: Purpose
    about: str
    name: str
    number: Number
    language: str = "zh"
    carried: str = ""
    further: str | None = None


def ask_for_code(typed: Typed, code_limits: CodeLimits, network: str) -> Draft:
    """Keep what was typed for 30 minutes and ask the worker for a code. Raises TooMany.

    The row of the code is written now, with a value nobody can type, and gets its code when one is sent: so
    that a wrong try is answered alike whether or not anybody is registered (A02).
    """

    def work(session: Session) -> Draft:
        number = typed.number.value
        wanted = [(code_limits.resend, typed.session_hash), (code_limits.prefix, prefix_of(number))]
        wanted += [(limit, number) for limit in code_limits.person]
        limits.check(session, [*wanted, (code_limits.network, network), (code_limits.everybody, "")])
        draft = _keep(session, typed)
        session.add(_new_code(draft, secrets.token_hex()))
        outbox.put(session, Errand.SEND_CODE, {"draft": draft.id})
        return draft

    return transaction(work)


def keep_draft(typed: Typed) -> Draft:
    """Keep what was typed for 30 minutes, without asking for a code."""
    return transaction(lambda session: _keep(session, typed))


def clear_draft(session_hash: str, purpose: Purpose, about: str) -> None:
    """Forget what was typed ("not me")."""

    def work(session: Session) -> None:
        wanted = (Draft.session_hash == session_hash, Draft.purpose == purpose, Draft.about == about)
        for draft in session.scalars(select(Draft).where(*wanted)):
            session.execute(delete(OneTimeCode).where(OneTimeCode.draft_id == draft.id))
            session.delete(draft)

    transaction(work)


def forget_drafts(session: Session) -> None:
    """A step: what was typed and is older than its 30 minutes goes, codes with it."""
    forget_typed(session, Draft.expires_at < clock.real_now() - timedelta(minutes=1))


def forget_typed(session: Session, which: ColumnElement[bool]) -> None:
    """A step: these drafts go, codes with them."""
    over = select(Draft.id).where(which)
    session.execute(delete(OneTimeCode).where(OneTimeCode.draft_id.in_(over)))
    session.execute(delete(Draft).where(Draft.id.in_(over)).execution_options(synchronize_session=False))


def typed_indexes(person: Person) -> list[str]:
    """Under which indexes a draft stands whose number, or card, is this person's."""
    numbers = [person.number, *(card.number for card in person.cards)]
    return [Draft.number.index_of(number) for number in numbers if number]


def forget_proofs(session: Session, person: Person) -> None:
    """A step: codes that were sent to this person's old phone open nothing any more, nor does what they proved.

    What was typed stays: the person asks for a code again, and the newest phone gets it.
    """
    typed = typed_indexes(person)
    open_ones = (Draft.number_index.in_(typed), Draft.reference.is_(None), Draft.purpose != Purpose.COUNTER)
    ids = select(Draft.id).where(*open_ones)
    over = update(OneTimeCode).where(OneTimeCode.draft_id.in_(ids), OneTimeCode.used_at.is_(None))
    quietly = {"synchronize_session": False}
    session.execute(over.values(expires_at=clock.real_now()).execution_options(**quietly))
    session.execute(update(Draft).where(*open_ones).values(proved_at=None).execution_options(**quietly))


def _keep(session: Session, typed: Typed) -> Draft:
    """The browser's draft for this purpose and class: the same one when the same number is typed again."""
    wanted = (
        Draft.session_hash == typed.session_hash,
        Draft.purpose == typed.purpose,
        Draft.about == typed.about,
    )
    found = session.scalars(select(Draft).where(*wanted).with_for_update()).first()
    at = clock.real_now()
    if found is not None and (found.number != typed.number.value or found.expires_at <= at):
        session.execute(delete(OneTimeCode).where(OneTimeCode.draft_id == found.id))
        session.delete(found)
        session.flush()
        found = None
    if found is None:
        found = Draft(
            session_hash=typed.session_hash, purpose=typed.purpose, about=typed.about, created_at=at
        )
        found.number = typed.number.value
        session.add(found)
    found.name = typed.name
    found.number_kind, found.remarks = typed.number.kind, " ".join(typed.number.remarks)
    found.language, found.carried = typed.language, typed.carried or found.carried or ""
    if typed.further is not None:
        found.further = typed.further
    found.asked_at, found.expires_at = at, at + DRAFT_LIFE
    session.flush()
    return found


def number_of(draft: Draft) -> Number:
    """The number of a draft, as it was recognised."""
    return typed_number(draft.number_kind, draft.number or "", tuple(draft.remarks.split()))


def typed_number(kind: str, value: str, remarks: tuple[str, ...] = ()) -> Number:
    """A number as a row keeps it: its kind and its value."""
    return Number(cast(Kind, kind), value, remarks)


def answer_code_request(draft_id: str, ports: Ports) -> None:
    """The worker's half: ask the registry, keep its answer, send a code to the phone on file.

    Raises RegistryUnreachable, to be tried again while the draft lives. Nobody is told that there is no phone.
    """
    draft = db.session().get(Draft, draft_id)
    if draft is None or draft.expires_at <= clock.real_now():
        return
    answer = ports.social_card.look_up(number_of(draft), timeout_s=WORKER_TIMEOUT_S)
    transaction(lambda session: _code_from_answer(session, draft_id, answer))
    if answer.outcome == "unreachable":
        raise RegistryUnreachable(answer.cause or "status")


def _code_from_answer(session: Session, draft_id: str, answer: RegistryAnswer) -> None:
    draft = session.get(Draft, draft_id, with_for_update=True)
    if draft is None:
        return
    evidence = evidence_of(answer, draft.number_index)
    session.add(evidence)
    session.flush()
    draft.evidence_id = evidence.id
    phone = _phone_for_code(session, answer.person) if answer.person else None
    if phone is not None:
        code = f"{secrets.randbelow(10**6):06d}"
        if _put_code(session, draft, code):
            tell_phone(session, phone, "code", draft.language, code=code)


def _put_code(session: Session, draft: Draft, code: str) -> bool:
    """The newest row of the draft holds this code from now on; tries and end stay. False: it is over."""
    row = session.scalars(_newest_code(draft).with_for_update()).first()
    if row is None or row.used_at is not None or row.expires_at <= clock.real_now():
        return False
    row.code_hash = keys.secret_hash("code", draft.id, code)
    return True


def _newest_code(draft: Draft) -> Select[OneTimeCode]:
    codes = select(OneTimeCode).where(OneTimeCode.draft_id == draft.id)
    return codes.order_by(OneTimeCode.created_at.desc(), OneTimeCode.id.desc()).limit(1)


def _new_code(draft: Draft, code: str) -> OneTimeCode:
    at = clock.real_now()
    hashed = keys.secret_hash("code", draft.id, code)
    return OneTimeCode(draft_id=draft.id, code_hash=hashed, created_at=at, expires_at=at + CODE_LIFE)


def _phone_for_code(session: Session, person: RegisteredPerson) -> str | None:
    """A phone registered at a counter by two people goes before the registry's (A08: never one typed here)."""
    query = select(Phone).join(Person, Phone.person_id == Person.id).options(joinedload(Phone.person))
    wanted = (Person.number_index == Person.number.index_of(person.number), Phone.ended_at.is_(None))
    own = session.scalars(query.where(*wanted, Phone.source == PhoneSource.COUNTER)).first()
    return own.number if own else person.phone


def evidence_of(answer: RegistryAnswer, number_index: str) -> Evidence:
    """A registry answer as a row, sealed, with the time it was given."""
    evidence = Evidence(
        id=new_id(),
        number_index=number_index,
        outcome=AnswerOutcome(answer.outcome),
        cause=answer.cause,
        source=answer.source,
        asked_at=answer.asked_at,
    )
    evidence.answer = answer.to_json()
    return evidence


def answer_in(evidence: Evidence | None) -> RegistryAnswer | None:
    """The registry's answer that a row keeps."""
    if evidence is None or evidence.answer is None:
        return None
    return RegistryAnswer.from_json(evidence.answer)


def accept_code(draft: Draft, code: str, fresh_hash: str) -> None:
    """Check a code against the newest one sent for this draft; right: everything of this browser moves to the
    fresh session. Raises BadInput on `code`: wrong (with `left`), used_up, expired, none.

    The try is counted before the comparison, in one statement, so that a parallel burst has five tries too.
    """
    verdict, left = transaction(lambda session: _try_code(session, draft, code, fresh_hash))
    if verdict != "right":
        raise BadInput("code", verdict, left=left)


def _try_code(session: Session, draft: Draft, code: str, fresh_hash: str) -> tuple[Verdict, int]:
    at = clock.real_now()
    row = session.scalars(_newest_code(draft)).first()
    if row is None:
        return "none", 0
    if row.used_at is not None or row.expires_at <= at:
        return "expired", 0
    free = (OneTimeCode.id == row.id, OneTimeCode.tries < CODE_TRIES, OneTimeCode.used_at.is_(None))
    counted = (
        update(OneTimeCode).where(*free).values(tries=OneTimeCode.tries + 1).returning(OneTimeCode.tries)
    )
    tries = session.execute(counted).scalar()
    if tries is None:
        return "used_up", 0
    if not keys.same(row.code_hash, keys.secret_hash("code", draft.id, code)):
        return ("wrong", CODE_TRIES - tries) if tries < CODE_TRIES else ("used_up", 0)
    session.execute(update(OneTimeCode).where(OneTimeCode.id == row.id).values(used_at=at))
    session.execute(update(Draft).where(Draft.id == draft.id).values(proved_at=at))
    move_drafts(session, draft.session_hash, fresh_hash)
    return "right", 0


def move_drafts(session: Session, old_hash: str, fresh_hash: str) -> None:
    """What this browser typed follows it into the fresh session (A12)."""
    if old_hash != fresh_hash:
        moved = {"session_hash": fresh_hash, "came_from": old_hash}
        session.execute(update(Draft).where(Draft.session_hash == old_hash).values(**moved))
