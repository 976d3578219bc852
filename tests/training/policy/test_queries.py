"""Which notice is in force here and then; places with their dates; centres by distance."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from tests.training.policy.makers import ELECTRICIAN, SHAPINGBA, WANZHOU
from tests.training.policy.packs import chongqing
from training.errors import NotThere
from training.policy.queries import (
    cases_of,
    centres_in,
    centres_near,
    district,
    district_now,
    districts_on,
    notice_for,
    notice_numbered,
    occupation,
    occupations_of,
    paper,
    papers,
    successor_of,
    wanted,
)

PACK = chongqing()
NOW = date(2026, 11, 25)


def test_a_district_with_a_notice_of_its_own_has_both():
    notice = notice_for(PACK, SHAPINGBA, NOW)
    assert notice.numbers == ("cq-2026-18", "spb-2026-3")
    assert notice.steps["district_review"].usual_working_days.value == 2
    assert notice.steps["municipal_review"].usual_working_days.value == 3


@pytest.mark.parametrize(
    ("where", "on", "number"),
    [
        (WANZHOU, NOW, "cq-2026-18"),
        (SHAPINGBA, date(2026, 2, 28), "cq-2026-18"),
        (SHAPINGBA, date(2026, 3, 1), "cq-2026-18+spb-2026-3"),
        (SHAPINGBA, date(2026, 1, 1), "cq-2026-18"),
        (SHAPINGBA, date(2025, 12, 31), "cq-2023-7"),
        ("500157", NOW, "cq-2026-18"),
    ],
)
def test_the_day_decides_which_notice(where, on, number):
    assert notice_for(PACK, where, on).number == number


def test_before_the_first_notice_there_is_none():
    with pytest.raises(NotThere):
        notice_for(PACK, WANZHOU, date(2022, 12, 31))


def test_an_ended_notice_names_its_successor_and_stays_readable():
    old = notice_numbered(PACK, "cq-2023-7")
    assert not old.is_in_force(NOW)
    after = successor_of(PACK, old)
    assert after is not None
    assert after.number == "cq-2026-18"
    assert successor_of(PACK, after) is None
    with pytest.raises(NotThere):
        notice_numbered(PACK, "cq-1999-1")


def test_every_value_remembers_its_paper():
    notice = notice_for(PACK, SHAPINGBA, NOW)
    assert notice.min_age.notice == "cq-2026-18"
    assert notice.steps["district_review"].usual_working_days.notice == "spb-2026-3"


def test_papers_are_listed_newest_first_with_their_cases():
    assert [notice.numbers[-1] for notice in papers(PACK)] == ["spb-2026-3", "cq-2026-18", "cq-2023-7"]
    assert paper(PACK, "spb-2026-3").written.zh == "沙人社发〔2026〕虚构 3 号"
    assert all(cases_of(PACK, notice) for notice in papers(PACK))


def test_there_are_37_units_since_november_2025_counted_by_kind():
    before, after = (Counter(unit.kind for unit in districts_on(PACK, date(2025, 11, day))) for day in (5, 6))
    assert before == {"district": 26, "county": 8, "autonomous_county": 4, "development_zone": 3}
    assert after == {"district": 25, "county": 8, "autonomous_county": 4, "development_zone": 2}


def test_a_unit_that_is_gone_leads_to_the_one_that_took_over():
    assert district_now(PACK, "500105", NOW).code == district_now(PACK, "500112", NOW).code
    assert district_now(PACK, "500105", date(2025, 11, 5)).name_zh == "江北区"
    assert district_now(PACK, SHAPINGBA, NOW).code == SHAPINGBA


@pytest.mark.parametrize("look", [district, occupation])
def test_what_is_not_in_the_pack_is_not_there(look):
    with pytest.raises(NotThere):
        look(PACK, "999999")


def test_each_unit_in_force_has_a_square_of_its_own_and_a_centre():
    units = districts_on(PACK, NOW)
    squares = {(unit.column, unit.row) for unit in units}
    assert len(squares) == len(units) == 39
    assert all(unit.column is not None for unit in units)
    assert all(centres_in(PACK, unit.code) for unit in units)


def test_113_centres_nearest_first():
    near = centres_near(PACK, SHAPINGBA)
    assert len(near) == len({centre.code for centre in PACK.centres}) == 113
    distances = [kilometres for _, kilometres in near]
    assert distances == sorted(distances)
    assert distances[0] < 15
    assert distances[-1] > 200


def test_every_interest_of_the_check_has_occupations():
    for interest in PACK.interests:
        assert occupations_of(PACK, interest.code)
        assert wanted(PACK, interest.code).choices
    assert len(occupations_of(PACK, "undecided")) == len(PACK.occupations)
    assert (ELECTRICIAN, "5") in wanted(PACK, "welding_electric").choices


def test_the_lowest_level_comes_first():
    assert occupation(PACK, ELECTRICIAN).levels == ("5", "4", "3", "2", "1")
    assert occupation(PACK, "4-02-06-05").levels == ("3", "2", "1")
    assert occupation(PACK, "4-07-04-01").levels == ()
