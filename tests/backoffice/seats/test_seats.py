"""The desk of seats: whose classes, the line with its reasons, every move explained, and what is done there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.page import Node
from tests.training.enrolments.people import again, enrolled, full_class, leave, registered
from tests.training.enrolments.test_offers import more_seats
from tests.visitor import Visitor
from training import clock as clocks
from training.audit import AuditEvent
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.operations import pass_on_offers
from training.people.models import Person
from training.policy.queries import load_pack

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def line(office: Flask, registries: Any) -> tuple[Enrolment, list[Enrolment]]:
    """A full class whose seat has come free: who left, and the three in line, the first of them asked."""
    with office.app_context():
        [seated], waiting = full_class(registries, line=3)
        leave(seated)
        seated, *waiting = again(seated, *waiting)
        return seated, waiting


def sit(office: Flask, *roles: str, language: str = "en", **where: Any) -> Visitor:
    """A member of staff of these roles, signed in."""
    with office.app_context():
        account = make.staff(*roles, **where)
        visitor = Visitor(office.test_client(), language)
        make.staff_browser(visitor.client, account)
        return visitor


def school(office: Flask, class_id: str) -> Visitor:
    with office.app_context():
        run = db.session().get_one(ClassRun, class_id)
        mine = run.course.institution_id
    return sit(office, "institution", district=None, institution=mine)


def rows_of(page: Node) -> list[tuple[str, str]]:
    return [
        (row.attrs["data-place"], row.attrs["data-status"])
        for row in page.all("tr")
        if "data-place" in row.attrs
    ]


def statuses(office: Flask, *rows: Enrolment) -> list[str]:
    with office.app_context():
        return [row.status.value for row in again(*rows)]


def test_the_line_stands_in_order_with_who_is_asked_and_why_not_yet(office: Flask, line: Any) -> None:
    seated, [first, second, _] = line
    desk = sit(office, "counsellor")
    page = desk.open(f"/office/seats/{seated.class_id}")
    assert rows_of(page) == [("0", "offered"), ("1", "waiting"), ("2", "waiting")]
    text = page.text
    assert "kept until 17 June 10:00" in text
    assert "1 person before" in text
    with office.app_context():
        names = [db.session().get_one(Person, row.person_id).name for row in (first, second, seated)]
    assert not [name for name in names if name in text], "names are masked"
    assert "withdrew; first in line" in text, "every move says why"


def test_each_move_is_a_sentence_in_both_languages(office: Flask, line: Any, clock: Any) -> None:
    seated, _ = line
    with office.app_context():
        clock.shift(timedelta(hours=25))
        pass_on_offers(load_pack(make.PACK))
    page = sit(office, "counsellor").open(f"/office/seats/{seated.class_id}?moves=all")
    for words in (
        "did not answer; next in line",
        "Went to the end of the line",
        "joined the line",
        "took a seat",
    ):
        assert words in page.text
    chinese = sit(office, "counsellor", language="zh").open(f"/office/seats/{seated.class_id}?moves=all")
    assert "没答复，自动给下一位" in chinese.text
    assert rows_of(chinese) == rows_of(page)


def test_A16_A17_each_sees_only_the_classes_of_the_own_district_or_school(office: Flask, line: Any) -> None:
    seated, _ = line
    here, mine = sit(office, "counsellor"), school(office, seated.class_id)
    elsewhere = sit(office, "counsellor", district="500106")
    with office.app_context():
        other_school = make.make_class().course.institution_id
    stranger = sit(office, "institution", district=None, institution=other_school)
    for visitor in (here, mine):
        page = visitor.open("/office/seats")
        assert seated.class_id in [node.attrs.get("data-class") for node in page.all("tr")]
        visitor.open(f"/office/seats/{seated.class_id}")
        assert visitor.status == 200
    for visitor in (elsewhere, stranger):
        page = visitor.open("/office/seats")
        assert seated.class_id not in [node.attrs.get("data-class") for node in page.all("tr")]
        visitor.open(f"/office/seats/{seated.class_id}")
        assert visitor.status == 404
        visitor.open("/office/seats")
        visitor.post(f"/office/seats/{seated.class_id}", action="release", reason="x")
        assert visitor.status == 404
    verifier = sit(office, "verifier")
    verifier.open("/office/seats")
    assert verifier.status == 403


def test_an_offer_is_taken_back_with_a_reason_and_the_next_is_asked(office: Flask, line: Any) -> None:
    seated, [first, second, third] = line
    desk = school(office, seated.class_id)
    desk.open(f"/office/seats/{seated.class_id}")
    desk.post(f"/office/seats/{seated.class_id}", action="release", reason=" ")
    assert desk.status == 422
    assert desk.page.mark("data-error") == "reason"
    desk.post(f"/office/seats/{seated.class_id}", action="release", reason="电话里说不来了")
    assert desk.status == 200
    assert statuses(office, first, second, third) == ["waiting", "offered", "waiting"]
    assert "电话里说不来了" in desk.page.text


def test_of_two_offers_one_is_named(office: Flask, line: Any, clock: Any) -> None:
    seated, [first, second, third] = line
    desk = sit(office, "counsellor")
    with office.app_context():
        more_seats(seated, 1)
    desk.open(f"/office/seats/{seated.class_id}")
    desk.post(f"/office/seats/{seated.class_id}", action="offer", reason="加座")
    assert statuses(office, first, second, third) == ["offered", "offered", "waiting"]
    unknown = {"action": "release", "reason": "说不来了", "reference": third.reference}
    desk.post(f"/office/seats/{seated.class_id}", **unknown)
    assert desk.status == 422
    assert desk.page.mark("data-error") == "reference"
    told = {"action": "release", "reason": "说不来了", "reference": second.reference}
    clock.shift(timedelta(minutes=5))
    desk.post(f"/office/seats/{seated.class_id}", **told)
    assert statuses(office, first, second, third) == ["offered", "waiting", "offered"]
    desk.open(f"/office/seats/{seated.class_id}")
    desk.post(f"/office/seats/{seated.class_id}", action="release", reason="说不来了")
    assert statuses(office, first, third) == ["waiting", "offered"], "nobody named: the longest open one"


def test_no_free_seat_and_no_open_offer_are_409_and_an_unknown_action_422(office: Flask, line: Any) -> None:
    seated, [first, _, _] = line
    desk = sit(office, "counsellor")
    desk.open(f"/office/seats/{seated.class_id}")
    desk.post(f"/office/seats/{seated.class_id}", action="offer")
    assert desk.status == 409
    assert desk.page.mark("data-reason") == "no_free_seat"
    desk.post(f"/office/seats/{seated.class_id}", action="seize")
    assert desk.status == 422
    with office.app_context():
        empty = make.make_class()
    desk.open(f"/office/seats/{empty.id}")
    desk.post(f"/office/seats/{empty.id}", action="release", reason="x")
    assert desk.status == 409
    assert statuses(office, first) == ["offered"]


def test_A46_a_counsellor_answers_for_who_stands_there_having_seen_the_card(office: Flask, line: Any) -> None:
    seated, [first, second, _] = line
    desk = sit(office, "counsellor")
    address = f"/office/seats/{seated.class_id}/{first.reference}"
    desk.open(address)
    desk.post(address, action="accept")
    assert desk.status == 422
    assert desk.page.mark("data-error") == "identity_seen"
    desk.post(address, action="accept", identity_seen="yes")
    assert desk.status == 200
    assert desk.page.mark("data-status") == "enrolled"
    desk.open(f"/office/seats/{seated.class_id}/{second.reference}")
    desk.post(address, action="decline", identity_seen="yes")
    assert desk.status == 409
    assert statuses(office, first, second) == ["enrolled", "waiting"]
    with office.app_context():
        looks = db.session().scalars(select(AuditEvent).where(AuditEvent.subject == first.person_id))
        assert "person_seen" in [str(event.name) for event in looks]


def test_A36_a_school_answers_for_nobody(office: Flask, line: Any) -> None:
    seated, [first, _, _] = line
    desk = school(office, seated.class_id)
    address = f"/office/seats/{seated.class_id}/{first.reference}"
    desk.open(address)
    assert desk.status == 403
    desk.open("/office/seats")
    desk.post(address, action="accept", identity_seen="yes")
    assert desk.status == 403
    assert statuses(office, first) == ["offered"]


def test_a_counsellor_changes_the_class_for_who_stands_there(
    office: Flask, registries: Any, line: Any
) -> None:
    seated, [_, second, _] = line
    with office.app_context():
        run = db.session().get_one(ClassRun, seated.class_id)
        later = make.make_class(course=run.course, starts_on=clocks.today() + timedelta(days=60))
    desk = sit(office, "counsellor")
    address = f"/office/seats/{seated.class_id}/{second.reference}"
    desk.open(address)
    desk.post(address, action="change", identity_seen="yes", **{"class": later.id})
    assert (desk.status, desk.path) == (200, f"/office/seats/{later.id}/{second.reference}")
    assert statuses(office, second) == ["enrolled"]
    assert "left for another class" in desk.open(f"/office/seats/{seated.class_id}").text
    assert "came from another class" in desk.open(f"/office/seats/{later.id}").text


def test_a_school_cancels_its_own_class_and_a_counsellor_does_not(
    office: Flask, registries: Any, line: Any
) -> None:
    seated, waiting = line
    counsellor, mine = sit(office, "counsellor"), school(office, seated.class_id)
    address = f"/office/seats/{seated.class_id}"
    counsellor.open(address)
    counsellor.post(address, action="cancel", reason="人太少")
    assert counsellor.status == 403
    mine.open(address)
    mine.post(address, action="cancel", reason="")
    assert mine.status == 422
    mine.post(address, action="cancel", reason="报名的人太少")
    assert mine.status == 200
    assert "报名的人太少" in mine.page.text
    assert statuses(office, *waiting) == ["expired"] * 3
    mine.open("/office/seats")
    mine.post(address, action="cancel", reason="再来")
    assert mine.status == 409


def test_the_desk_shows_a_newcomer_who_joins_behind(office: Flask, registries: Any, line: Any) -> None:
    seated, _ = line
    with office.app_context():
        late = registered()
        registries.know(late)
        enrolled(registries, late, seated.class_id)
    page = sit(office, "counsellor").open(f"/office/seats/{seated.class_id}")
    assert rows_of(page)[-1] == ("3", "waiting")
