"""Proving who somebody is: the code to the phone on file, the registry's answer, the record, the session.

Asking for a code writes one outbox row and answers at once, the same for everybody: neither words nor time
say who is registered (A02, I28). The worker asks the registry and sends.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

from sqlalchemy import Select, delete, literal, select, union_all, update
from sqlalchemy.orm import Session, joinedload

from training import audit, clock, keys, limits, outbox
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import db, new_id, transaction
from training.errors import BadInput, RegistryUnreachable
from training.limits import Limit
from training.numbers import Kind, Number
from training.outbox import Errand
from training.people.messages import tell_phone
from training.people.models import (
    AnswerOutcome,
    Card,
    CardState,
    Consent,
    Draft,
    Evidence,
    OneTimeCode,
    Person,
    PersonKey,
    Phone,
    PhoneSource,
    PossibleDuplicate,
    Purpose,
    VisitorSession,
)
from training.people.rules import LAST4, normal_name, prefix_of
from training.ports import Ports, RegisteredPerson, RegistryAnswer

DRAFT_LIFE = timedelta(minutes=30)
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
SESSION_LIFE = timedelta(hours=12)
WORKER_TIMEOUT_S = 15.0
PRIVACY_VERSION = "2026-11"


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
    """What step 1 was told, and where it was told: `session_hash` is the browser's."""

    session_hash: str
    purpose: Purpose
    about: str
    name: str
    number: Number
    language: str = "zh"
    carried: str = ""


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
    over = select(Draft.id).where(Draft.expires_at < clock.real_now() - timedelta(minutes=1))
    session.execute(delete(OneTimeCode).where(OneTimeCode.draft_id.in_(over)))
    session.execute(delete(Draft).where(Draft.id.in_(over)).execution_options(synchronize_session=False))


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


Verdict = Literal["right", "wrong", "used_up", "expired", "none"]


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


def sign_in(draft: Draft, actor_office: str = "") -> VisitorSession:
    """Open a session for the person of a proved sign-in draft; a first-time person gets a record. A step of
    nothing else: one transaction, one event."""

    def work(session: Session) -> VisitorSession:
        current = session.get(Draft, draft.id, with_for_update=True)
        answer = answer_in(current.evidence) if current is not None else None
        if current is None or current.proved_at is None or answer is None or answer.person is None:
            raise BadInput("code", "none")
        found = person_for(session, answer.person, number_of(current), current.name or "", current.language)
        actor = Actor(audit.ActorKind.PERSON, found.person.id, actor_office)
        row = open_session(session, found.person, current.session_hash, "code")
        audit.record(
            session,
            actor,
            *found.entries,
            _signed_in(found.person, is_first=bool(found.entries), entries=found.entries),
        )
        current.expires_at = clock.real_now()
        return row

    return transaction(work)


def _signed_in(person: Person, *, is_first: bool, entries: list[Entry]) -> Entry:
    facts = {"how": "code"}
    return Entry(EventName.SIGNED_IN, SubjectKind.PERSON, person.id, facts=facts, is_first=is_first)


def open_session(session: Session, person: Person, session_hash: str, how: str) -> VisitorSession:
    """A step: a session row for this browser, taking the place of the one it had."""
    at = clock.real_now()
    row = session.get(VisitorSession, session_hash)
    if row is None:
        row = VisitorSession(id_hash=session_hash)
        session.add(row)
    row.person, row.person_id, row.how = person, person.id, how
    row.proved_at = row.seen_at = at
    row.expires_at, row.ended_at = at + SESSION_LIFE, None
    return row


def sign_out(session_hash: str) -> None:
    """End this browser's session; its cookie is worth nothing from now on (A13)."""
    at = clock.real_now()
    ended = update(VisitorSession).where(VisitorSession.id_hash == session_hash).values(ended_at=at)
    transaction(lambda session: session.execute(ended))


def keep_alive(row: VisitorSession) -> None:
    """Note that the person is still here, at most once a minute."""
    at = clock.real_now()
    if at - row.seen_at > timedelta(minutes=1):
        seen = update(VisitorSession).where(VisitorSession.id_hash == row.id_hash).values(seen_at=at)
        transaction(lambda session: session.execute(seen))


# Records -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """The record of a person, found or made. `others` are possible duplicates, `phone_owners` counts the
    other people with the same phone, `entries` are the events of a new record."""

    person: Person
    is_new: bool
    others: tuple[str, ...]
    phone_owners: int
    entries: list[Entry]


def person_for(
    session: Session, registered: RegisteredPerson, number: Number, name: str, language: str
) -> Record:
    """A step: the record of a registered person, made when there is none, brought up to date when there is.

    Matches on another record's card, or name with birth date, raise a possible duplicate on both; a phone alone
    never does. Cards and phones are dated history.
    """
    matches = _matches(session, registered, number)
    phones = matches.pop("phones", [])
    person = _own(session, matches.pop("number", []))
    is_new = person is None
    if person is None:
        person = new_person(session, registered.name, registered.number, registered.birth_on, language)
    else:
        _bring_up_to_date(person, registered, language)
    seen = _keep_cards(session, person, registered, is_new)
    _keep_phone(session, person, registered, is_new)
    others = tuple(sorted({found for ids in matches.values() for found in ids} - {person.id}))
    entries = [_created(person)] if is_new else seen
    entries += raise_duplicates(session, person, matches, is_new)
    owners = len({owner for owner in phones if owner != person.id})
    return Record(person, is_new, others, owners, entries)


def _matches(session: Session, registered: RegisteredPerson, number: Number) -> dict[str, list[str]]:
    """One statement: who else has this number, one of these cards, this name and birth date, this phone."""
    cards = {card.number for card in registered.cards} | ({number.value} if number.is_card else set())
    name_birth = name_birth_index(registered.name, registered.birth_on)
    parts = [
        select(literal("number").label("how"), Person.id.label("person")).where(
            Person.number_index == Person.number.index_of(registered.number)
        ),
        select(literal("name_birth"), Person.id).where(
            Person.name_birth_index == name_birth, Person.merged_into.is_(None)
        ),
    ]
    if cards:
        indexes = [Card.number.index_of(card) for card in cards]
        parts.append(select(literal("card"), Card.person_id).where(Card.number_index.in_(indexes)))
    if registered.phone:
        index = Phone.number.index_of(registered.phone)
        wanted = (Phone.number_index == index, Phone.ended_at.is_(None))
        parts.append(select(literal("phones"), Phone.person_id).where(*wanted))
    found: dict[str, list[str]] = {}
    for how, person_id in session.execute(union_all(*parts)):
        found.setdefault(how, []).append(person_id)
    return found


def _own(session: Session, ids: list[str]) -> Person | None:
    """The record with this number, locked: entitlements and seats of one person are judged one at a time."""
    return session.get(Person, ids[0], with_for_update={"of": Person}) if ids else None


def new_person(
    session: Session, name: str, number: str | None, birth_on: date | None, language: str
) -> Person:
    """A step: a fresh record with a key of its own. Without a number it is provisional."""
    person = Person(id=new_id(), name=name, name_normal=normal_name(name), language=language)
    own_key = keys.new_person_key()
    person.key = PersonKey(person_id=person.id, wrapped=keys.wrap(own_key, f"person_key:{person.id}"))
    person.number = number
    person.birth = birth_on.isoformat() if birth_on else None
    person.name_birth_index = name_birth_index(name, birth_on) if birth_on and number else None
    person.consent_version, person.created_at = PRIVACY_VERSION, clock.now()
    session.add(person)
    return person


def name_birth_index(name: str, birth_on: date) -> str:
    """The keyed index of name and birth date, for matching only."""
    return keys.blind_index("name_birth", f"{normal_name(name)}|{birth_on.isoformat()}")


def _bring_up_to_date(person: Person, registered: RegisteredPerson, language: str) -> None:
    person.language = language
    if person.name != registered.name:
        person.name, person.name_normal = registered.name, normal_name(registered.name)
        person.name_birth_index = name_birth_index(registered.name, registered.birth_on)


def _keep_cards(session: Session, person: Person, registered: RegisteredPerson, is_new: bool) -> list[Entry]:
    """Cards are dated history. Returns an event for each card that is new to a known person."""
    known = {} if is_new else {card.number_index: card for card in person.cards}
    at, entries = clock.now(), []
    for seen in registered.cards:
        row = known.get(Card.number.index_of(seen.number))
        if row is None:
            row = Card(id=new_id(), person=person, person_id=person.id, issued_on=seen.issued_on, seen_at=at)
            row.number = seen.number
            row.last4_index = keys.blind_index("last4", seen.number[-LAST4:])
            session.add(row)
            facts = {"state": seen.state}
            entries.append(Entry(EventName.CARD_SEEN, SubjectKind.PERSON, person.id, facts=facts))
        row.state = CardState(seen.state)
    return entries


def _keep_phone(session: Session, person: Person, registered: RegisteredPerson, is_new: bool) -> None:
    if not registered.phone:
        return
    index, at = Phone.number.index_of(registered.phone), clock.now()
    live = [] if is_new else [phone for phone in person.phones if phone.ended_at is None]
    if any(phone.number_index == index for phone in live):
        return
    for phone in live:
        if phone.source is PhoneSource.REGISTER:
            phone.ended_at = at
    again = next((phone for phone in ([] if is_new else person.phones) if phone.number_index == index), None)
    if again is not None:
        again.ended_at, again.seen_at = None, at
        return
    row = Phone(id=new_id(), person=person, person_id=person.id, source=PhoneSource.REGISTER, seen_at=at)
    row.number = registered.phone
    session.add(row)


def _created(person: Person) -> Entry:
    facts = {"consent_version": person.consent_version}
    personal, key = {"name": person.name}, person.own_key()
    return Entry(
        EventName.PERSON_CREATED, SubjectKind.PERSON, person.id, None, facts, personal, key, is_first=True
    )


def raise_duplicates(
    session: Session, person: Person, matches: dict[str, list[str]], is_new: bool
) -> list[Entry]:
    """A step: a possible duplicate for each other record, once for a pair; what was answered stays answered."""
    entries: list[Entry] = []
    for how in ("card", "name_birth"):
        for other in sorted(set(matches.get(how, ())) - {person.id}):
            if _raise_one(session, person.id, other, how):
                facts = {"evidence": how}
                mine = Entry(
                    EventName.DUPLICATE_RAISED, SubjectKind.PERSON, person.id, facts=facts, is_first=is_new
                )
                entries += [mine, Entry(EventName.DUPLICATE_RAISED, SubjectKind.PERSON, other, facts=facts)]
    return entries


def _raise_one(session: Session, one: str, other: str, evidence: str) -> bool:
    first, second = sorted((one, other))
    wanted = (PossibleDuplicate.person_a == first, PossibleDuplicate.person_b == second)
    if session.scalars(select(PossibleDuplicate.id).where(*wanted)).first() is not None:
        return False
    session.add(PossibleDuplicate(person_a=first, person_b=second, evidence=evidence, raised_at=clock.now()))
    return True


def give_consent(
    session: Session,
    person: Person,
    how: str,
    about: str,
    *,
    staff: Actor | None = None,
    is_new: bool = False,
) -> Entry:
    """A step: what the person agreed to, which text, how, before whom and where. Returns its event."""
    session.add(
        Consent(
            person=person,
            person_id=person.id,
            text_version=PRIVACY_VERSION,
            how=how,
            about=about,
            staff_id=staff.id if staff else None,
            place=staff.office if staff else "",
            at=clock.now(),
        )
    )
    facts = {"text_version": PRIVACY_VERSION, "how": how, "about": about}
    return Entry(EventName.CONSENT_GIVEN, SubjectKind.PERSON, person.id, facts=facts, is_first=is_new)
