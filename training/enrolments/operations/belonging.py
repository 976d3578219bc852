"""Whose case it is, once the register or a number says so, and whether that person may have the seat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor, ActorKind, EventName, SubjectKind
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.models import Channel, Enrolment, GroupSource
from training.enrolments.queries import is_live_in, standing_of_each
from training.enrolments.rules import Assessment, Candidate, Standing
from training.entitlements import operations as entitlements
from training.entitlements.models import Entitlement
from training.entitlements.queries import entitlements_of_each, history_of
from training.people import operations as people
from training.people.models import BankAccount, Person, VisitorSession
from training.people.operations import Known, Record
from training.people.queries import numbers_that_left
from training.policy.pack import Pack
from training.policy.queries import notice_numbered
from training.ports import RegisteredPerson

_ABOUT_THE_CLASS = frozenset({"class_full", "class_not_open", "class_started", "school_suspended"})


def settle_person(session: Session, enrolment: Enrolment, actor: Actor) -> bool:
    """A step: a case belongs to the person its number says, by the register, else by the number itself.

    False: that person is already alive in this class, or the number left this record (`rests_on_number_that_left`).
    The case keeps the record it had, and cannot pass.
    """
    if enrolment.channel is Channel.PHONE and not enrolment.without_code:
        return True  # a code proved who it is; a number that is corrected afterwards proves nothing
    registered, wanted = _named(enrolment)
    holder = enrolment.person
    if wanted is None or holder.number_index == Person.number.index_of(wanted):
        return True
    if wanted in numbers_that_left(session, holder):
        return False
    record = _record(session, enrolment, registered, wanted)
    if record.entries:
        audit.record(session, actor, *record.entries)
    if record.person.id == holder.id:
        return True
    if not record.is_new and is_live_in(session, record.person.id, enrolment.class_id):
        return False
    _move(session, enrolment, record.person)
    if record.others and "possible_duplicate" not in enrolment.flags:
        enrolment.flags = f"{enrolment.flags} possible_duplicate".strip()
    return True


def rests_on_number_that_left(session: Session, enrolment: Enrolment) -> bool:
    """Whether the case names a number of which two people agreed that it is not, or no longer, its person's."""
    _, wanted = _named(enrolment)
    left = numbers_that_left(session, enrolment.person)
    return wanted != enrolment.person.number and wanted in left


def _named(enrolment: Enrolment) -> tuple[RegisteredPerson | None, str | None]:
    """Whom the register names, and the number that the case is about; None where only a card is known."""
    answer = people.answer_in(enrolment.evidence)
    registered = answer.person if answer else None
    typed = people.typed_number(enrolment.number_kind, enrolment.number or "")
    return registered, registered.number if registered else None if typed.is_card else typed.value


@dataclass(frozen=True)
class Past:
    """What the people of one class have had, and where else they are, read for all of them at once."""

    entitlements: Mapping[str, Sequence[Entitlement]]
    standing: Mapping[str, Sequence[Standing]]


def past_of(session: Session, rows: Sequence[Enrolment], run: ClassRun) -> Past:
    """For judging several enrolments of one class: two statements, however many they are."""
    people_ids = {row.person_id for row in rows}
    return Past(entitlements_of_each(session, people_ids), standing_of_each(session, people_ids, run))


def judge_again(
    session: Session,
    enrolment: Enrolment,
    pack: Pack,
    today: date,
    *,
    self_pay: bool = False,
    past: Past | None = None,
) -> Assessment:
    """What speaks for and against the person now: the register's answer, past subsidies, other classes.

    `self_pay`: as it would be if they paid. `past`: what was read before for several.
    """
    notice, run = notice_numbered(pack, enrolment.notice), enrolment.class_run
    answer = people.answer_in(enrolment.evidence)
    candidate = Candidate(
        name=enrolment.name_typed,
        is_card=enrolment.number_kind == "card",
        number=enrolment.number or "",
        answer=answer,
        declared=enrolment.group if enrolment.group_source is not GroupSource.REGISTER else None,
        born_on=enrolment.person.birth_on,
    )
    past = past or past_of(session, [enrolment], run)
    had = history_of(past.entitlements[enrolment.person_id], pack, without_enrolment=enrolment.id)
    others = [row for row in past.standing[enrolment.person_id] if row.reference != enrolment.reference]
    pays = self_pay or enrolment.self_pay
    return rules.assess(candidate, run, had, others, notice, today, self_pay=pays)


def reasons_against(assessment: Assessment) -> list[str]:
    """Codes that keep the person from a seat that is there."""
    codes = [code for code in assessment.refusal_codes if code not in _ABOUT_THE_CLASS]
    if assessment.asks_group and assessment.group is None and not assessment.pays_self:
        codes.append("group_not_eligible")
    return codes


def _record(
    session: Session, enrolment: Enrolment, registered: RegisteredPerson | None, number: str
) -> Record:
    language = enrolment.person.language
    if registered is not None:
        typed = people.typed_number(enrolment.number_kind, enrolment.number or "")
        return people.person_for(session, registered, typed, language)
    known = Known(enrolment.name_typed, enrolment.person.birth_on, number)
    return people.known_by_hand(session, known, language)


def _move(session: Session, enrolment: Enrolment, person: Person) -> None:
    """The case, sealed by the key of its new person. What it held is taken anew when it passes.

    A provisional record goes into the one found, and a browser that joined it by its slip stays with the case.
    Any other record stays what it is: nobody who has it, and no slip of it, follows a number that was typed (A01).
    """
    before, typed, facts = enrolment.person, enrolment.number, enrolment.facts
    answer = people.answer_in(enrolment.evidence)
    entitlements.release(session, enrolment.id)
    session.flush()
    enrolment.person, enrolment.person_id = person, person.id
    enrolment.number, enrolment.facts = typed, answer.to_json() if answer else facts
    session.flush()
    if not _is_provisional(session, before) or _number_is_their_own_word(session, enrolment):
        enrolment.slip_hash = None
        return
    before.merged_into = person.id
    joined = update(VisitorSession).where(VisitorSession.person_id == before.id)
    session.execute(joined.values(person_id=person.id).execution_options(synchronize_session=False))


def _is_provisional(session: Session, person: Person) -> bool:
    """A record that never had a number, that nobody certified, and to which nothing belongs any more."""
    if person.number_index or person.certified_at or person.registered_at or person.merged_into:
        return False
    if numbers_that_left(session, person):
        return False
    owned = (select(Enrolment.id), Enrolment), (select(BankAccount.id), BankAccount)
    return not any(
        session.scalar(ids.where(model.person_id == person.id).limit(1)) is not None for ids, model in owned
    )


def _number_is_their_own_word(session: Session, enrolment: Enrolment) -> bool:
    """The person changed it without anybody seeing a card: it may be anybody's number."""
    fields, is_own = "", False
    for event in audit.history(session, SubjectKind.ENROLMENT, enrolment.id):
        if event.name == EventName.IDENTITY_RETURNED:
            fields = event.facts.get("fields", "")
        elif event.name == EventName.CORRECTED and "number" in fields.split():
            is_own = event.actor_kind is ActorKind.PERSON
    return is_own
