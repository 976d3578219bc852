"""Whose case it is, once the register or a number says so, and whether that person may have the seat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.models import Channel, Enrolment, GroupSource
from training.enrolments.queries import is_live_in, standing_of_each
from training.enrolments.rules import Assessment, Candidate, Standing
from training.entitlements import operations as entitlements
from training.entitlements.models import Entitlement
from training.entitlements.queries import entitlements_of_each, history_of
from training.people import operations as people
from training.people.models import Person, VisitorSession
from training.people.operations import Known, Record
from training.policy.pack import Pack
from training.policy.queries import notice_numbered
from training.ports import RegisteredPerson

_ABOUT_THE_CLASS = frozenset({"class_full", "class_not_open", "class_started", "school_suspended"})


def settle_person(session: Session, enrolment: Enrolment, actor: Actor) -> bool:
    """A step: a case belongs to the person its number says, by the register, else by the number itself.

    False: that person is already alive in this class, and the case keeps the record it had. It cannot pass.
    """
    if enrolment.channel is Channel.PHONE and not enrolment.without_code:
        return True  # a code proved who it is; a number that is corrected afterwards proves nothing
    answer, holder = people.answer_in(enrolment.evidence), enrolment.person
    registered = answer.person if answer else None
    typed = people.typed_number(enrolment.number_kind, enrolment.number or "")
    wanted = registered.number if registered else None if typed.is_card else typed.value
    if wanted is None or holder.number_index == Person.number.index_of(wanted):
        return True
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
        return people.person_for(session, registered, typed, enrolment.name_typed, language)
    known = Known(enrolment.name_typed, enrolment.person.birth_on, number)
    return people.known_by_hand(session, known, language)


def _move(session: Session, enrolment: Enrolment, person: Person) -> None:
    """The case, sealed by the key of its new person. What it held is taken anew when it passes.

    A browser that joined a provisional record by its slip stays with the case; one of somebody with a number
    of their own does not follow a number that was typed.
    """
    before, typed, facts = enrolment.person, enrolment.number, enrolment.facts
    answer = people.answer_in(enrolment.evidence)
    entitlements.release(session, enrolment.id)
    session.flush()
    enrolment.person, enrolment.person_id = person, person.id
    enrolment.number, enrolment.facts = typed, answer.to_json() if answer else facts
    session.flush()
    if before.number_index is None:
        before.merged_into = person.id
        joined = update(VisitorSession).where(VisitorSession.person_id == before.id)
        session.execute(joined.values(person_id=person.id).execution_options(synchronize_session=False))
