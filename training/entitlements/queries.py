"""Reads about what a person has had."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock
from training.entitlements.models import Entitlement, EntitlementState, SavedCheck
from training.entitlements.past import counting
from training.errors import Gone, NotThere
from training.policy.facts import History, PastSubsidy
from training.policy.models import Level as LevelWord
from training.policy.pack import Pack
from training.policy.queries import codes_of_trade, same_trade
from training.references import parse_check_code


def entitlements_of(session: Session, person_id: str) -> Sequence[Entitlement]:
    """What a person has used or holds, newest first; payments of the past as soon as their import is done."""
    return entitlements_of_each(session, [person_id])[person_id]


def entitlements_of_each(
    session: Session, person_ids: Collection[str]
) -> Mapping[str, Sequence[Entitlement]]:
    """The same of several people at once, by their ids."""
    live = (Entitlement.person_id.in_(person_ids), Entitlement.state != EntitlementState.RELEASED)
    query = select(Entitlement).where(*live, counting()).order_by(Entitlement.on_date.desc())
    found: dict[str, list[Entitlement]] = {person_id: [] for person_id in person_ids}
    for row in session.scalars(query):
        found[row.person_id].append(row)
    return found


def history_of(rows: Sequence[Entitlement], pack: Pack, *, without_enrolment: str | None = None) -> History:
    """The past as the rules see it, leaving out the entitlement that is being judged.

    `occupation` is the code that counts today, whatever it was when it was paid (`policy.queries.same_trade`).
    `office` is the code of the district that paid or holds; `phone` its telephone number.
    """
    phones = {district.code: district.phone for district in pack.districts.values()}
    return tuple(
        PastSubsidy(
            family=row.family.value,
            occupation=same_trade(pack, row.occupation),
            also=codes_of_trade(pack, row.occupation),
            level=cast(LevelWord, row.level),
            on=row.on_date,
            state="used" if row.state is EntitlementState.USED else "held",
            office=row.district,
            phone=phones.get(row.district, ""),
        )
        for row in rows
        if without_enrolment is None or row.enrolment_id != without_enrolment
    )


def saved_check(session: Session, typed: str) -> SavedCheck:
    """The check kept under a code, typed in any case, with or without hyphen. Raises NotThere, and Gone once it
    has run out."""
    code = parse_check_code(typed)
    row = session.get(SavedCheck, code) if code else None
    if row is None:
        raise NotThere(typed)
    if row.expires_at <= clock.now():
        raise Gone(typed)
    return row
