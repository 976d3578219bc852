"""Steps inside other operations' transactions: hold, release, use. And checks saved under a code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Integer, String, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from training import clock
from training.database import Model, transaction
from training.entitlements.models import (
    Entitlement,
    EntitlementState,
    EntitlementYear,
    Family,
    SavedCheck,
    Source,
)
from training.entitlements.past import past_of_year
from training.errors import NotEligible, NotThere
from training.policy.models import Notice
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.policy.service import SavedChecks
from training.references import new_check_code

NO_CAP = 1000  # more than anybody can have in a year


def hold(
    session: Session,
    *,
    person_id: str,
    family: Family,
    occupation: str,
    level: str,
    enrolment_id: str,
    district: str,
    on: date,
    notice: Notice,
) -> Entitlement:
    """Reserve one subsidy of the year of `on`. Raises NotEligible(cap_reached) when the year's count is full.

    Two districts meet at one counter row: the check and the count are one statement (A27).
    """
    _count_one(session, person_id, family, on.year, cap_of_year(notice, family))
    row = Entitlement(
        person_id=person_id,
        family=family,
        occupation=occupation,
        level=level,
        year=on.year,
        state=EntitlementState.HELD,
        source=Source.ENROLMENT,
        enrolment_id=enrolment_id,
        on_date=on,
        district=district,
        changed_at=clock.now(),
    )
    session.add(row)
    return row


def release(session: Session, enrolment_id: str) -> bool:
    """Give back what an enrolment holds; what is used stays used. Says whether anything was held."""
    held = (Entitlement.enrolment_id == enrolment_id, Entitlement.state == EntitlementState.HELD)
    row = session.scalars(select(Entitlement).where(*held).with_for_update()).first()
    if row is None:
        return False
    row.state, row.changed_at = EntitlementState.RELEASED, clock.now()
    _move(session, row, held=-1)
    return True


def carry_over(session: Session, enrolment_id: str, district: str) -> None:
    """What an enrolment holds goes with it to a class of another district."""
    held = (Entitlement.enrolment_id == enrolment_id, Entitlement.state == EntitlementState.HELD)
    row = session.scalars(select(Entitlement).where(*held).with_for_update()).first()
    if row is not None:
        row.district, row.changed_at = district, clock.now()


def use(session: Session, enrolment_id: str, amount_fen: int) -> None:
    """Payment, of `amount_fen`, uses what the enrolment held."""
    held = (Entitlement.enrolment_id == enrolment_id, Entitlement.state == EntitlementState.HELD)
    row = session.scalars(select(Entitlement).where(*held).with_for_update()).one()
    row.state, row.amount_fen, row.changed_at = EntitlementState.USED, amount_fen, clock.now()
    _move(session, row, held=-1, used=+1)


def _move(session: Session, row: Entitlement, *, held: int = 0, used: int = 0) -> None:
    year = EntitlementYear
    place = (year.person_id == row.person_id, year.family == row.family, year.year == row.year)
    session.execute(update(year).where(*place).values(held=year.held + held, used=year.used + used))


def _count_one(session: Session, person_id: str, family: Family, year: int, cap: int) -> None:
    session.flush()
    connection = session.connection()
    asked = {"person_id": person_id, "family": family.value, "year": year, "held": 1, "used": 0, "cap": cap}
    if connection.execute(_count_statement(connection.dialect.name), asked).scalar() is None:
        raise NotEligible("cap_reached")


@cache
def _count_statement(dialect: str) -> ReturningInsert[tuple[int]]:
    counter = Model.metadata.tables[EntitlementYear.__tablename__]
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(counter)
    asked = {column.name: bindparam(column.name, type_=column.type) for column in counter.columns}
    asked["family"] = bindparam("family", type_=String())  # PostgreSQL asks for the type of what is selected
    cap = bindparam("cap", type_=Integer)
    past = past_of_year(asked["person_id"], asked["family"], asked["year"])
    statement = insert.from_select(list(asked), select(*asked.values()).where(past < cap))
    statement = statement.on_conflict_do_update(
        index_elements=["person_id", "family", "year"],
        set_={"held": counter.c.held + 1},
        where=counter.c.held + counter.c.used + past < cap,
    )
    return statement.returning(counter.c.held)


def cap_of_year(notice: Notice, family: Family) -> int:
    """The count that the notice allows in a calendar year; NO_CAP where it sets none."""
    rule = notice.families.get(family.value)
    caps = rule.caps.values() if rule else ()
    counts = [
        cap.count.value
        for cap in caps
        if cap.window.value == "calendar_year" and cap.scope.value in ("all", "family")
    ]
    return min(counts, default=NO_CAP)


def cap_on(pack: Pack, district: str, on: date, family: Family) -> int | None:
    """The same by the notice of that day and district; None where it sets none, or the pack knows no such notice."""
    try:
        cap = cap_of_year(notice_for(pack, district, on), family)
    except NotThere:
        return None
    return None if cap == NO_CAP else cap


def save_check(answers: Mapping[str, str], key: str, periods: SavedChecks) -> SavedCheck:
    """Keep the answers of a check for as long as the pack says, under a code; the same key gives the same code.

    Nothing of it belongs to anybody: there is no subject that the trail could tell of.
    """

    def work(session: Session) -> SavedCheck:
        found = session.scalars(select(SavedCheck).where(SavedCheck.idempotency_key == key)).first()
        if found is not None:
            return found
        row = SavedCheck(
            code=new_check_code(),
            answers=dict(answers),
            saved_on=clock.today(),
            expires_at=clock.now() + timedelta(days=periods.kept_days),
            idempotency_key=key,
        )
        session.add(row)
        return row

    return transaction(work)


def forget_checks(session: Session, periods: SavedChecks) -> None:
    """A step: drop checks that ran out so long ago that their code is no longer known either."""
    known = timedelta(days=periods.known_days - periods.kept_days)
    session.execute(delete(SavedCheck).where(SavedCheck.expires_at < clock.now() - known))
