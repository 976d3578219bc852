"""A freed seat is offered in order, for a time, and passes on by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.make import PACK
from tests.training.enrolments.people import again, enrolled, full_class, leave, link_code, registered
from training import clock as clocks
from training import seals
from training.audit import Actor, ActorKind, AuditEvent, Outcome
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Answer,
    answer_by_link,
    answer_offer,
    end_lines,
    offer_free_seats,
    offer_next,
    pass_on_offers,
    release_offer,
)
from training.enrolments.rules import offer_end
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import Gone, NotAllowedNow, NotThere
from training.people.models import Person
from training.policy.queries import load_pack
from training.policy.service import Offers

PACK_ = load_pack(PACK)
DESK = Actor(ActorKind.STAFF, "desk", "渝中区就业服务中心", "500103")


def statuses(*rows: Enrolment) -> list[str]:
    return [row.status.value for row in again(*rows)]


def run_of(row: Enrolment) -> ClassRun:
    return db.session().get_one(ClassRun, row.class_id, populate_existing=True)


def held(row: Enrolment) -> int:
    here = (Entitlement.enrolment_id == row.id, Entitlement.state == EntitlementState.HELD)
    return len(db.session().scalars(select(Entitlement).where(*here)).all())


def names(row: Enrolment, outcome: Outcome = Outcome.DONE) -> list[str]:
    of_row = (AuditEvent.subject == row.id, AuditEvent.outcome == outcome)
    return [str(event.name) for event in db.session().scalars(select(AuditEvent).where(*of_row))]


@pytest.mark.parametrize(
    ("hour", "days_before", "kept"),
    [(10, 10, 24), (10, 4, 24), (10, 3, 6), (10, 1, 6), (21, 1, 3)],
)
def test_a_seat_is_kept_a_day_less_near_the_start_and_never_past_it(
    hour: int, days_before: int, kept: int
) -> None:
    terms = Offers(hours=24, near_days=3, near_hours=6, misses=2, history_days=365, history_classes=3)
    starts = date(2026, 6, 30)
    at = datetime(2026, 6, 30, hour, tzinfo=clocks.SHANGHAI) - timedelta(days=days_before)
    assert offer_end(at, starts, terms) - at == timedelta(hours=kept)


def test_I21_a_freed_seat_is_offered_to_the_first_in_line_and_stays_taken(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    assert statuses(seated, first, second) == ["withdrawn", "offered", "waiting"]
    [row] = again(first)
    assert row.held_until == clocks.now() + timedelta(hours=24)
    assert row.place is None
    run = run_of(first)
    assert (run.seats_left, run.waiting, run.seats_freed) == (0, 1, 1)
    assert held(first) == 0, "waiting and being asked use up nothing"


def test_one_tap_accepts(clock: Any, database: Any, registries: Any) -> None:
    [seated], [first, _] = full_class(registries)
    leave(seated)
    answer_by_link(link_code(), Answer("accept"), PACK_)
    assert statuses(first) == ["enrolled"]
    assert held(first) == 1
    assert names(first)[-1] == "seat_accepted"
    assert again(first)[0].held_until is None


def test_who_is_not_yet_checked_accepts_and_is_checked(clock: Any, database: Any, registries: Any) -> None:
    [seated], _ = full_class(registries, line=0)
    odd = registered(groups=())
    registries.know(odd)
    flagged = enrolled(registries, odd, seated.class_id, declared=_group())
    assert flagged.status is EnrolmentStatus.WAITING
    leave(seated)
    answer_by_link(link_code(), Answer("accept"), PACK_)
    assert statuses(flagged) == ["verifying"]
    assert held(flagged) == 1


def _group() -> Any:
    from training.people.models import Group

    return Group.MIGRANT


def test_declined_leaves_the_line_and_the_next_is_asked(clock: Any, database: Any, registries: Any) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    answer_by_link(link_code(), Answer("decline"), PACK_)
    assert statuses(first, second) == ["withdrawn", "offered"]
    assert run_of(first).seats_freed == 1, "the same seat, offered again"


def test_unanswered_passes_on_and_goes_to_the_end_of_the_line(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [first, second, third] = full_class(registries, line=3)
    leave(seated)
    assert pass_on_offers(PACK_) == 0
    clock.shift(timedelta(hours=24, minutes=1))
    assert pass_on_offers(PACK_) == 1
    assert pass_on_offers(PACK_) == 0
    assert statuses(first, second, third) == ["waiting", "offered", "waiting"]
    places = [row.place for row in again(first, third)]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0] > places[1], "at the end of the line"
    answer_by_link(link_code(), Answer("accept"), PACK_)
    assert statuses(second) == ["enrolled"]


def test_who_lets_two_offers_pass_leaves_the_line_and_may_come_again(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [only] = full_class(registries, line=1)
    leave(seated)
    for _ in range(2):
        clock.shift(timedelta(hours=25))
        pass_on_offers(PACK_)
    assert statuses(only) == ["expired"]
    assert (run_of(only).seats_left, run_of(only).waiting) == (1, 0)
    person = db.session().get_one(Person, only.person_id)
    fresh = registered(number=person.number)
    registries.know(fresh)
    assert enrolled(registries, fresh, only.class_id).status is EnrolmentStatus.ENROLLED


def test_A27_the_entitlement_used_elsewhere_meanwhile_refuses_and_the_next_is_asked(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    code = link_code()
    use_elsewhere(first)
    ended = answer_by_link(code, Answer("accept"), PACK_)
    assert ended.status is EnrolmentStatus.REFUSED
    assert ended.reasons == ["cap_reached"]
    assert statuses(first, second) == ["refused", "offered"]
    assert held(first) == 0


def use_elsewhere(row: Enrolment, occupation: str = "4-14-01-02") -> None:
    from training.entitlements.models import Family
    from training.entitlements.operations import hold

    def work(session: Any) -> None:
        hold(
            session,
            person_id=row.person_id,
            family=Family.TUITION,
            occupation=occupation,
            level="5",
            enrolment_id="elsewhere",
            district="500106",
            on=clocks.today(),
            notice=PACK_.notices["cq-2026-18"],
        )

    transaction(work)


def test_where_the_class_takes_self_payers_the_offer_stands_and_saying_yes_means_to_pay(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [first, second] = full_class(registries, open_to_self_payers=True)
    use_elsewhere(first)
    leave(seated)
    assert statuses(first, second) == ["offered", "waiting"]
    answer_by_link(link_code(), Answer("accept", self_pay=True), PACK_)
    [row] = again(first)
    assert (row.status.value, row.self_pay) == ("enrolled", True)


def test_A06_a_used_link_and_a_late_one_are_gone_and_change_nothing(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    code = link_code()
    clock.shift(timedelta(hours=24))
    with pytest.raises(Gone):
        answer_by_link(code, Answer("accept"), PACK_)
    assert statuses(first, second) == ["offered", "waiting"], "the job passes it on, not a late tap"
    pass_on_offers(PACK_)
    used = link_code()
    answer_by_link(used, Answer("accept"), PACK_)
    for word in ("accept", "decline"):
        with pytest.raises(Gone):
            answer_by_link(used, Answer(word), PACK_)
    assert statuses(second) == ["enrolled"]


def test_A06_a_forged_link_is_not_there(clock: Any, database: Any, registries: Any) -> None:
    [seated], [first, _] = full_class(registries)
    leave(seated)
    for code in ("ABCDEFGHJKMNPQ", "x", ""):
        with pytest.raises(NotThere):
            answer_by_link(code, Answer("accept"), PACK_)
    assert statuses(first) == ["offered"]


def test_an_offer_of_a_class_that_begins_ends_with_the_day_before(
    clock: Any, database: Any, registries: Any
) -> None:
    starts = clocks.today() + timedelta(days=1)
    [seated], [first, second] = full_class(registries, starts_on=starts)
    clock.shift(timedelta(hours=11))
    leave(seated)
    [row] = again(first)
    assert row.held_until == datetime.combine(starts, datetime.min.time(), clocks.SHANGHAI)
    code = link_code()
    clock.shift(timedelta(hours=4))
    with pytest.raises(Gone):
        answer_by_link(code, Answer("accept"), PACK_)
    pass_on_offers(PACK_)
    assert statuses(first, second) == ["expired", "waiting"], "the class has begun: nobody is asked any more"
    assert run_of(first).seats_left == 1


def test_leaving_in_mine_ends_the_offer_and_its_link(clock: Any, database: Any, registries: Any) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    code = link_code()
    leave(first)
    assert statuses(first, second) == ["withdrawn", "offered"]
    with pytest.raises(Gone):
        answer_by_link(code, Answer("accept"), PACK_)
    assert statuses(first, second) == ["withdrawn", "offered"]


def test_A15_signed_in_one_answers_only_ones_own(clock: Any, database: Any, registries: Any) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    stranger = Actor(ActorKind.PERSON, second.person_id)
    with pytest.raises(NotThere):
        answer_offer(second.person_id, first.reference, stranger, Answer("accept"), PACK_)
    with pytest.raises(NotAllowedNow):
        answer_offer(second.person_id, second.reference, stranger, Answer("accept"), PACK_)
    assert names(second, Outcome.REFUSED) == ["seat_accepted"]
    answer_offer(
        first.person_id, first.reference, Actor(ActorKind.PERSON, first.person_id), Answer("accept"), PACK_
    )
    assert statuses(first, second) == ["enrolled", "waiting"]
    with pytest.raises(Gone):
        answer_by_link(link_code(), Answer("decline"), PACK_)


def test_a_desk_takes_an_offer_back_and_the_next_is_asked(clock: Any, database: Any, registries: Any) -> None:
    [seated], [first, second] = full_class(registries)
    leave(seated)
    release_offer(first.id, DESK, "电话里说不来了", PACK_)
    assert statuses(first, second) == ["waiting", "offered"]
    with pytest.raises(NotAllowedNow):
        release_offer(first.id, DESK, "再来一次", PACK_)


def test_more_seats_are_offered_to_the_line_by_desk_or_clock(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], line = full_class(registries, line=3)
    with pytest.raises(NotAllowedNow) as refusal:
        offer_next(seated.class_id, DESK, "加座", PACK_, clocks.today())
    assert refusal.value.reasons == ("no_free_seat",)
    more_seats(seated, 2)
    offer_next(seated.class_id, DESK, "加座", PACK_, clocks.today())
    assert statuses(*line) == ["offered", "waiting", "waiting"]
    assert offer_free_seats(PACK_) == 1
    assert statuses(*line) == ["offered", "offered", "waiting"]
    assert offer_free_seats(PACK_) == 0
    assert (run_of(seated).seats_left, run_of(seated).waiting) == (0, 1)


def more_seats(row: Enrolment, more: int) -> None:
    def work(session: Any) -> None:
        run = session.get_one(ClassRun, row.class_id)
        run.seats, run.seats_left = run.seats + more, run.seats_left + more

    transaction(work)


def test_newcomers_do_not_pass_an_offer(clock: Any, database: Any, registries: Any) -> None:
    [seated], [first] = full_class(registries, line=1)
    leave(seated)
    late = registered()
    registries.know(late)
    assert enrolled(registries, late, first.class_id).status is EnrolmentStatus.WAITING
    assert seals.verify(db.session()) == []
    assert statuses(first) == ["offered"]


def test_the_line_ends_when_the_class_begins_and_everybody_is_told(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], line = full_class(registries, line=2)
    assert end_lines() == 0
    clock.shift(timedelta(days=10))
    assert end_lines() == 1
    assert end_lines() == 0
    assert statuses(seated, *line) == ["enrolled", "expired", "expired"]
    assert run_of(seated).waiting == 0
    assert seals.verify(db.session()) == []


def test_a_frozen_record_is_passed_over_keeps_its_place_and_accepts_nothing(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [first, second] = full_class(registries)
    freeze(first, clocks.now())
    leave(seated)
    assert statuses(first, second) == ["waiting", "offered"]
    code = link_code()
    freeze(second, clocks.now())
    with pytest.raises(NotAllowedNow):
        answer_by_link(code, Answer("accept"), PACK_)
    freeze(second, None)
    answer_by_link(code, Answer("decline"), PACK_)
    assert (run_of(first).seats_left, run_of(first).waiting) == (1, 1), (
        "kept for the line until it is settled"
    )
    freeze(first, None)
    assert offer_free_seats(PACK_) == 1
    assert statuses(first) == ["offered"]


def test_A46_who_is_frozen_keeps_the_place_and_misses_nothing_when_the_offer_runs_out(
    clock: Any, database: Any, registries: Any
) -> None:
    [seated], [first, second, third] = full_class(registries, line=3)
    place = first.place
    leave(seated)
    freeze(first, clocks.now())
    clock.shift(timedelta(hours=25))
    assert pass_on_offers(PACK_) == 1
    assert statuses(first, second, third) == ["waiting", "offered", "waiting"]
    [kept] = again(first)
    assert (kept.place, kept.offers_missed) == (place, 0)
    assert (run_of(first).seats_left, run_of(first).waiting) == (0, 2)
    freeze(first, None)
    leave(second)
    assert statuses(first, third) == ["offered", "waiting"], "before those who came later"
    assert seals.verify(db.session()) == []


def freeze(row: Enrolment, at: datetime | None) -> None:
    def work(session: Any) -> None:
        session.get_one(Person, row.person_id).frozen_at = at

    transaction(work)
