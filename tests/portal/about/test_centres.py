"""Where to go: the centres of a district, the nearest of others, and what to leave out when nothing is found."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.page import parse
from tests.visitor import Visitor
from training.policy.queries import load_pack
from web.settings import ROOT

pytestmark = [pytest.mark.parametrize("engine", ["sqlite"], indirect=True), pytest.mark.usefixtures("clock")]
PACK = load_pack(ROOT / "packs" / "chongqing")
PLACE = "500106"
HERE = [centre for centre in PACK.centres if centre.district == PLACE]


def test_without_a_question_all_are_there(citizen: Visitor) -> None:
    page = citizen.open("/centres")
    assert sorted(page.marks("data-centre")) == sorted(centre.code for centre in PACK.centres)


def test_the_centres_of_a_district_then_the_nearest_of_others(citizen: Visitor) -> None:
    shown = citizen.open("/centres", district=PLACE).marks("data-centre")
    assert shown[: len(HERE)] == [centre.code for centre in HERE]
    assert len(shown) == len(HERE) + 2
    assert not {centre.code for centre in HERE} & set(shown[len(HERE) :])
    assert "km" in citizen.page.text


def test_each_card_says_address_hours_lift_and_telephone(citizen: Visitor) -> None:
    page = citizen.open("/centres", district=PLACE)
    for centre in HERE:
        card = page.one("li", data_centre=centre.code)
        assert centre.address_en in card.text
        assert f"{centre.opens}–{centre.closes}" in card.text
        assert ("Lift" in card.text) is centre.lift
        assert card.all("a")[-1].attrs["href"] == "tel:" + centre.phone.replace(" ", "").replace("-", "")


@pytest.mark.parametrize("words", ["小龙坎", "xiaolongkan", "  Xiaolongkan   street "])
def test_a_word_is_looked_for_in_both_languages(citizen: Visitor, words: str) -> None:
    shown = citizen.open("/centres", q=words).marks("data-centre")
    assert shown
    assert len(shown) < 5


def test_nothing_found_names_the_word_to_drop_and_shows_the_district_all_the_same(citizen: Visitor) -> None:
    page = citizen.open("/centres", district=PLACE, q="Nowhere")
    assert "Nothing found for “Nowhere”" in page.text
    assert "Leave out “Nowhere”" in page.text
    assert set(page.marks("data-centre")) >= {centre.code for centre in HERE}
    assert f"/centres?district={PLACE}" in page.marks("href")


def test_a_district_without_a_centre_shows_the_nearest(portal: Flask, citizen: Visitor) -> None:
    elsewhere = tuple(centre for centre in PACK.centres if centre.district != PLACE)
    portal.extensions["pack"] = PACK.model_copy(update={"centres": elsewhere})
    page = citizen.open("/centres", district=PLACE)
    assert "Shapingba District has no job centre" in page.text
    assert len(page.marks("data-centre")) == 2


def test_a_district_that_cannot_be_read_is_left_out_and_said(citizen: Visitor) -> None:
    page = citizen.open("/centres", district="Atlantis")
    assert citizen.status == 200
    assert "We do not know this district" in page.text


def test_A20_of_a_repeated_parameter_the_first_counts(citizen: Visitor) -> None:
    page = parse(citizen.client.get("/centres?district=500106&district=500101").get_data())
    assert page.one("option", selected=True).attrs["value"] == "500106"


@pytest.mark.parametrize(
    "words", ["' OR 1=1 --", "%", "_", "<script>alert(1)</script>", "\x00", "｛{7*7}}", "a" * 9000]
)
def test_A56_any_word_may_be_looked_for(citizen: Visitor, words: str) -> None:
    page = citizen.open("/centres", q=words)
    assert citizen.status == 200
    assert not page.all("script")


def test_I38_both_languages_show_the_same_centres(citizen: Visitor) -> None:
    for query in ({}, {"district": PLACE}, {"district": PLACE, "q": "Nowhere"}):
        seen = []
        for language in ("zh", "en"):
            citizen.client.set_cookie("display", f"{language}.standard")
            seen.append(citizen.open("/centres", **query).marks("data-centre"))
        assert seen[0] == seen[1]
