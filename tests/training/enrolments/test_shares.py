"""How cases are shared out among verifiers: how many one holds, and whose turn the next one is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import current_app

from tests import make
from training.audit import Actor
from training.clock import real_now, today
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import Decision, put_back, return_for_correction, take, take_next
from training.enrolments.shares import IDENTITY, shares_above
from training.errors import NotAllowedNow
from training.policy.queries import load_pack
from training.staff.models import StaffAccount
from training.staff.queries import Scope
from training.staff.rules import Share

PACK = load_pack(make.PACK)
TERMS = PACK.sharing
HERE = Scope(make.DISTRICT)


def verifier() -> Actor:
    return make.actor_of(make.staff("verifier"))


def school() -> ClassRun:
    """A class of a school of its own."""
    return make.make_class(course=make.make_course(institution=make.make_institution()), seats=60)


def case(class_run: ClassRun) -> Enrolment:
    return make.make_enrolment(
        class_run=class_run, status="verifying", verified_by=None, flags="name_differs"
    )


def decide(class_run: ClassRun, *numbers: tuple[Actor, int]) -> None:
    """So many cases of this school, each returned by this verifier."""
    for actor, number in numbers:
        for _ in range(number):
            made = case(class_run).reference
            return_for_correction(made, make.DISTRICT, actor, Decision(("name_differs",)), PACK, today())


def given(actor: Actor) -> tuple[str, Share | None]:
    taken = take_next(make.DISTRICT, actor, TERMS)
    assert taken is not None
    return taken.case.reference, taken.instead_of


def test_with_nothing_decided_the_oldest_comes(database: Any, clock: Any) -> None:
    one = case(school())
    clock.shift(timedelta(minutes=1))
    other = case(school())
    assert given(verifier()) == (one.reference, None)
    assert given(verifier()) == (other.reference, None)


def test_whoever_decided_most_of_a_school_gets_another_school_first(database: Any, clock: Any) -> None:
    here, there, luo, qin = school(), school(), verifier(), verifier()
    decide(here, (luo, 8), (qin, 2))
    old = case(here)
    clock.shift(timedelta(minutes=1))
    new = case(there)
    share = Share(here.course.institution_id, 8, 10)
    assert shares_above(db.session(), luo.id, IDENTITY, HERE, TERMS) == {share.institution: share}
    assert given(luo) == (new.reference, share)
    assert given(qin) == (old.reference, None)


def test_what_one_holds_already_stays_first(database: Any, clock: Any) -> None:
    here, luo = school(), verifier()
    decide(here, (luo, 8), (verifier(), 2))
    old = case(here)
    clock.shift(timedelta(minutes=1))
    case(school())
    take(old.reference, make.DISTRICT, luo)
    assert given(luo) == (old.reference, None)


def test_nobody_waits_for_fairness(database: Any, clock: Any) -> None:
    """Only that school's cases are left: the oldest of them comes, and nothing is said."""
    here, luo = school(), verifier()
    decide(here, (luo, 8), (verifier(), 2))
    old = case(here)
    clock.shift(timedelta(minutes=1))
    case(here)
    assert given(luo) == (old.reference, None)


@pytest.mark.parametrize(("own", "others"), [(7, 3), (8, 1)])
def test_up_to_the_share_and_below_the_least_number_the_oldest_comes(
    database: Any, clock: Any, own: int, others: int
) -> None:
    here, luo = school(), verifier()
    decide(here, (luo, own), (verifier(), others))
    old = case(here)
    clock.shift(timedelta(minutes=1))
    case(school())
    assert given(luo) == (old.reference, None)


def leave(account_id: str) -> None:
    def work(session: Any) -> None:
        account = session.get(StaffAccount, account_id)
        account.leave_from, account.leave_until = today(), today()

    transaction(work)


def test_where_nobody_else_sits_the_oldest_comes(database: Any, clock: Any) -> None:
    here, luo, qin = school(), verifier(), verifier()
    make.staff("verifier", district="500106")
    make.staff("reviewer_district")
    decide(here, (luo, 8), (qin, 2))
    old = case(here)
    clock.shift(timedelta(minutes=1))
    new = case(school())
    assert given(luo)[0] == new.reference
    put_back(new.reference, make.DISTRICT, luo)
    leave(qin.id)
    assert given(luo) == (old.reference, None)


def test_decisions_of_long_ago_do_not_count(database: Any, clock: Any) -> None:
    here, luo = school(), verifier()
    decide(here, (luo, 8), (verifier(), 2))
    clock.shift(timedelta(days=TERMS.days + 1))
    old = case(here)
    clock.shift(timedelta(minutes=1))
    case(school())
    assert given(luo) == (old.reference, None)


def test_a_case_of_the_oldest_twenty_is_given_and_no_younger_one(database: Any, clock: Any) -> None:
    here, luo = school(), verifier()
    decide(here, (luo, 8), (verifier(), 2))
    oldest = {case(here).reference for _ in range(TERMS.among_oldest)}
    clock.shift(timedelta(minutes=1))
    case(school())
    reference, instead_of = given(luo)
    assert (reference in oldest, instead_of) == (True, None)


def test_the_next_case_costs_as_much_with_many_schools_as_with_one(
    database: Any, clock: Any, statements: Any
) -> None:
    luo, qin = verifier(), verifier()

    def count() -> int:
        with statements() as asked:
            shares_above(db.session(), luo.id, IDENTITY, HERE, TERMS)
        return len(asked)

    decide(school(), (luo, 8), (qin, 2))
    one = count()
    decide(school(), (luo, 9), (qin, 1))
    assert count() == one == 2


# --- how many one person holds -------------------------------------------------------------------------------


def hold(actor: Actor, number: int) -> list[str]:
    run = school()
    made = [case(run).reference for _ in range(number)]
    for reference in made:
        take(reference, make.DISTRICT, actor, at_most=TERMS.held_at_most)
    return made


def test_nobody_holds_more_than_so_many_at_once(database: Any, clock: Any) -> None:
    luo = verifier()
    held = hold(luo, TERMS.held_at_most)
    one_more = case(school()).reference
    with pytest.raises(NotAllowedNow) as refused:
        take(one_more, make.DISTRICT, luo, at_most=TERMS.held_at_most)
    assert refused.value.reasons == ("holds_enough",)
    take(held[0], make.DISTRICT, luo, at_most=TERMS.held_at_most)
    put_back(held[3], make.DISTRICT, luo)
    assert take(one_more, make.DISTRICT, luo, at_most=TERMS.held_at_most).locked_by == luo.id


def test_the_next_one_is_not_given_above_that_but_ones_own_is(database: Any, clock: Any) -> None:
    luo = verifier()
    old = case(school())
    clock.shift(timedelta(minutes=1))
    hold(luo, TERMS.held_at_most)
    with pytest.raises(NotAllowedNow) as refused:
        take_next(make.DISTRICT, luo, TERMS)
    assert refused.value.reasons == ("holds_enough",)
    take(old.reference, make.DISTRICT, verifier())
    assert given(luo)[1] is None


def test_what_has_run_out_is_not_held(database: Any, clock: Any) -> None:
    luo = verifier()
    hold(luo, TERMS.held_at_most)
    with time_machine.travel(real_now() + timedelta(minutes=16), tick=False):
        assert take_next(make.DISTRICT, luo, TERMS) is not None


def test_two_tabs_at_once_do_not_hold_one_more(database: Any, clock: Any) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    luo = verifier()
    hold(luo, TERMS.held_at_most - 1)
    open_cases = [case(school()).reference for _ in range(4)]

    def try_it(reference: str) -> bool:
        with app.app_context():
            try:
                take(reference, make.DISTRICT, luo, at_most=TERMS.held_at_most)
            except NotAllowedNow:
                return False
            return True

    with ThreadPoolExecutor(len(open_cases)) as pool:
        assert sum(pool.map(try_it, open_cases)) == 1
