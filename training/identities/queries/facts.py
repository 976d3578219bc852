"""What a merge must mind about each record, read in a few statements for all of a group."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training.claims.lifecycle import FINAL, ClaimStatus
from training.claims.models import Claim
from training.enrolments.lifecycle import LIVE
from training.enrolments.models import Enrolment
from training.entitlements.models import Entitlement, EntitlementState, PastBatch
from training.entitlements.operations import cap_on
from training.identities.models import ChangeStatus, IdentityChange
from training.identities.queries.groups import Group
from training.identities.rules import Facts, Held, Subsidy, Year
from training.people.models import BankAccount, Person, PhoneChange, PhoneChangeStatus
from training.policy.pack import Pack
from training.policy.queries import same_trade

Row = TypeVar("Row", Enrolment, Claim, Entitlement)
PAID = (ClaimStatus.PAID, ClaimStatus.RECOVERING)


def makers_of(session: Session, people: Iterable[Person]) -> frozenset[str]:
    """Who enrolled one of them at a counter: ids of staff, who decide about none of them."""
    ids = [one.id for one in people]
    made = (Enrolment.person_id.in_(ids), Enrolment.created_by.is_not(None))
    return frozenset(one for one in session.scalars(select(Enrolment.created_by).where(*made)) if one)


def facts_of(session: Session, people: Sequence[Person], pack: Pack) -> list[Facts]:
    """The facts of each record, in the order of `people`; one trade is one, whatever its code was (`same_trade`)."""
    ids = [one.id for one in people]
    known = {one.id: _of_person(one) for one in people}
    cases = session.scalars(
        select(Enrolment).where(Enrolment.person_id.in_(ids)).order_by(Enrolment.id)
    ).all()
    for person_id, mine in _by_person(cases).items():
        known[person_id] = replace(known[person_id], **_of_cases(mine))
    for person_id, claims in _by_person(
        session.scalars(select(Claim).where(Claim.person_id.in_(ids))).all()
    ).items():
        known[person_id] = replace(known[person_id], **_of_claims(claims, pack))
    references = {case.id: case.reference for case in cases}
    for person_id, had in _entitlements(session, ids).items():
        known[person_id] = replace(known[person_id], **_of_entitlements(had, references, pack))
    return [_with_waiting(session, known[one]) for one in ids]


def caps_of(session: Session, people: Sequence[Person], pack: Pack) -> Mapping[Year, int]:
    """The smallest count that the notices in force allowed, for each family and year in which these people had one."""
    caps: dict[Year, int] = {}
    for rows in _entitlements(session, [one.id for one in people]).values():
        for row in rows:
            cap = cap_on(pack, row.district, row.on_date, row.family)
            if cap is not None:
                caps[_year(row)] = min(cap, caps.get(_year(row), cap))
    return caps


def stamp_of(group: Group, facts: Sequence[Facts]) -> str:
    """What a clerk has seen: another stamp means that something has changed since."""
    pairs = sorted((pair.id, pair.answer.value, pair.evidence) for pair in group.pairs)
    told = [
        (one.id, one.certified_at, one.number_index, one.is_frozen, one.has_pending_change, one.stamp)
        for one in facts
    ]
    return hashlib.sha256(repr((pairs, told)).encode()).hexdigest()[:16]


def _of_person(person: Person) -> Facts:
    return Facts(
        id=person.id,
        created_at=person.created_at,
        certified_at=person.certified_at,
        registered_at=person.registered_at,
        number_index=person.number_index,
        is_frozen=person.frozen_at is not None,
        is_readable=person.own_key() is not None,
        merged_into=person.merged_into,
    )


def _by_person(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def _of_cases(cases: Sequence[Enrolment]) -> dict[str, Any]:
    seen = sorted((case.reference, case.status.value, case.version) for case in cases)
    return {
        "makers": frozenset(case.created_by for case in cases if case.created_by),
        "in_class": {case.class_id: case.reference for case in cases if case.status in LIVE},
        "stamp": repr(seen),
    }


def _of_claims(claims: Sequence[Claim], pack: Pack) -> dict[str, Any]:
    standing = [claim for claim in claims if claim.status not in FINAL]
    return {
        "claims": {_subsidy(claim, pack): claim.reference for claim in standing},
        "paid": frozenset(_subsidy(claim, pack) for claim in standing if claim.status in PAID),
    }


def _of_entitlements(
    rows: Sequence[Entitlement], references: Mapping[str, str], pack: Pack
) -> dict[str, Any]:
    held = [row for row in rows if row.state is EntitlementState.HELD]
    return {
        "held": {
            _subsidy(row, pack): Held(references.get(row.enrolment_id or "", ""), _year(row)) for row in held
        },
        "used": frozenset(_subsidy(row, pack) for row in rows if row.state is EntitlementState.USED),
        "years": Counter(_year(row) for row in rows),
    }


def _subsidy(row: Claim | Entitlement, pack: Pack) -> Subsidy:
    return (row.family.value, same_trade(pack, row.occupation), row.level)


def _year(row: Entitlement) -> Year:
    return (row.family.value, row.year)


def _entitlements(session: Session, ids: Sequence[str]) -> Mapping[str, list[Entitlement]]:
    """What counts: held or used, and of the past only what came in with a batch that counts."""
    counts = or_(Entitlement.batch_id.is_(None), PastBatch.counts)
    query = select(Entitlement).outerjoin(PastBatch, PastBatch.id == Entitlement.batch_id).where(counts)
    live = (Entitlement.person_id.in_(ids), Entitlement.state != EntitlementState.RELEASED)
    return _by_person(session.scalars(query.where(*live).order_by(Entitlement.id)).all())


def _with_waiting(session: Session, facts: Facts) -> Facts:
    """The account that money goes to, and whether a correction or a new phone waits for a second person."""
    account = (BankAccount.person_id == facts.id, BankAccount.ended_at.is_(None))
    open_change = (IdentityChange.status == ChangeStatus.OPEN,)
    either = or_(IdentityChange.person_id == facts.id, IdentityChange.holder_id == facts.id)
    phone = (PhoneChange.person_id == facts.id, PhoneChange.status == PhoneChangeStatus.PENDING)
    waits = [
        session.scalar(select(IdentityChange.id).where(*open_change, either).limit(1)),
        session.scalar(select(PhoneChange.id).where(*phone).limit(1)),
    ]
    index = session.scalar(select(BankAccount.number_index).where(*account))
    return replace(facts, account_index=index, has_pending_change=any(waits))
