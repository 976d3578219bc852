"""The policies in plain words: every notice, every value with its mark, every case from the same engine."""

from __future__ import annotations

import pytest

from tests.visitor import Visitor
from training.policy.queries import load_pack
from web.settings import ROOT

pytestmark = [pytest.mark.parametrize("engine", ["sqlite"], indirect=True), pytest.mark.usefixtures("clock")]
PACK = load_pack(ROOT / "packs" / "chongqing")


def test_every_notice_is_listed_and_can_be_read(citizen: Visitor) -> None:
    page = citizen.open("/rules")
    assert set(page.marks("data-notice")) == set(PACK.papers)
    for number in PACK.papers:
        citizen.open(f"/rules/{number}")
        assert citizen.status == 200


def test_an_ended_notice_says_until_when_and_what_came_after(citizen: Visitor) -> None:
    page = citizen.open("/rules/cq-2023-7")
    assert "Ended in force until 31 December 2025" in page.text
    assert "/rules/cq-2026-18" in page.marks("href")


def test_one_that_is_to_come_is_not_called_in_force(citizen: Visitor, clock: object) -> None:
    clock.move_to("2026-02-01T10:00:00+08:00")  # type: ignore[attr-defined]
    page = citizen.open("/rules/spb-2026-3")
    assert "Not yet in force from 1 March 2026" in page.text


def test_the_notice_of_a_district_says_where_and_what_it_changes(citizen: Visitor) -> None:
    page = citizen.open("/rules/spb-2026-3")
    assert "Only for Shapingba District" in page.text
    assert "this notice" in page.text
    assert "¥300 more" in page.text


@pytest.mark.parametrize("number", PACK.papers)
def test_every_value_on_the_page_carries_its_mark(citizen: Visitor, number: str) -> None:
    page = citizen.open(f"/rules/{number}")
    rows = page.all("li", class_="row") + [tr for body in page.all("tbody") for tr in body.all("tr")]
    assert len(rows) > 10
    bare = [
        row.text for row in rows if not {"confirmed", "example"} & {tag.text for tag in row.all("strong")}
    ]
    assert not bare


def test_a_source_that_is_named_stands_on_the_page(citizen: Visitor) -> None:
    page = citizen.open("/rules/cq-2026-18")
    named = {href for href in page.marks("href") if href.startswith("#S")}
    assert named
    assert named <= {f"#{name}" for name in page.marks("id")}


def test_the_amounts_are_those_of_the_notice(citizen: Visitor) -> None:
    page = citizen.open("/rules/cq-2026-18")
    tuition = PACK.notices["cq-2026-18"].families["tuition"].amounts
    table = page.all("table")[0].text
    for value in (*tuition.by_level.values(), *tuition.standards["directory"].by_level.values()):
        assert f"¥{value.value // 100:,}" in table


def test_the_worked_cases_are_reckoned_and_not_written_down(citizen: Visitor) -> None:
    """Every case of the paper stands on its page, with the amount that the case itself expects."""
    page = citizen.open("/rules/cq-2026-18")
    assert page.marks("data-case") == [case.code for case in PACK.cases["cq-2026-18"]]
    for case in PACK.cases["cq-2026-18"]:
        shown = page.one("article", data_case=case.code).text
        for expected in case.expects.values():
            if expected.outcome == "yes" and expected.amount_fen is not None:
                assert f"¥{expected.amount_fen // 100:,}" in shown


def test_the_number_of_a_whole_leads_to_the_paper_that_was_laid_over(citizen: Visitor) -> None:
    citizen.open("/rules/cq-2026-18+spb-2026-3")
    assert citizen.path == "/rules/spb-2026-3"


@pytest.mark.parametrize("number", ["cq-1999-1", "..", "%00", "cq-2026-18'--", "x" * 3000])
def test_A56_a_number_that_no_notice_has_is_not_there(citizen: Visitor, number: str) -> None:
    citizen.open(f"/rules/{number}")
    assert citizen.status in (404, 308)


def test_I38_both_languages_carry_the_same_marks(citizen: Visitor) -> None:
    for path in ("/rules", *(f"/rules/{number}" for number in PACK.papers)):
        seen = []
        for language in ("zh", "en"):
            citizen.client.set_cookie("display", f"{language}.standard")
            page = citizen.open(path)
            seen.append(
                [page.marks(mark) for mark in ("data-notice", "data-case", "data-reason", "data-met", "id")]
            )
        assert seen[0] == seen[1]


def test_only_official_sources_are_links(citizen: Visitor) -> None:
    notice = PACK.notices["cq-2026-18"]
    page = citizen.open("/rules/cq-2026-18")
    linked = {node.attrs.get("href") for node in page.all("a")}
    official = {source.address for source in notice.sources.values() if source.grade == "official"}
    others = {source.address for source in notice.sources.values()} - official
    assert official <= linked
    assert not others & linked
