"""Who decides an appeal: the district while somebody works there, else the municipal desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests import make
from tests.training.objections.refusals import appealed, refused_enrolment
from training import clock as the_clock
from training.database import db, transaction
from training.objections.models import Matter
from training.objections.queries import reasons_closed
from training.staff.models import NO_PASSWORD, StaffAccount, StaffRole

DAY = timedelta(days=1)


def for_the_city(matter: Matter) -> list[str]:
    """Why the municipal desk may not decide it."""
    account = make.staff("reviewer_municipal", district=None)
    db.session.expire_all()
    return reasons_closed(db.session(), db.session.get_one(Matter, matter.id), account)


def change(table: type[StaffAccount] | type[StaffRole], account: StaffAccount, **values: Any) -> None:
    key = StaffAccount.id if table is StaffAccount else StaffRole.account_id
    transaction(lambda session: session.execute(update(table).where(key == account.id).values(**values)))


@pytest.mark.parametrize("days", [(None, None), (-1, 0), (0, None), (None, 3)])
def test_the_district_has_it_while_a_right_is_in_force_there(
    database: Any, days: tuple[int | None, int | None]
) -> None:
    matter, today = appealed(refused_enrolment()), the_clock.today()
    first, last = (None if n is None else today + n * DAY for n in days)
    change(StaffRole, make.staff("reviewer_district"), from_on=first, until_on=last)
    assert for_the_city(matter) == ["district_has_it"]


@pytest.mark.parametrize("gone", ["over", "not yet", "on leave", "disabled", "never started"])
def test_who_is_gone_keeps_no_appeal_from_the_municipal_desk(database: Any, gone: str) -> None:
    matter, reviewer, today = (
        appealed(refused_enrolment()),
        make.staff("reviewer_district"),
        the_clock.today(),
    )
    states: dict[str, tuple[type[StaffAccount] | type[StaffRole], dict[str, Any]]] = {
        "over": (StaffRole, {"until_on": today - DAY}),
        "not yet": (StaffRole, {"from_on": today + DAY}),
        "on leave": (StaffAccount, {"leave_from": today, "leave_until": today}),
        "disabled": (StaffAccount, {"disabled_at": the_clock.now()}),
        "never started": (StaffAccount, {"password_hash": NO_PASSWORD}),
    }
    table, values = states[gone]
    change(table, reviewer, **values)
    assert for_the_city(matter) == []


def test_back_from_leave_the_district_has_it_again(database: Any) -> None:
    matter, reviewer, today = (
        appealed(refused_enrolment()),
        make.staff("reviewer_district"),
        the_clock.today(),
    )
    change(StaffAccount, reviewer, leave_from=today - 3 * DAY, leave_until=today - DAY)
    assert for_the_city(matter) == ["district_has_it"]


def test_the_deputy_of_a_reviewer_on_leave_decides_in_the_district(database: Any) -> None:
    matter, today = appealed(refused_enrolment()), the_clock.today()
    reviewer, deputy = make.staff("reviewer_district"), make.staff("reviewer_district")
    change(StaffAccount, reviewer, leave_from=today, leave_until=today)
    change(StaffRole, deputy, deputy_for=reviewer.id, from_on=today, until_on=today)
    assert for_the_city(matter) == ["district_has_it"]
