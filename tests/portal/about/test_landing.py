"""The landing: the promise, four groups, the track box, the next classes; light, and honest when empty."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from tests import make
from tests.visitor import Visitor
from web.static_files import OUT

FIRST_VIEW = 14 * 1024


def test_it_leads_to_the_check_with_the_second_question_answered(citizen: Visitor) -> None:
    page = citizen.open("/")
    for situation in ("unemployed", "migrant", "graduate", "school_leaver"):
        assert f"/check/1?situation={situation}" in page.marks("href")


def test_the_track_box_asks_by_get_and_carries_no_token(citizen: Visitor) -> None:
    form = citizen.open("/").one("form")
    assert (form.attrs["action"], form.attrs["method"]) == ("/track", "get")
    assert form.first("input", name="reference")
    assert not citizen.page.all("input", name="csrf_token")


def test_without_classes_it_says_so(citizen: Visitor) -> None:
    page = citizen.open("/")
    assert "No new class this week." in page.text
    assert "/courses" in page.marks("href")


def test_the_next_classes_are_shown_with_seats_and_subsidy(portal: Flask, citizen: Visitor) -> None:
    with portal.app_context():
        run = make.make_class()
        place = portal.extensions["pack"].districts[run.district].name_en
    page = citizen.open("/")
    assert f"/classes/{run.id}" in page.marks("href")
    assert place in page.text


def test_no_figure_is_invented(citizen: Visitor) -> None:
    """Where the money went is not known yet, so nothing is said about it."""
    assert "Where the money went" not in citizen.open("/").text


@pytest.mark.parametrize("display", ["zh.standard", "en.standard", "zh.large"])
def test_the_first_view_weighs_little(portal: Flask, citizen: Visitor, display: str) -> None:
    with portal.app_context():
        for _ in range(3):
            make.make_class()
    citizen.client.set_cookie("display", display)
    page = citizen.client.get("/").get_data()
    [css] = (OUT / "files").glob("portal.*.css")
    weight = len(gzip.compress(page)) + len(gzip.compress(css.read_bytes()))
    assert weight <= FIRST_VIEW, f"{weight} bytes of HTML and CSS"


def test_it_is_kept_and_asked_for_again(portal: Flask, citizen: Visitor) -> None:
    first = citizen.client.get("/")
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in first.headers["Vary"]
    mark = {"If-None-Match": first.headers["ETag"]}
    assert citizen.client.get("/", headers=mark).status_code == 304
    with portal.app_context():
        make.make_class()
    assert citizen.client.get("/", headers=mark).status_code == 200


def test_A65_a_query_of_one_visitor_is_shown_to_no_other(portal: Flask) -> None:
    portal.test_client().get("/?from=somebody")
    assert "somebody" not in portal.test_client().get("/").get_data(as_text=True)
