"""The list of classes at the door: what the address says, what htmx swaps, what is counted and weighed."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.make import make_class, make_course, make_institution
from tests.page import Node
from tests.visitor import Visitor
from training import clock as time
from training.courses.seats import take_seat
from training.database import db, transaction
from web.static_files import OUT, static_url

pytestmark = pytest.mark.usefixtures("clock")
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
HOSTILE = '"><img src=x onerror=alert(1)><b hx-get="/mine" hx-trigger="load">电工</b>'
FIRST_PAGE = 14 * 1024
FIRST_VISIT = 50 * 1024


@pytest.fixture
def town(portal: Flask) -> dict[str, str]:
    """A cook's class and two electricians' classes in two districts."""
    with portal.app_context():
        far = make_institution(district="500101", name="万州技能学校", name_en="")
        cook = make_course(title="中式烹调师", title_en="Cook", occupation="4-03-02-01", fee_fen=90_000)
        soon = time.today() + timedelta(days=20)
        return {
            "cook": make_class(course=cook).id,
            "near": make_class(starts_on=soon).id,
            "far": make_class(course=make_course(institution=far), starts_on=soon, seats_left=4).id,
        }


def classes(page: Node) -> list[str]:
    return page.marks("data-class")


@on_sqlite
def test_each_class_and_the_total_are_marked(citizen: Visitor, town: dict[str, str]) -> None:
    page = citizen.open("/courses")
    assert page.mark("data-total") == "3"
    assert set(classes(page)) == set(town.values())
    card = page.one("li", data_class=town["far"])
    assert card.attrs["data-seats-left"] == "4"
    for words in (
        "Electrician, junior",
        "Wanzhou",
        "120 class hours",
        "no figure yet",
        "4 seats left",
        "Level 5",
    ):
        assert words in card.text
    assert card.one("a").attrs["href"] == f"/classes/{town['far']}"


@on_sqlite
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "diangong"}, "near far"),
        ({"q": "dg", "district": "500101"}, "far"),
        ({"q": "wanzhou"}, "far"),
        ({"occupation": "4-03-02-01"}, "cook"),
        ({"level": "5", "starts": "two_weeks"}, "cook"),
        ({"seats": "1", "free": "1"}, "cook near far"),
        ({"district": ["500101", "500103"]}, "far"),
        ({"page": "1", "sort": "subsidy", "rhythm": "daytime"}, "cook near far"),
    ],
)
def test_filters_and_A20_the_first_of_a_repeated_parameter_counts(
    citizen: Visitor, town: dict[str, str], query: dict[str, Any], expected: str
) -> None:
    shown = citizen.open("/courses", **query)
    assert sorted(classes(shown)) == sorted(town[name] for name in expected.split())


@on_sqlite
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"page": "abc"}, "Page number"),
        ({"page": "0"}, "Page number"),
        ({"page": "99"}, "Page number"),
        ({"sort": "id; DROP TABLE class_run"}, "Order"),
        ({"level": "9"}, "Level"),
        ({"district": "Shapingba' OR '1'='1"}, "District"),
        ({"occupation": "0"}, "Occupation"),
        ({"starts": "yesterday"}, "Starts"),
        ({"rhythm": "never"}, "Time of day"),
        ({"free": "yes"}, "Nothing to pay"),
        ({"q": "!?*"}, "the words searched for"),
        ({"q": "电" * 81}, "the words searched for"),
    ],
)
def test_A56_what_cannot_be_read_is_left_out_and_said(
    citizen: Visitor, town: dict[str, str], query: dict[str, str], said: str
) -> None:
    page = citizen.open("/courses", **query)
    assert citizen.status == 200
    assert page.mark("data-total") == "3"
    assert f"could not read it: {said}" in page.text


@on_sqlite
def test_options_show_counts_and_those_without_a_class_are_disabled(
    citizen: Visitor, town: dict[str, str]
) -> None:
    page = citizen.open("/courses", q="dg", level="5")
    counts = {node.attrs["id"]: node for node in page.all("input", form="f")}
    assert counts["district-500101"].parent is not None
    assert counts["district-500101"].parent.text == "Wanzhou District 1"
    assert "disabled" in counts["rhythm-evenings"].attrs
    assert "checked" in counts["level-5"].attrs
    assert "disabled" not in counts["level-5"].attrs
    cook = page.one("option", value="4-03-02-01")
    assert "disabled" in cook.attrs
    assert "(0)" in cook.text


@on_sqlite
def test_each_chip_takes_its_filter_away(citizen: Visitor, town: dict[str, str]) -> None:
    page = citizen.open("/courses", q="dg", district="500101", level="5", seats="1", page="1")
    links = [node.attrs["href"] for node in page.one(id="chips").all("a") if node.has_class("on")]
    assert links == ["/courses?q=dg&level=5&seats=1", "/courses?q=dg&district=500101&seats=1", "/courses?q=dg&district=500101&level=5"]  # fmt: skip


@on_sqlite
def test_an_empty_result_names_the_filter_to_drop(citizen: Visitor, town: dict[str, str]) -> None:
    page = citizen.open("/courses", q="dg", district="500106")
    assert page.mark("data-total") == "0"
    assert "Without “Shapingba District” there are 2 classes." in page.text
    link = next(node for node in page.one(id="list").all("a") if "Leave out" in node.text)
    assert link.attrs["href"] == "/courses?q=dg"
    assert citizen.open("/courses", q="没有的").text.count("Without “没有的” there are 3 classes.") == 1


@on_sqlite
def test_nearest_first_asks_for_a_district(citizen: Visitor, town: dict[str, str]) -> None:
    assert "Choose a district" in citizen.open("/courses", sort="distance").text
    page = citizen.open("/courses", sort="distance", district="500101")
    assert classes(page)[0] == town["far"]
    assert len(classes(page)) == 3
    assert "From Wanzhou District outwards" in page.one(id="chips").text


def test_I39_pages_are_linked_and_hold_every_class_once(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        course = make_course()
        made = {make_class(course=course).id for _ in range(43)}
    page, seen = citizen.open("/courses", level="5"), []
    while True:
        seen += classes(page)
        assert page.mark("data-total") == "43"
        following = page.first("a", rel="next")
        if following is None:
            break
        page = citizen.open(following.attrs["href"])
    assert len(seen) == 43
    assert set(seen) == made


@on_sqlite
def test_A65_htmx_gets_the_part_and_a_reader_the_page(citizen: Visitor, town: dict[str, str]) -> None:
    whole = citizen.open("/courses")
    page_headers = citizen.response.headers
    trigger = whole.one(hx_get="/courses")
    part = citizen.open("/courses", htmx=True, district="500101", q="", free="")
    assert part.first("html") is None
    assert part.first("main") is None
    assert citizen.response.headers["HX-Push-Url"] == "/courses?district=500101"
    for headers in (page_headers, citizen.response.headers):
        assert {"HX-Request", "Cookie"} <= set(headers["Vary"].split(", "))
        assert headers["Cache-Control"] == "no-cache"
    assert page_headers["ETag"] != citizen.response.headers["ETag"]
    swapped = citizen.swap(trigger, whole, district="500101").one("main")
    fresh = citizen.open("/courses", district="500101").one("main")
    assert plain(swapped) == plain(fresh)


def plain(main: Node) -> str:
    """Without what only htmx reads, and without the number it reads aloud."""
    for node in main.walk():
        node.attrs.pop("hx-swap-oob", None)
    main.one(id="news").children = []
    main.one(id="news").attrs = {}
    return main.html()


@on_sqlite
def test_A65_history_gets_the_whole_page(citizen: Visitor, town: dict[str, str]) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in citizen.client.get("/courses", headers=headers).get_data()


def test_a_page_not_changed_is_not_sent_again(portal: Flask, citizen: Visitor, town: dict[str, str]) -> None:
    citizen.open("/courses")
    mark = citizen.response.headers["ETag"]
    again = citizen.client.get("/courses", headers={"If-None-Match": mark})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert {"ETag", "Cache-Control", "Vary"} <= set(again.headers.keys())
    with portal.app_context():
        transaction(lambda session: take_seat(session, town["near"]))
    assert citizen.client.get("/courses", headers={"If-None-Match": mark}).status_code == 200


def test_a_kept_page_is_dropped_when_a_seat_moves(
    portal: Flask, citizen: Visitor, town: dict[str, str]
) -> None:
    def seats() -> tuple[str, str]:
        shown = citizen.open("/courses").one("li", data_class=town["near"]).attrs["data-seats-left"]
        return shown, citizen.open(f"/classes/{town['near']}").one("p", data_status=True).text

    assert seats() == ("30", "Enrolling 30 of 30 seats left Level 5")
    with portal.app_context():
        transaction(lambda session: take_seat(session, town["near"]))
    assert seats() == ("29", "Enrolling 29 of 30 seats left Level 5")


@on_sqlite
def test_kept_pages_keep_languages_sizes_and_days_apart(
    portal: Flask, town: dict[str, str], clock: Any
) -> None:
    texts = set()
    for display in ("zh.standard", "en.standard", "zh.large", "en.large"):
        browser = portal.test_client()
        browser.set_cookie("display", display)
        texts.add(browser.get("/courses").get_data())
    assert len(texts) == 4
    clock.shift(timedelta(days=15))
    assert citizen_total(portal) == "2"


def citizen_total(portal: Flask) -> str:
    return Visitor(portal.test_client()).open("/courses").mark("data-total")


@on_sqlite
def test_A51_what_schools_write_stays_text(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        school = make_institution(name=HOSTILE[:100], name_en="")
        course = make_course(institution=school, title=HOSTILE[:110], title_en="", learn=HOSTILE, learn_en="")
        run = make_class(course=course, timetable=HOSTILE, timetable_en="", address=HOSTILE)
    for path in ("/courses", f"/courses/{course.id}", f"/classes/{run.id}", f"/schools/{school.id}"):
        page = citizen.open(path)
        assert citizen.status == 200
        assert "<img" in page.text
        assert not page.all("img")
        assert not page.all(hx_trigger="load")
        written = next(node for node in page.all("a") if "<img" in node.text)
        assert within(written, "hx-disable"), path


def within(node: Node | None, name: str) -> bool:
    while node is not None:
        if name in node.attrs:
            return True
        node = node.parent
    return False


def test_the_list_needs_three_statements_however_long_it_is(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        engine, asked = db.engine, []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for more in (1, 30):
        with portal.app_context():
            course = make_course()
            for _ in range(more):
                make_class(course=course)
        asked.clear()
        citizen.open("/courses", level="5")
        counts.append(len(asked))
        asked.clear()
        citizen.open("/courses", level="5")
        counts.append(len(asked))
    assert counts == [3, 1, 3, 1]


@on_sqlite
@pytest.mark.parametrize("display", ["zh.standard", "en.standard"])
def test_the_first_visit_is_light(portal: Flask, display: str) -> None:
    with portal.app_context():
        for level in ("5", "4"):
            course = make_course(level=level)
            for n in range(20):
                make_class(course=course, starts_on=time.today() + timedelta(days=1 + n))
    browser = portal.test_client()
    browser.set_cookie("display", display)
    html = browser.get("/courses", headers={"Accept-Encoding": "br"}).get_data()
    page = browser.get("/courses").get_data().decode()
    needed = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    sizes = {name: len(packed(name)) for name in needed}
    assert len(html) + sizes[static_url("portal.css")] <= FIRST_PAGE
    assert len(html) + sum(sizes.values()) <= FIRST_VISIT
    assert 1 + len(needed) <= 5


def packed(address: str) -> bytes:
    file = OUT / "files" / address.rsplit("/", 1)[1]
    small = file.with_name(file.name + ".br")
    return small.read_bytes() if small.exists() else gzip.compress(file.read_bytes())
