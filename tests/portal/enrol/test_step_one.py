"""Step 1: what may be typed, what is said about it, and what a stranger can learn, which is nothing."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.conftest import MORNING
from tests.page import Node
from tests.portal.phone import ask, button, code_on, prove, send_codes, work_off
from tests.training.enrolments.people import number_of, registered
from tests.visitor import Visitor
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.models import Enrolment
from training.limits import Limit
from training.people.models import Draft

pytestmark = pytest.mark.usefixtures("clock")
ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def run(portal: Flask) -> ClassRun:
    with portal.app_context():
        return make.make_class()


def send(citizen: Visitor, run: ClassRun, action: str = "send_code", **typed: Any) -> Node:
    """Open step 1 and press a button with this in the fields."""
    citizen.open(f"/enrol/{run.id}")
    return citizen.post(f"/enrol/{run.id}", action=action, **typed)


def drafts(portal: Flask) -> int:
    with portal.app_context():
        return db.session().scalar(select(func.count()).select_from(Draft)) or 0


def tighten(portal: Flask, **limits: Limit) -> None:
    settings = portal.extensions["settings"]
    changed = dataclasses.replace(settings.limits, resend_seconds=1, **limits)
    portal.extensions["settings"] = dataclasses.replace(settings, limits=changed)


# --- what is recognised --------------------------------------------------------------------------------------


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "kind", "said"),
    [
        ("E0431217X", "card", "card number"),
        ("E043 121-7x", "card", "card number"),
        ("Ｅ０４３１２１７Ｘ", "card", "card number"),
        ("E043121X", "card", "8 characters"),
        ("510202850312001", "number15", "old 15-digit"),
        ("HKG112345678", "hmt", "Hong Kong"),
    ],
)
def test_each_kind_of_number_is_recognised(
    citizen: Visitor, run: ClassRun, typed: str, kind: str, said: str
) -> None:
    page = send(citizen, run, name="周小满", number=typed)
    assert citizen.status == 200
    assert citizen.path == f"/enrol/{run.id}"
    assert page.mark("data-number-kind") == kind
    assert said in page.text
    assert "周小满" in page.text
    assert typed not in page.text


@ONE_DATABASE
def test_full_width_digits_are_digits(citizen: Visitor, run: ClassRun) -> None:
    number = number_of(date(1985, 3, 12))
    wide = number.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    assert send(citizen, run, name="周小满", number=wide).mark("data-number-kind") == "number18"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter your card number"),
        ("E04317X", "9 characters. You entered 7"),
        ("51020219850312001", "18 digits. You entered 17"),
        ("510202198503120015", "One digit"),
        ("510202198513320014", "One digit"),
        ("6217001210012345678", "bank number"),
        ("6222021234567890", "bank number"),
        ("E043/217X", "Remove “/”"),
        ("\x00" * 9, "Use only letters and numbers"),
        ("<b>117X</b>", "Remove “<”"),
    ],
)
def test_what_is_wrong_with_a_number_is_said_beside_it(
    citizen: Visitor, portal: Flask, run: ClassRun, typed: str, said: str
) -> None:
    page = send(citizen, run, name="周小满", number=typed)
    assert citizen.status == 422
    assert page.mark("data-error") == "number"
    assert said in page.one(None, data_error="number").text
    assert page.one("input", name="name").attrs["value"] == "周小满"
    assert page.one("title").text.startswith("Error:")
    assert drafts(portal) == 0
    assert send_codes(portal) == 0


def test_who_is_under_16_by_the_number_is_told_at_step_1(
    citizen: Visitor, portal: Flask, run: ClassRun
) -> None:
    page = send(citizen, run, name="小明", number=number_of(date(2011, 1, 5)))
    assert (citizen.status, page.mark("data-error")) == (422, "number")
    assert "from the age of 16" in page.text
    assert send_codes(portal) == 0


# --- A61, A50: names -----------------------------------------------------------------------------------------


@ONE_DATABASE
@pytest.mark.parametrize(
    "name", ["阿依古丽·买买提", "〇", "𠮷野", "𰻝", "㐂", "Anna-Maria O'Neil", "欧" * 64]
)
def test_A61_rare_names_are_kept_as_they_are(citizen: Visitor, run: ClassRun, name: str) -> None:
    page = send(citizen, run, name=name, number="E0431217X")
    assert citizen.status == 200
    assert name in page.text


@pytest.mark.parametrize(
    "name",
    [
        "周\u202e满",
        "周\u200b满",
        "周\u2066满",
        "\ufeff周满",
        "周\x00满",
        "周\x07",
        "周\u2028满",
        "周\u3164满",
        "\u200d",
        "欧" * 65,
        "ﷺ" * 6,
    ],
)
def test_A61_signs_that_cannot_be_seen_are_refused(
    citizen: Visitor, portal: Flask, run: ClassRun, name: str
) -> None:
    page = send(citizen, run, name=name, number="E0431217X")
    assert (citizen.status, page.mark("data-error")) == (422, "name")
    assert drafts(portal) == 0


@ONE_DATABASE
@pytest.mark.parametrize("name", ["", "   ", "···", "。"])
def test_a_name_without_a_letter_is_no_name(citizen: Visitor, run: ClassRun, name: str) -> None:
    page = send(citizen, run, name=name, number="E0431217X")
    assert (citizen.status, page.mark("data-error")) == (422, "name")


def test_A50_a_name_that_is_script_stays_text(citizen: Visitor, run: ClassRun) -> None:
    name = "<script>alert(1)</script><img src=x onerror=y>"
    page = send(citizen, run, name=name, number="E04312")
    assert page.one("input", name="name").attrs["value"] == name
    page = send(citizen, run, name=name, number="E0431217X")
    assert name in page.text
    assert not page.all("img")
    assert all("src" in script.attrs for script in page.all("script"))


# --- bad input -----------------------------------------------------------------------------------------------


@ONE_DATABASE
def test_missing_fields_are_named(citizen: Visitor, run: ClassRun) -> None:
    for action in ("send_code", "next", "without_code", "nonsense"):
        page = send(citizen, run, action=action)
        assert citizen.status == 422
        assert page.marks("data-error") == ["name", "number"]


@ONE_DATABASE
def test_of_a_repeated_field_the_first_counts(citizen: Visitor, run: ClassRun) -> None:
    page = send(citizen, run, name=["周小满", "冉平"], number=["E0431217X", "B0000000X"])
    assert "周小满" in page.text
    assert "冉平" not in page.text


@ONE_DATABASE
@pytest.mark.parametrize("size", [60_000, 1_000_000])
def test_a_field_of_a_megabyte_is_a_clear_error(
    citizen: Visitor, portal: Flask, run: ClassRun, size: int
) -> None:
    for field in ("name", "number", "code"):
        typed = {"name": "周小满", "number": "E0431217X"} | {field: "9" * size}
        send(citizen, run, action="next", **typed)
        assert citizen.status in (413, 422), field
    assert send_codes(portal) == 0


@ONE_DATABASE
def test_broken_multipart_is_a_clear_error(citizen: Visitor, run: ClassRun) -> None:
    citizen.open(f"/enrol/{run.id}")
    answer = citizen.client.post(
        f"/enrol/{run.id}", data=b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x"
    )
    assert 400 <= answer.status_code < 500


def test_what_is_typed_again_takes_the_place_of_what_was_kept(citizen: Visitor, run: ClassRun) -> None:
    send(citizen, run, name="周小满", number="E0431217X")
    page = citizen.post(f"/enrol/{run.id}", action="next", name="冉平", number="B0000001X", code="123456")
    assert (citizen.status, page.mark("data-error")) == (422, "code")
    assert "冉平" in page.text
    assert "周小满" not in page.text


def test_not_me_forgets_what_was_typed(citizen: Visitor, portal: Flask, run: ClassRun) -> None:
    page = send(citizen, run, name="周小满", number="E0431217X")
    page = citizen.press(button(page, "clear"))
    assert citizen.status == 200
    assert "周小满" not in page.text
    assert drafts(portal) == 0


@ONE_DATABASE
def test_enter_in_the_code_field_goes_on(citizen: Visitor, run: ClassRun) -> None:
    """The first button of the form is the one Enter presses."""
    page = send(citizen, run, name="周小满", number="E0431217X")
    [form] = [form for form in page.all("form") if form.all("input", name="code")]
    first = next(one for one in form.all("button") if one.attrs.get("form") in (None, form.attrs.get("id")))
    assert first.attrs["value"] == "next"


# --- codes ---------------------------------------------------------------------------------------------------


def test_A04_five_tries_then_a_new_code(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered()
    registries.know(person)
    ask(citizen, portal, f"/enrol/{run.id}", person)
    right = code_on(registries, person.phone or "")
    wrong = "000000" if right != "000000" else "111111"
    said = []
    for _ in range(5):
        page = citizen.press(button(citizen.page, "next"), code=wrong)
        assert (citizen.status, page.mark("data-error")) == (422, "code")
        said.append(page.one(None, data_error="code").text)
    assert ["4 tries" in said[0], "1 try " in said[3], "too often" in said[4]] == [True] * 3
    page = citizen.press(button(citizen.page, "next"), code=right)
    assert (citizen.status, page.mark("data-error")) == (422, "code")


def test_A06_a_code_works_once_and_for_ten_minutes(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, clock: Any
) -> None:
    person = registered()
    registries.know(person)
    path = f"/enrol/{run.id}"
    prove(citizen, portal, registries, path, person)
    citizen.open(path)
    used = code_on(registries, person.phone or "")
    page = citizen.press(button(citizen.page, "next"), code=used)
    assert (citizen.status, page.mark("data-error")) == (422, "code")
    late = Visitor(portal.test_client())
    ask(late, portal, path, person)
    code = code_on(registries, person.phone or "")
    clock.shift(timedelta(minutes=10, seconds=1))
    page = late.press(button(late.page, "next"), code=code)
    assert (late.status, page.mark("data-error")) == (422, "code")
    assert "expired" in page.text


def test_A05_a_code_serves_only_its_browser_and_its_purpose(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    person = registered()
    registries.know(person)
    path = f"/enrol/{run.id}"
    ask(citizen, portal, path, person)
    code = code_on(registries, person.phone or "")
    thief = Visitor(portal.test_client())
    typed = {"name": person.name, "number": person.number, "code": code}
    thief.open(path)
    thief.post(path, action="next", **typed)
    assert thief.status == 422
    citizen.open("/sign-in")
    page = citizen.post("/sign-in", action="next", **typed)
    assert (citizen.status, page.mark("data-error")) == (422, "code")
    with portal.app_context():
        other = make.make_class()
    citizen.open(f"/enrol/{other.id}")
    citizen.post(f"/enrol/{other.id}", action="next", **typed)
    assert citizen.status == 422


def test_only_the_newest_code_counts(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun, clock: Any
) -> None:
    person = registered()
    registries.know(person)
    ask(citizen, portal, f"/enrol/{run.id}", person)
    old = code_on(registries, person.phone or "")
    clock.shift(timedelta(seconds=3))
    citizen.press(button(citizen.page, "send_code"))
    work_off(portal)
    new = code_on(registries, person.phone or "")
    if old != new:
        citizen.press(button(citizen.page, "next"), code=old)
        assert citizen.status == 422
    citizen.press(button(citizen.page, "next"), code=new)
    assert citizen.path.endswith("/check")


def test_A08_no_field_takes_a_phone(citizen: Visitor, portal: Flask, registries: Any, run: ClassRun) -> None:
    person = registered()
    registries.know(person)
    page = citizen.open(f"/enrol/{run.id}")
    assert not [name for name in page.marks("name") if "phone" in name or "mobile" in name]
    send(citizen, run, name=person.name, number=person.number, phone="13900000000", mobile="13900000000")
    work_off(portal)
    assert not registries.messages("13900000000")
    assert len(registries.messages(person.phone)) == 1


# --- limits --------------------------------------------------------------------------------------------------


def test_A09_codes_are_limited_by_person_and_nothing_goes_to_unknown_people(
    citizen: Visitor, portal: Flask, registries: Any, run: ClassRun
) -> None:
    tighten(portal, codes_person_hour=Limit("codes-person-hour", 3, timedelta(hours=1)))
    number, answers = number_of(date(1985, 3, 12)), []
    for _ in range(4):
        visitor = Visitor(portal.test_client())
        send(visitor, run, name="周小满", number=number)
        answers.append(visitor.status)
    assert answers == [200, 200, 200, 429]
    assert int(visitor.response.headers["Retry-After"]) > 0
    assert visitor.page.one("input", name="number").attrs["value"] == number
    work_off(portal)
    assert registries.messages() == []


def test_A03_a_birthday_cannot_be_tried_out_from_many_networks(portal: Flask, run: ClassRun) -> None:
    tighten(portal, codes_prefix=Limit("codes-prefix", 5, timedelta(hours=1)))
    answers: list[int] = []
    for n in range(6):
        visitor = Visitor(portal.test_client())
        page = visitor.open(f"/enrol/{run.id}")
        token = page.one("input", name="csrf_token").attrs["value"]
        typed = {"csrf_token": token, "name": "周小满", "number": number_of(date(1990, 7, 7))}
        here = {"REMOTE_ADDR": f"127.0.0.{n + 1}"}
        path = f"/enrol/{run.id}"
        answers.append(visitor.client.post(path, data=typed, environ_overrides=here).status_code)
    assert answers == [303] * 5 + [429]


def test_A03_a_wrong_check_digit_costs_nothing(citizen: Visitor, portal: Flask, run: ClassRun) -> None:
    tighten(portal, codes_prefix=Limit("codes-prefix", 1, timedelta(hours=1)))
    number = number_of(date(1990, 7, 7))
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    for _ in range(3):
        send(citizen, run, name="周小满", number=wrong)
        assert citizen.status == 422
    send(citizen, run, name="周小满", number=number)
    assert citizen.status == 200


def test_A07_a_person_whose_codes_are_used_up_can_still_hand_in_without_one(
    citizen: Visitor, portal: Flask, run: ClassRun
) -> None:
    tighten(portal, codes_person_hour=Limit("codes-person-hour", 1, timedelta(hours=1)))
    number = number_of(date(1985, 3, 12))
    for _ in range(3):
        send(Visitor(portal.test_client()), run, name="X", number=number)
    send(citizen, run, name="周小满", number=number)
    assert citizen.status == 429
    page = citizen.post(f"/enrol/{run.id}", action="without_code", name="周小满", number=number)
    assert page.mark("data-status") == "received"


# --- A02, I28: a stranger learns nothing ---------------------------------------------------------------------


def strange(citizen: Visitor, portal: Flask, clock: Any, path: str, name: str, number: str) -> list[Any]:
    """Everything a stranger can send about a number, and what came back, without what differs each time."""
    seen: list[Any] = []

    def note() -> None:
        body = citizen.response.get_data(as_text=True)
        for pattern in (
            r'name="csrf_token" value="\w+"',
            r'name="idempotency_key" value="[\w-]+"',
            r"CQ-26-\w{5}-\w{5}",
            r'<path stroke="#14282d" d="[^"]+"',
            r"\w{3} \*\*\* \w{3}",
            re.escape(number),
        ):
            body = re.sub(pattern, "…", body)
        headers = {
            key: value
            for key, value in citizen.response.headers
            if key not in ("X-Request-Id", "Set-Cookie", "Content-Length", "Location", "ETag")
        }
        seen.append((citizen.status, re.sub(r"CQ-26-\w{5}-\w{5}", "…", citizen.path), headers, body))

    for one in ("/sign-in", path):
        clock.move_to(MORNING if one == path else MORNING - timedelta(minutes=1))
        citizen.open(one)
        citizen.press(button(citizen.page, "send_code"), name=name, number=number)
        note()
        work_off(portal)
        citizen.open(one)
        note()
        for _ in range(6):
            citizen.press(button(citizen.page, "next"), code="000000")
            note()
    page = citizen.press(button(citizen.page, "without_code"))
    note()
    citizen.open(f"/t/{page.mark('data-reference')}")
    note()
    return seen


def test_A02_I28_known_unknown_and_a_dead_registry_are_one_answer(
    portal: Flask, registries: Any, run: ClassRun, clock: Any
) -> None:
    known, phoneless = registered(), registered(phone=None)
    registries.know(known, phoneless)
    path, name = f"/enrol/{run.id}", "周小满"
    worlds = [
        strange(Visitor(portal.test_client()), portal, clock, path, name, number)
        for number in (known.number, phoneless.number, number_of(date(1985, 3, 12)))
    ]
    registries.misbehave("down", "social-card")
    with portal.app_context():
        again = make.make_class(course=run.course)
    dead = strange(
        Visitor(portal.test_client()), portal, clock, f"/enrol/{again.id}", name, number_of(date(1985, 3, 12))
    )
    assert worlds[0] == worlds[1] == worlds[2]
    assert [step[0] for step in dead] == [step[0] for step in worlds[0]]
    assert len(registries.messages(known.phone)) == 2


# --- without a code ------------------------------------------------------------------------------------------


def test_without_a_code_it_is_received_and_seen_by_reference_only(
    citizen: Visitor, portal: Flask, run: ClassRun
) -> None:
    page = send(citizen, run, name="周小满", number=number_of(date(1985, 3, 12)))
    form = button(page, "without_code")
    page = citizen.press(form)
    assert citizen.path == f"/enrol/{run.id}/done"
    assert page.mark("data-status") == "received"
    assert "held until 22 June" in page.text  # three working days after 16 June 2026; the 19th is a holiday
    reference = page.mark("data-reference")
    assert citizen.open(f"/t/{reference}").mark("data-status") == "received"
    citizen.open(f"/mine/{reference}")
    assert citizen.path.startswith("/sign-in")


def test_A29_handed_in_twice_without_a_code_is_one(citizen: Visitor, portal: Flask, run: ClassRun) -> None:
    page = send(citizen, run, name="周小满", number=number_of(date(1985, 3, 12)))
    press = button(page, "without_code")
    first = citizen.press(press).mark("data-reference")
    assert citizen.press(press).mark("data-reference") == first
    with portal.app_context():
        assert db.session().scalar(select(func.count()).select_from(Enrolment)) == 1


def test_one_live_enrolment_without_a_code_for_a_number(
    citizen: Visitor, portal: Flask, run: ClassRun
) -> None:
    number = number_of(date(1985, 3, 12))
    send(citizen, run, action="without_code", name="周小满", number=number)
    with portal.app_context():
        other = make.make_class()
    page = send(citizen, other, action="without_code", name="周小满", number=number)
    assert citizen.status == 422
    assert page.one(None, data_reason="already_received")
