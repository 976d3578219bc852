"""Help, duties, language and size: short pages that anybody may read."""

from __future__ import annotations

import pytest

from portal.about.topics import AFTER, BEFORE, WRONG
from tests.visitor import Visitor

pytestmark = [pytest.mark.parametrize("engine", ["sqlite"], indirect=True), pytest.mark.usefixtures("clock")]
TOPICS = [topic.name for topic in (*BEFORE, *AFTER, *WRONG)]
PAGES = ["/help", "/privacy", "/accessibility", "/about", *(f"/help/{name}" for name in TOPICS)]


def test_there_are_ten_questions_and_each_has_its_page(citizen: Visitor) -> None:
    hrefs = citizen.open("/help").marks("href")
    assert [href for href in hrefs if href.startswith("/help/")] == [f"/help/{name}" for name in TOPICS]
    assert len(TOPICS) == 10


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_a_title_and_a_way_on(citizen: Visitor, path: str) -> None:
    page = citizen.open(path)
    assert citizen.status == 200
    assert len(page.all("h1")) == 1
    assert page.one("title").text.endswith("Chongqing Skills Training")
    assert {"/centres", "tel:12333"} & set(page.marks("href"))
    assert citizen.response.headers["Cache-Control"] == "no-cache"
    assert citizen.response.headers["ETag"]


def test_a_number_of_the_notice_is_read_from_it(citizen: Visitor) -> None:
    assert "for 3 working days" in citizen.open("/help/no_phone").text


def test_the_place_to_tell_what_does_not_work_is_there(citizen: Visitor) -> None:
    assert citizen.open("/help").one(None, id="tell")


@pytest.mark.parametrize("name", ["", "x", "..", "number.html", "index"])
def test_other_topics_are_not_there(citizen: Visitor, name: str) -> None:
    citizen.open(f"/help/{name}")
    assert citizen.status == 404


def test_the_button_for_larger_text_comes_back_to_its_page(citizen: Visitor) -> None:
    answer = citizen.client.get("/display?size=large&next=/accessibility")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/accessibility")
    assert "Back to the usual size" in citizen.open("/accessibility").text


@pytest.mark.parametrize(
    "place", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", ""]
)
def test_A55_language_and_size_lead_to_no_other_place(citizen: Visitor, place: str) -> None:
    answer = citizen.client.get("/display", query_string={"lang": "zh", "next": place})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
