"""Every case of the contract's table, by phone and at the counter, over both doors, with the worker's own errands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from jobs.demo.cases import CASES
from tests.journeys.demo import Demo, refusals
from tests.journeys.table import AT_COUNTER, BY_PHONE
from tests.page import Node
from tests.visitor import Visitor

Person = Mapping[str, Any]


def typed_number(person: Person) -> str:
    """What this person types: the old number where there is one, else the card, as most do."""
    return str(person.get("number15") or (person["number"] if person["case"] == "hmt" else person["card"]))


def ask_code(demo: Demo, person: Person, class_id: str, number: str = "") -> Visitor:
    """Step 1, with the code on its way where the register holds a phone."""
    visitor = demo.visitor()
    page = visitor.open(f"/enrol/{class_id}")
    send = page.one("button", name="action", value="send_code")
    visitor.press(send, name=person["name"], number=number or typed_number(person))
    demo.work_off()
    return visitor


def prove(demo: Demo, person: Person, class_id: str) -> Visitor:
    """Step 1 with the code, as far as the last page before the seat is taken."""
    visitor = ask_code(demo, person, class_id)
    code = demo.code(person)
    assert code, visitor.page.text
    visitor.press(visitor.page.one("button", name="action", value="next"), code=code)
    assert visitor.path.endswith("/check"), visitor.page.text
    return visitor


def submit_without_code(visitor: Visitor) -> str:
    visitor.press(visitor.page.one("button", name="action", value="without_code"))
    assert visitor.path.endswith("/done"), visitor.page.text
    return visitor.page.mark("data-reference")


def declare(visitor: Visitor, person: Person, **said: str) -> str:
    """Agree and enrol; what the register does not prove is said. Returns the reference of the receipt."""
    form = visitor.form("/check")
    if form.first("select", name="group"):
        said["group"] = person["group"]
    visitor.send(form, **({"declaration": "yes"} | said))  # type: ignore[arg-type]
    assert visitor.path.endswith("/done"), visitor.page.text
    return visitor.page.mark("data-reference")


def look_up(demo: Demo, counsellor: Visitor, number: str) -> Node:
    counsellor.open("/office/counter")
    return counsellor.post("/office/counter", number=number)


def enrol_at_counter(
    counsellor: Visitor, person: Person, class_id: str, number: str = "", **more: str
) -> Node:
    """The one form of the counter, posted as it stands in the contract."""
    number = number or typed_number(person)
    known = {"number": number, "group": person["group"], "class": class_id, "declaration": "yes"}
    return counsellor.post("/office/counter", **(known | more))


@pytest.fixture
def verifier(demo: Demo) -> Visitor:
    return demo.clerk("verifier")


@pytest.fixture
def counsellor(demo: Demo) -> Visitor:
    return demo.clerk("counsellor")


def test_the_table_holds_every_case_of_the_demo() -> None:
    assert set(BY_PHONE) == set(AT_COUNTER) == set(CASES)


# --- by phone ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case, end in BY_PHONE.items() if end.status and end.coded])
def test_by_phone_a_case_ends_as_the_table_says(case: str, demo: Demo, verifier: Visitor) -> None:
    person, end = demo.person(case), BY_PHONE[case]
    reference = declare(prove(demo, person, demo.told.class_of("open")), person)
    assert demo.status(reference) == end.status
    if end.flags:
        assert demo.flags(verifier, reference) == end.flags


@pytest.mark.parametrize("case", [case for case, end in BY_PHONE.items() if not end.coded])
def test_by_phone_without_a_code_it_is_received(case: str, demo: Demo) -> None:
    person = demo.person(case)
    visitor = ask_code(demo, person, demo.told.class_of("open"))
    assert demo.code(person) is None
    reference = submit_without_code(visitor)
    demo.work_off()
    assert demo.status(reference) == "received"


@pytest.mark.parametrize("case", [case for case, end in BY_PHONE.items() if end.refused])
def test_by_phone_a_refusal_shows_its_reason_and_changes_nothing(case: str, demo: Demo) -> None:
    person, class_id = demo.person(case), demo.told.class_of("open")
    visitor = prove(demo, person, class_id)
    assert visitor.status == 200
    assert refusals(visitor.page) == {BY_PHONE[case].refused}
    assert not visitor.page.all("input", name="declaration")
    assert not visitor.page.all("input", name="self_pay")
    before = demo.standing()
    token = demo_token(visitor)
    visitor.post(f"/enrol/{class_id}/check", declaration="yes", self_pay="yes", csrf_token=token)
    assert visitor.status == 422
    assert BY_PHONE[case].refused in refusals(visitor.page)
    assert demo.standing() == before


def demo_token(visitor: Visitor) -> str:
    """The token of a form elsewhere, where the page itself has none."""
    kept = visitor.response, visitor.path
    token = visitor.open("/sign-in").one("input", name="csrf_token").attrs["value"]
    visitor.response, visitor.path = kept
    return token


def test_by_phone_a_child_is_told_beside_the_number_at_once(demo: Demo) -> None:
    person, before = demo.person("under_16"), demo.standing()
    visitor = ask_code(demo, person, demo.told.class_of("open"), person["number"])
    assert visitor.status == 422
    assert visitor.page.marks("data-error") == ["number"]
    assert not visitor.page.all("input", name="code")
    assert demo.standing() == before


def test_by_phone_the_dead_are_refused_by_the_verifier(demo: Demo, verifier: Visitor) -> None:
    person = demo.person("deceased")
    reference = submit_without_code(ask_code(demo, person, demo.told.class_of("open")))
    demo.work_off()
    verifier.open(f"/office/verify/{reference}")
    assert "deceased" in refusals(verifier.page)
    decide = verifier.page.one("form", id="decide")
    verifier.send(decide, decision="refuse", reasons="deceased")
    assert verifier.status == 200, verifier.page.text
    assert demo.status(reference) == "refused"


def test_by_phone_a_slow_registry_answers_beside_the_received_case(demo: Demo, verifier: Visitor) -> None:
    person, class_id = demo.person("registry_slow"), demo.told.class_of("open")
    visitor = demo.visitor()
    page = visitor.open(f"/enrol/{class_id}")
    send = page.one("button", name="action", value="send_code")
    visitor.press(send, name=person["name"], number=person["card"])
    reference = submit_without_code(visitor)
    demo.work_off()
    assert demo.status(reference) == "received"
    page = verifier.open(f"/office/verify/{reference}")
    assert page.one(None, data_field="name").attrs["data-match"] == "same"


@pytest.mark.parametrize("ticks", [False, True])
def test_by_phone_who_was_paid_this_year_may_pay_the_fee(ticks: bool, demo: Demo) -> None:
    person, class_id = demo.person("paid_this_year"), demo.told.class_of("self_pay")
    visitor = prove(demo, person, class_id)
    assert refusals(visitor.page) == {"cap_reached"}
    assert not visitor.page.all("input", name="declaration")
    assert visitor.page.all("input", name="self_pay")
    before = demo.standing()
    if ticks:
        visitor.open(f"/enrol/{class_id}/check", self_pay="yes")
        assert demo.status(declare(visitor, person, self_pay="yes")) == "enrolled"
        assert demo.standing()["entitlements"] == before["entitlements"]
    else:
        visitor.post(f"/enrol/{class_id}/check", declaration="yes", csrf_token=demo_token(visitor))
        assert visitor.status == 422
        assert demo.standing() == before


def test_by_phone_plain_people_are_enrolled_but_for_a_sample(demo: Demo, verifier: Visitor) -> None:
    ends = []
    for person in demo.told.people("plain")[10:20]:
        reference = declare(prove(demo, person, demo.told.class_of("open")), person)
        ends.append(demo.status(reference))
        if ends[-1] == "verifying":
            assert demo.flags(verifier, reference) == {"sample"}
    assert sorted(ends) == ["enrolled"] * 9 + ["verifying"]


def test_by_phone_twice_in_one_class_is_a_finding_with_the_way_to_the_first(demo: Demo) -> None:
    person, class_id = demo.person("migrant"), demo.told.class_of("open")
    reference = declare(prove(demo, person, class_id), person)
    again, before = prove(demo, person, class_id), demo.standing()
    assert refusals(again.page) == {"already_in_class"}
    assert again.page.all("a", href=f"/mine/{reference}")
    again.post(f"/enrol/{class_id}/check", declaration="yes", csrf_token=demo_token(again))
    assert again.status == 422
    assert demo.standing() == before


# --- at the counter ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [case for case, end in AT_COUNTER.items() if end.status])
def test_at_the_counter_a_case_ends_as_the_table_says(
    case: str, demo: Demo, counsellor: Visitor, verifier: Visitor
) -> None:
    person, end = demo.person(case), AT_COUNTER[case]
    page = look_up(demo, counsellor, typed_number(person))
    assert counsellor.status == 200, page.text
    assert not refusals(page)
    by_hand = {"name": person["name"]}
    if case == "not_in_registry" or case == "registry_slow":
        born = f"{person['number'][6:10]}-{person['number'][10:12]}-{person['number'][12:14]}"
        by_hand["birth_on"] = born
    slip = enrol_at_counter(counsellor, person, demo.told.class_of("open"), **by_hand)
    assert counsellor.path.endswith("/slip"), slip.text
    reference = slip.mark("data-reference")
    assert len(slip.mark("data-slip-code").replace("-", "")) == 14
    assert demo.status(reference) == end.status
    assert demo.flags(verifier, reference) == end.flags


@pytest.mark.parametrize("case", [case for case, end in AT_COUNTER.items() if end.refused])
def test_at_the_counter_a_refusal_shows_its_reason_and_changes_nothing(
    case: str, demo: Demo, counsellor: Visitor
) -> None:
    person, end = demo.person(case), AT_COUNTER[case]
    page = look_up(demo, counsellor, typed_number(person))
    if end.at_look_up:
        assert refusals(page) >= {end.refused}
        assert not page.all("input", name="declaration")
    before = demo.standing()
    page = enrol_at_counter(counsellor, person, demo.told.class_of("open"))
    assert counsellor.status == 409, page.text
    assert end.refused in refusals(page)
    assert demo.standing() == before


def test_at_the_counter_a_childs_18_digit_number_is_refused_with_the_same_reason(
    demo: Demo, counsellor: Visitor
) -> None:
    person = demo.person("under_16")
    assert "under_age" in refusals(look_up(demo, counsellor, person["number"]))
    before = demo.standing()
    page = enrol_at_counter(counsellor, person, demo.told.class_of("open"), person["number"])
    assert (counsellor.status, "under_age" in refusals(page)) == (409, True)
    assert demo.standing() == before


def test_at_the_counter_who_is_in_the_class_already_is_refused(demo: Demo, counsellor: Visitor) -> None:
    person, class_id = demo.person("graduate"), demo.told.class_of("open")
    reference = declare(prove(demo, person, class_id), person)
    look_up(demo, counsellor, typed_number(person))
    before = demo.standing()
    page = enrol_at_counter(counsellor, person, class_id)
    # The look-up says that the year's subsidy is held; the answer says the class.
    assert (counsellor.status, refusals(page)) == (409, {"already_in_class", "cap_reached"})
    assert reference in page.text
    assert demo.standing() == before


def test_at_the_counter_a_received_enrolment_is_taken_over(
    demo: Demo, counsellor: Visitor, verifier: Visitor
) -> None:
    person = demo.person("no_phone")
    reference = submit_without_code(ask_code(demo, person, demo.told.class_of("open")))
    page = look_up(demo, counsellor, typed_number(person))
    assert reference in page.text
    take_over = next(form for form in page.all("form") if form.first("input", value="take_over"))
    slip = counsellor.send(take_over, declaration="yes")
    assert slip.mark("data-reference") == reference
    assert demo.status(reference) == "verifying"
    assert demo.flags(verifier, reference) == set()


# --- classes -------------------------------------------------------------------------------------------------


def test_the_second_person_for_the_one_seat_waits(demo: Demo) -> None:
    class_id, ends = demo.told.class_of("one_seat"), []
    for _ in range(2):
        person = demo.person("unemployed")
        ends.append(demo.status(declare(prove(demo, person, class_id), person)))
    assert ends == ["enrolled", "waiting"]


def test_a_full_class_says_so_beforehand_and_gives_a_place_in_line(demo: Demo, counsellor: Visitor) -> None:
    class_id, person = demo.told.class_of("full"), demo.person("hard_to_place")
    visitor = prove(demo, person, class_id)
    assert "place in line" in visitor.page.text
    assert demo.status(declare(visitor, person)) == "waiting"
    walk_in = demo.person("school_leaver")
    look_up(demo, counsellor, typed_number(walk_in))
    slip = enrol_at_counter(counsellor, walk_in, class_id)
    assert demo.status(slip.mark("data-reference")) == "waiting"


CLOSED = {
    "not_yet_open": {"class_not_open"},
    "started": {"class_started"},
    "suspended_school": {"school_suspended"},
}


@pytest.mark.parametrize("case", CLOSED)
def test_a_class_that_is_not_open_says_why_and_takes_nobody(
    case: str, demo: Demo, counsellor: Visitor
) -> None:
    class_id, person, visitor = demo.told.class_of(case), demo.told.people("plain")[30], demo.visitor()
    page = visitor.open(f"/enrol/{class_id}")
    assert (visitor.status, refusals(page)) == (200, CLOSED[case])
    assert not [form for form in page.all("form") if form.attrs.get("method") == "post"]
    before, token = demo.standing(), demo_token(visitor)
    typed = {"name": person["name"], "number": person["card"], "csrf_token": token}
    for action in ("send_code", "next", "without_code"):
        visitor.post(f"/enrol/{class_id}", action=action, **typed)
        assert (visitor.status, refusals(visitor.page)) == (422, CLOSED[case])
    look_up(demo, counsellor, person["card"])
    page = enrol_at_counter(counsellor, person, class_id)
    assert (counsellor.status, refusals(page)) == (409, CLOSED[case])
    assert demo.standing() == before
