"""The verifiers' desk: queue, lock, decision, and what it refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backoffice.cases import World
from tests.backoffice.staff import ELSEWHERE, arrive
from tests.make import staff_browser
from tests.page import Node
from tests.visitor import Visitor
from training.audit import EventName, Outcome
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.outbox import OutboxRow
from training.people.models import PossibleDuplicate
from training.people.queries import looks_at
from training.ports import GroupEvidence
from training.staff.models import Role

S = EnrolmentStatus
NOBODYS = "CQ-26-7F3KM-Q9XWS"


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


@pytest.fixture
def luo(office: Flask, world: World) -> Visitor:
    return arrive(office, "luo", Role.VERIFIER)


@pytest.fixture
def qin(office: Flask, world: World) -> Visitor:
    return arrive(office, "qin", Role.VERIFIER)


def at(case: Any) -> str:
    return f"/office/verify/{case.reference}"


def decide(visitor: Visitor, case: Any, decision: str, **more: Any) -> Node:
    visitor.open(at(case))
    return visitor.send(visitor.page.one("form", id="decide"), decision=decision, **more)


# --- the queue -----------------------------------------------------------------------------------------------


def test_the_queue_holds_what_needs_a_person_the_longest_waiting_first(
    luo: Visitor, world: World, clock: Any
) -> None:
    first = world.by_phone()
    clock.shift(timedelta(minutes=5))
    second = world.without_code()
    world.clean()
    page = luo.open("/office/verify")
    assert page.marks("data-reference") == [first.reference, second.reference]
    assert page.marks("data-flags") == ["name_differs", ""]
    assert page.marks("data-status") == ["verifying", "received"]


def test_the_queue_filters_by_source_and_flag_and_says_what_it_cannot_read(
    luo: Visitor, world: World
) -> None:
    phone = world.by_phone()
    counter = world.walk_in("luo")
    received = world.without_code()
    assert luo.open("/office/verify", source="counter").marks("data-reference") == [counter.reference]
    assert luo.open("/office/verify", flag="name_differs").marks("data-reference") == [phone.reference]
    assert luo.open("/office/verify", flag="no_code").marks("data-reference") == [received.reference]
    odd = luo.open("/office/verify", flag="';--", page="abc", tab="x")
    assert luo.status == 200
    assert "could not be read" in odd.text
    assert len(odd.marks("data-reference")) == 3


def test_I39_pages_of_the_queue_hold_every_case_once(luo: Visitor, world: World) -> None:
    made = {world.by_phone().reference for _ in range(21)}
    page = luo.open("/office/verify")
    seen = page.marks("data-reference")
    following = page.one("a", rel="next")
    seen += luo.open(following.attrs["href"]).marks("data-reference")
    assert len(seen) == 21
    assert set(seen) == made


def test_overdue_is_said_in_words(luo: Visitor, world: World, clock: Any) -> None:
    case = world.by_phone()
    clock.shift(timedelta(days=1, minutes=-1))
    assert "1 case beyond 1 working day" not in luo.open("/office/sign-in").text
    luo = revived(luo, world)
    assert "beyond 1 working day" not in luo.open("/office/verify").text
    clock.shift(timedelta(minutes=2))
    assert "1 case beyond 1 working day" in luo.open("/office/verify").text
    home = luo.open("/office/")
    assert home.one("h1").text == "Today first: 1 overdue case"
    assert home.marks("data-reference") == [case.reference]


def revived(visitor: Visitor, world: World) -> Visitor:
    """The same member of staff, signed in anew on another day."""
    with world.office.app_context():
        staff_browser(visitor.client, world.account("luo"))
    return visitor


def test_tabs_count_mine_returned_and_done(luo: Visitor, qin: Visitor, world: World) -> None:
    first, second, third = (world.by_phone() for _ in range(3))
    luo.open(at(first))
    luo.post(at(first), action="take")
    decide(luo, second, "return", reasons="name_differs")
    decide(luo, third, "pass")
    counts = [
        int(link.one("b").text) for link in luo.open("/office/verify").one("nav", class_="tabs2").all("a")
    ]
    assert counts == [1, 1, 0, 1, 2]
    assert luo.open("/office/verify", tab="mine").marks("data-reference") == [first.reference]
    assert qin.open("/office/verify", tab="mine").marks("data-reference") == []
    assert luo.open("/office/verify", tab="returned").marks("data-reference") == [second.reference]


# --- taking --------------------------------------------------------------------------------------------------


def test_next_takes_the_oldest_that_nobody_holds(luo: Visitor, qin: Visitor, world: World) -> None:
    first, second = world.by_phone(), world.by_phone()
    luo.open("/office/verify")
    luo.send(luo.form("/next"))
    assert luo.path == at(first)
    qin.open("/office/verify")
    qin.send(qin.form("/next"))
    assert qin.path == at(second)
    row = luo.open("/office/verify").one("tr", data_reference=second.reference)
    assert "has it" in row.text


def test_whoever_decided_most_of_a_school_is_given_another_and_told_why(
    luo: Visitor, qin: Visitor, world: World, office: Flask, registries: Any, clock: Any
) -> None:
    for visitor, number in ((luo, 8), (qin, 2)):
        for _ in range(number):
            decide(visitor, world.by_phone(), "return", reasons="name_differs")
    old = world.by_phone()
    new = World(office, registries, clock).by_phone()
    luo.open("/office/verify")
    page = luo.send(luo.form("/next"))
    assert luo.path.startswith(f"{at(new)}?")
    assert "you decided 8 of 10 cases of" in page.one("p", data_turn=True).text
    qin.open("/office/verify")
    assert not qin.send(qin.form("/next")).all("p", data_turn=True)
    assert qin.path == at(old)


def test_whoever_holds_enough_is_told_to_put_one_back(luo: Visitor, world: World) -> None:
    with world.office.app_context():
        most = world.office.extensions["pack"].sharing.held_at_most
    made = [world.by_phone() for _ in range(most + 2)]
    for case in made[1 : most + 1]:
        luo.open(at(case))
        luo.post(at(case), action="take")
    luo.open("/office/verify")
    page = luo.send(luo.form("/next"))
    assert page.marks("data-error") == ["holds_enough"]
    assert "put one back" in page.one("p", data_error=True).text
    assert page.marks("data-reference") == [case.reference for case in made[1 : most + 1]]
    luo.open(at(made[-1]))
    page = luo.post(at(made[-1]), action="take")
    assert luo.status == 409
    assert page.marks("data-error") == ["holds_enough"]
    luo.post(at(made[1]), action="put_back")
    luo.post(at(made[-1]), action="take")
    assert luo.path == at(made[-1])
    decide(luo, made[0], "return", reasons="name_differs")  # a decision takes and gives back in one
    assert world.now_of(made[0]).status is S.RETURNED


def test_two_verifiers_asking_at_once_get_two_cases(
    office: Flask, luo: Visitor, qin: Visitor, world: World
) -> None:
    made = {at(world.by_phone()) for _ in range(2)}
    luo.open("/office/verify")
    qin.open("/office/verify")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda visitor: visitor.send(visitor.form("/next")), (luo, qin)))
    assert {luo.path, qin.path} == made


def test_an_empty_queue_says_so(luo: Visitor) -> None:
    luo.open("/office/verify")
    page = luo.send(luo.form("/next"))
    assert luo.path.startswith("/office/verify?empty")
    assert "The queue is empty" in page.text


def test_skip_passes_over_a_case_once(luo: Visitor, world: World) -> None:
    first, second = world.by_phone(), world.by_phone()
    luo.open("/office/verify")
    luo.send(luo.form("/next"))
    luo.press(luo.page.one("button", value="skip"))
    assert luo.path == at(second)
    assert world.now_of(first).locked_by is None


def test_a_case_put_back_is_there_for_the_next(luo: Visitor, qin: Visitor, world: World) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.press(luo.page.one("button", value="take"))
    assert qin.open(at(case)).first("form", id="decide") is None
    luo.press(luo.page.one("button", value="put_back"))
    assert luo.path == "/office/verify"
    assert qin.open(at(case)).first("form", id="decide")


def test_a_lock_ends_after_fifteen_minutes_and_can_be_renewed(
    luo: Visitor, qin: Visitor, world: World, clock: Any
) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.press(luo.page.one("button", value="take"))
    clock.shift(timedelta(minutes=14))
    assert luo.open(at(case)).first("b", role="alert")
    luo.post(at(case), action="renew")
    clock.shift(timedelta(minutes=14))
    qin.open(at(case))
    qin.post(at(case), decision="pass")
    assert qin.status == 409
    clock.shift(timedelta(minutes=2))
    luo.post(at(case), action="renew")
    assert (luo.status, luo.page.mark("data-error")) == (409, "not_held")
    qin.post(at(case), decision="pass")
    assert world.now_of(case).status is S.ENROLLED


def test_renewing_keeps_what_was_filled_in(luo: Visitor, world: World) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.press(luo.page.one("button", value="take"))
    renew = luo.page.one("button", value="renew")
    assert renew.attrs["form"] == "decide"
    form = luo.page.one("form", id="decide")
    from tests.page import fields

    luo.post(at(case), **(fields(form) | {"decision": "return", "note": "请对一遍", "action": "renew"}))
    assert "checked" in luo.page.one("input", id="decision-return").attrs
    assert luo.page.one("textarea", name="note").text == "请对一遍"


# --- deciding ------------------------------------------------------------------------------------------------


def test_a_pass_enrols(luo: Visitor, world: World) -> None:
    case = world.by_phone()
    decide(luo, case, "pass")
    row = world.now_of(case)
    assert (row.status, row.verified_by, row.locked_by) == (S.ENROLLED, world.account("luo").id, None)
    assert luo.path == "/office/verify"


def test_a_return_names_the_field(luo: Visitor, world: World) -> None:
    case = world.by_phone()
    decide(luo, case, "return", reasons="name_differs", note="请按身份证改")
    row = world.now_of(case)
    assert (row.status, row.returned_fields, row.reasons) == (S.RETURNED, "name", ["name_differs"])
    assert row.note == "请按身份证改"


def test_a_refusal_needs_a_reason_of_the_list(luo: Visitor, world: World) -> None:
    case = world.by_phone()
    decide(luo, case, "refuse")  # what is ticked beforehand is for a return
    assert (luo.status, luo.page.mark("data-error")) == (422, "reasons")
    luo.post(at(case), decision="refuse", reasons="invented")
    assert (luo.status, luo.page.mark("data-error")) == (422, "reasons")
    luo.post(at(case), decision="refuse", reasons="group_not_eligible", note="x" * 501)
    assert (luo.status, luo.page.mark("data-error")) == (422, "note")
    assert world.now_of(case).status is S.VERIFYING
    luo.post(at(case), decision="refuse", reasons="group_not_eligible")
    row = world.now_of(case)
    assert (row.status, row.reasons) == (S.REFUSED, ["group_not_eligible"])


@pytest.mark.parametrize("decision", ["", "reject", "passed", "PASS"])
def test_a_decision_is_one_of_three(luo: Visitor, world: World, decision: str) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.post(at(case), decision=decision, note="kept")
    assert (luo.status, luo.page.mark("data-error")) == (422, "decision")
    assert luo.page.one("textarea", name="note").text == "kept"


def test_deciding_and_opening_the_next_is_one_press(luo: Visitor, world: World) -> None:
    first, second = world.by_phone(), world.by_phone()
    decide_next = luo.open(at(first)).one("button", value="next")
    assert decide_next.has_class("go")
    luo.press(decide_next, decision="pass")
    assert luo.path == at(second)
    assert world.now_of(first).status is S.ENROLLED


def test_a_received_case_is_decided_after_it_was_taken(luo: Visitor, world: World) -> None:
    case = world.without_code()
    decide(luo, case, "pass")
    row = world.now_of(case)
    assert row.status is S.ENROLLED
    assert row.person.number_index is not None


def test_the_page_shows_what_the_notice_says_against_a_case(luo: Visitor, world: World) -> None:
    from datetime import date

    case = world.without_code(death_on=date(2026, 1, 5))
    page = luo.open(at(case))
    assert page.one("li", data_reason="deceased").attrs["data-met"] == "no"
    assert "checked" in page.one("input", id="refuse-deceased").attrs
    decide(luo, case, "refuse", reasons="deceased")
    assert world.now_of(case).reasons == ["deceased"]


def test_two_verifiers_deciding_one_case_leave_one_decision(luo: Visitor, qin: Visitor, world: World) -> None:
    case = world.by_phone()
    for visitor in (luo, qin):
        visitor.open(at(case))
    forms = [(luo, "pass"), (qin, "refuse")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: press(one[0], one[1]), forms))
    assert sorted([luo.status, qin.status]) == [200, 409]
    row = world.now_of(case)
    assert row.status is (S.ENROLLED if luo.status == 200 else S.REFUSED)


def press(visitor: Visitor, decision: str) -> None:
    form = visitor.page.one("form", id="decide")
    visitor.send(form, decision=decision, reasons="group_not_eligible")


def test_A18_a_stale_form_answers_409_and_says_what_happened(
    luo: Visitor, qin: Visitor, world: World
) -> None:
    case = world.by_phone()
    stale = luo.open(at(case)).one("form", id="decide")
    decide(qin, case, "return", reasons="name_differs")
    page = luo.send(stale, decision="pass")
    assert luo.status == 409
    assert page.mark("data-error") == "changed"
    assert "returned it for correction" in page.text
    assert "工作人员qin" in page.text
    assert world.now_of(case).status is S.RETURNED


@pytest.mark.parametrize("seen", ["99999999999999999999", "-1", "x", "²"])
def test_A20_a_version_nobody_can_have_seen_decides_nothing(luo: Visitor, world: World, seen: str) -> None:
    case = world.by_phone()
    form = luo.open(at(case)).one("form", id="decide")
    page = luo.send(form, decision="pass", seen_version=seen)
    assert (luo.status, page.mark("data-error")) == (409, "changed")


@pytest.mark.parametrize("status", ["enrolled", "refused", "withdrawn", "returned"])
def test_A18_no_decision_where_the_state_does_not_allow_one(luo: Visitor, world: World, status: str) -> None:
    case = world.by_phone()
    world.change(case, status=S(status), verified_by="system")
    assert luo.open(at(case)).first("form", id="decide") is None
    for decision in ("pass", "return", "refuse"):
        luo.post(at(case), decision=decision, reasons="group_not_eligible")
        assert luo.status == 409
    assert world.now_of(case).status is S(status)


def test_a_case_held_by_another_answers_409(luo: Visitor, qin: Visitor, world: World) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.post(at(case), action="take")
    qin.open(at(case))
    for fields in ({"decision": "pass"}, {"action": "take"}, {"action": "renew"}, {"action": "put_back"}):
        qin.post(at(case), **fields)
        assert (qin.status, fields) == (409, fields)
    assert "工作人员luo has it until" in qin.page.text


def test_A34_nobody_verifies_whom_they_enrolled(office: Flask, luo: Visitor, world: World) -> None:
    case = world.walk_in("luo")
    page = luo.open(at(case))
    assert page.first("form", id="decide") is None
    assert page.first(None, data_four_eyes=True)
    for fields in ({"decision": "pass"}, {"action": "take"}):
        luo.post(at(case), **fields)
        assert luo.status == 403
    luo.open("/office/verify")
    luo.send(luo.form("/next"))
    assert luo.path.startswith("/office/verify?empty")
    assert world.now_of(case).status is S.VERIFYING
    refused = world.events(subject=case.id, outcome=Outcome.REFUSED)
    assert EventName.IDENTITY_PASSED in {event.name for event in refused}


def test_I14_a_second_person_verifies_a_walk_in(luo: Visitor, qin: Visitor, world: World) -> None:
    case = world.walk_in("luo")
    decide(qin, case, "pass")
    row = world.now_of(case)
    assert (row.created_by, row.verified_by) == (world.account("luo").id, world.account("qin").id)


# --- scope ---------------------------------------------------------------------------------------------------


def test_A16_another_districts_case_is_not_there(office: Flask, luo: Visitor, world: World) -> None:
    case = world.by_phone()
    stranger = arrive(office, "wan", Role.VERIFIER, district=ELSEWHERE)
    assert stranger.open("/office/verify").marks("data-reference") == []
    stranger.open(at(case))
    theirs = (stranger.status, stranger.page.one("h1").text)
    stranger.open(f"/office/verify/{NOBODYS}")
    assert (stranger.status, stranger.page.one("h1").text) == theirs
    assert stranger.status == 404
    stranger.open("/office/verify")
    for fields in (
        {"decision": "pass"},
        {"action": "take"},
        {"action": "renew"},
        {"action": "put_back"},
        {"action": "show_number", "reason": "curious"},
        {"action": "answer", "answer": "different", "duplicate": "x"},
    ):
        stranger.open("/office/verify")
        stranger.post(at(case), **fields)
        assert (stranger.status, fields) == (404, fields)
    stranger.open("/office/verify")
    stranger.send(stranger.form("/next"))
    assert stranger.path.startswith("/office/verify?empty")
    assert world.now_of(case).locked_by is None


def test_A16_a_verifier_without_a_district_sees_nothing(office: Flask, world: World) -> None:
    world.by_phone()
    stranger = arrive(office, "nil", Role.VERIFIER, district=None)
    stranger.open("/office/verify")
    assert stranger.status == 403


@pytest.mark.parametrize("text", ["x", "CQ-26-7F3KM-Q9XWT", "%00", "CQ-26-AAAAA-AAAAA", "next"])
def test_forged_references_are_not_there(luo: Visitor, text: str) -> None:
    luo.open(f"/office/verify/{text}")
    assert luo.status in (404, 405)


# --- comparing, duplicates, numbers ---------------------------------------------------------------------------


def test_differing_characters_are_marked(luo: Visitor, world: World) -> None:
    case = world.by_phone("田和禾", name="田禾禾")
    row = luo.open(at(case)).one("tr", data_field="name")
    assert row.attrs["data-match"] == "different"
    assert sorted(mark.text for mark in row.all("mark")) == ["和", "禾"]
    assert "1 difference" in luo.page.text


def test_every_field_of_the_comparison_is_there(luo: Visitor, world: World) -> None:
    page = luo.open(at(world.by_phone()))
    assert page.marks("data-field") == [
        "name",
        "number",
        "birth",
        "card",
        "household",
        "insurance",
        "phone",
        "group",
    ]
    assert set(page.marks("data-match")) <= {"same", "different", "missing"}


def test_A23_numbers_and_phones_are_masked(luo: Visitor, world: World) -> None:
    case = world.by_phone()
    html = luo.open(at(case)).html() + luo.open("/office/verify").html()
    assert str(case.number) not in html
    answer = case.facts or ""
    import json

    person = json.loads(answer)["person"]
    assert person["phone"] not in html
    assert person["cards"][0]["number"] not in html
    assert person["birth_on"] not in html


def test_A23_a_proof_from_birth_does_not_tell_the_birthday(luo: Visitor, world: World) -> None:
    """A rural household counts from birth where the register names no day of entry."""
    born = date(1985, 3, 12)
    case = world.by_phone(birth_on=born, groups=(GroupEvidence("migrant", born, None, "rural_household"),))
    page = luo.open(at(case))
    assert "rural household" in page.text
    assert "12 March" not in page.text


def test_I26_the_full_number_needs_a_reason_and_is_recorded(
    office: Flask, luo: Visitor, world: World, clock: Any
) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.post(at(case), action="show_number", reason=" ")
    assert (luo.status, luo.page.mark("data-error")) == (422, "reason")
    page = luo.post(at(case), action="show_number", reason="照片看不清")
    assert page.one("b", data_full_number=True).text == case.number
    events = world.events(subject=case.person_id, name=EventName.FULL_NUMBER_SEEN)
    assert [event.facts["reason"] for event in events] == ["other"]
    with office.app_context():
        told = looks_at(db.session(), case.person_id)
    assert [(look.full_number, look.note) for look in told] == [(True, "照片看不清"), (False, "")]
    assert "?" not in luo.path
    clock.shift(timedelta(seconds=61))
    assert luo.open(at(case)).first("b", data_full_number=True) is None


def test_the_full_number_is_for_the_one_who_asked(luo: Visitor, qin: Visitor, world: World) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.post(at(case), action="show_number", reason="照片看不清")
    assert qin.open(at(case)).first("b", data_full_number=True) is None


@pytest.mark.parametrize(("answer", "passes"), [("different", True), ("same", False), ("ask", False)])
def test_only_different_lets_a_possible_duplicate_pass(
    luo: Visitor, world: World, answer: str, passes: bool
) -> None:
    _, case = world.twins()
    page = luo.open(at(case))
    assert page.mark("data-answer") == "open"
    luo.post(at(case), decision="pass")
    assert (luo.status, luo.page.mark("data-error")) == (409, "possible_duplicate")
    luo.open(at(case))
    luo.press(luo.page.one("button", value=answer))
    assert luo.page.mark("data-answer") == answer
    decide(luo, case, "pass")
    assert (world.now_of(case).status is S.ENROLLED) == passes


def test_A29_asked_twice_both_are_told_to_come_once(luo: Visitor, world: World) -> None:
    twins = world.twins()
    luo.open(at(twins[1]))
    ask = luo.page.one("button", value="ask")
    for _ in range(2):
        luo.press(ask)
        assert (luo.status, luo.page.mark("data-answer")) == (200, "ask")
    assert len(world.events(name=EventName.DUPLICATE_ANSWERED)) == 2, "one for each record"
    with world.office.app_context():
        told = [row.payload for row in db.session.scalars(select(OutboxRow)) if row.payload_sealed]
    asked = [said["person"] for said in told if said.get("message") == "duplicate_ask"]
    assert sorted(asked) == sorted(case.person_id for case in twins)


def test_a_duplicate_of_another_case_cannot_be_answered_here(luo: Visitor, world: World) -> None:
    world.twins()
    other = world.by_phone()
    with world.office.app_context():
        [row] = db.session.scalars(select(PossibleDuplicate)).all()
    luo.open(at(other))
    luo.post(at(other), action="answer", answer="different", duplicate=row.id)
    assert luo.status == 404
    luo.open(at(other))
    luo.post(at(other), action="answer", answer="perhaps", duplicate=row.id)
    assert luo.status == 422


def test_A50_what_people_typed_is_text(luo: Visitor, world: World) -> None:
    case = world.by_phone("<b onclick=x>周</b>")
    page = luo.open(at(case))
    assert page.first("b", onclick=True) is None
    decide(luo, case, "return", reasons="name_differs", note="<script>alert(1)</script>")
    assert luo.open(at(case)).first("script", src=False) is None


def test_the_history_tells_who_did_what(luo: Visitor, world: World) -> None:
    case = world.by_phone()
    luo.open(at(case))
    luo.post(at(case), action="take")
    told = luo.page.one("section", id="history").text
    assert told.index("工作人员luo took the case") < told.index("The applicant submitted")


def test_the_parts_that_refresh_are_parts_of_the_page(luo: Visitor, world: World) -> None:
    world.by_phone()
    page = luo.open("/office/verify")
    swapped = luo.swap(page.one("div", id="queue"), page)
    assert swapped.one("main").text == luo.open("/office/verify").one("main").text


def test_A46_a_verifier_stops_what_the_person_says_was_not_them(
    office: Flask, world: World, luo: Visitor
) -> None:
    arrive(office, "desk", Role.COUNSELLOR)
    case = world.walk_in("desk")
    page = luo.open(f"/office/verify/{case.reference}")
    button = page.one("button", name="action", value="not_me")
    page = luo.press(button, said="没去过那个窗口。")
    assert luo.status == 200
    assert page.first(None, data_frozen=True)
    assert page.first("button", name="action", value="not_me") is None
    luo.post(f"/office/verify/{case.reference}", decision="pass")
    assert luo.status == 409
    assert world.now_of(case).status is S.VERIFYING
