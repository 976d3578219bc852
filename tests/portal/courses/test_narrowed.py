"""The list for somebody with a saved check: what the notices let be paid for them, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from portal.courses.paid import paid_for
from tests.make import make_class, make_course, make_institution
from tests.page import Node
from tests.visitor import Visitor
from training import clock as time
from training.courses.models import ClassRun
from training.database import db
from training.entitlements.operations import save_check
from training.policy.models import Value
from training.policy.pack import Pack
from training.references import written_check_code

pytestmark = pytest.mark.usefixtures("clock")
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
MIGRANT = {
    "birth_year": "1985",
    "situation": "migrant",
    "district": "500103",
    "had_subsidy_this_year": "no",
    "wants": "undecided",
}


@pytest.fixture
def town(portal: Flask) -> dict[str, str]:
    """Classes that are paid for, and those that fail for their hours, their level and their school's grade."""
    with portal.app_context():
        poor, near = make_institution(grade="D"), make_institution(district="500106")
        courses = {
            "paid": make_course(),
            "cook": make_course(occupation="4-03-02-01", title="中式烹调师", title_en="Cook"),
            "near": make_course(institution=near, level="3"),
            "short": make_course(hours=10),
            "poor": make_course(institution=poor),
            "unpaid": make_course(level="1"),
        }
        made = {name: make_class(course=course).id for name, course in courses.items()}
        later = time.today() + timedelta(days=90)
        return made | {"next_year": make_class(course=courses["paid"], starts_on=later).id}


@pytest.fixture(autouse=True)
def strict(portal: Flask) -> Pack:
    """The pack, in which a notice asks for hours, and the district of one class pays no level 3."""
    pack: Pack = portal.extensions["pack"]
    notices = {}
    for number, notice in pack.notices.items():
        rule = notice.families["tuition"]
        levels = {
            level: value
            for level, value in rule.amounts.by_level.items()
            if level != "1" and (level != "3" or notice.scope == "municipal")
        }
        amounts = rule.amounts.model_copy(update={"by_level": levels, "standards": {}})
        changed = rule.model_copy(
            update={"amounts": amounts, "min_hours": Value[int](value=60, status="example")}
        )
        notices[number] = notice.model_copy(update={"families": notice.families | {"tuition": changed}})
    changed_pack = pack.model_copy(update={"notices": notices})
    portal.extensions["pack"] = changed_pack
    return changed_pack


def saved(portal: Flask, **answers: str) -> str:
    with portal.app_context():
        check = save_check(
            MIGRANT | answers, f"a-check-{len(str(answers))}-of-the-list", portal.extensions["pack"].checks
        )
        return written_check_code(check.code)


def classes(page: Node) -> list[str]:
    return page.marks("data-class")


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"situation": "employee"},
        {"situation": "graduate"},
        {"had_subsidy_this_year": "yes"},
        {"had_subsidy_this_year": "unknown"},
        {"birth_year": "2012"},
        {"birth_year": "2010"},
        {"situation": "employee", "birth_year": "1950"},
    ],
)
def test_the_list_holds_what_each_class_says_on_its_own_page(
    portal: Flask, citizen: Visitor, town: dict[str, str], strict: Pack, answers: dict[str, str]
) -> None:
    code = saved(portal, **answers)
    shown = set(classes(citizen.open("/courses", check=code)))
    with portal.test_request_context():
        runs = {name: db.session.get_one(ClassRun, run) for name, run in town.items()}
        judged = {
            name: paid_for(run, MIGRANT | answers, strict, time.today()).tuition for name, run in runs.items()
        }
    paid = {name for name, finding in judged.items() if finding and finding.outcome != "no"}
    assert shown == {town[name] for name in paid}
    if not answers:
        assert paid == {"paid", "cook", "next_year"}


@on_sqlite
def test_facets_and_counts_know_the_check(portal: Flask, citizen: Visitor, town: dict[str, str]) -> None:
    code = saved(portal)
    page = citizen.open("/courses", check=code, occupation="6-31-01-03")
    assert page.mark("data-total") == "2"
    inputs = {node.attrs["id"]: node for node in page.all("input", form="f")}
    assert "disabled" in inputs["level-3"].attrs
    assert inputs["level-5"].parent is not None
    assert inputs["level-5"].parent.text.endswith("2")
    nothing = citizen.open("/courses", check=code, q="dg", level="3")
    assert nothing.mark("data-total") == "0"
    links = [node.attrs["href"] for node in nothing.one(id="list").all("a") if "Leave out" in node.text]
    assert links == [f"/courses?q=dg&check={code}"]


@on_sqlite
def test_the_chip_takes_the_check_away_and_links_carry_it_on(
    portal: Flask, citizen: Visitor, town: dict[str, str]
) -> None:
    code = saved(portal)
    page = citizen.open("/courses", check=code.lower(), level="5")
    [chip] = [node for node in page.one(id="chips").all("a") if "saved result" in node.text]
    assert f"By your saved result {code}" in chip.text
    assert chip.attrs["href"] == "/courses?level=5"
    link = page.one("li", data_class=town["paid"]).one("a").attrs["href"]
    assert link == f"/classes/{town['paid']}?check={code}"
    assert citizen.open(link).one(data_family="tuition").attrs["data-outcome"] == "yes"
    assert page.one("input", name="check").attrs["value"] == code
    alert = next(
        node.attrs["href"] for node in page.all("a") if "/courses/alerts" in node.attrs.get("href", "")
    )
    assert alert == "/courses/alerts?level=5"


@on_sqlite
def test_a_code_that_is_unknown_or_has_run_out_is_left_out_and_said(
    portal: Flask, citizen: Visitor, town: dict[str, str], clock: Any
) -> None:
    code = saved(portal)
    assert citizen.open("/courses", check=code).mark("data-total") == "3"
    clock.shift(timedelta(days=portal.extensions["pack"].checks.kept_days, minutes=1))
    unnarrowed = citizen.open("/courses").mark("data-total")
    meaningless = saved(portal, situation="gone")
    for typed, why in (
        (code, "over"),
        (meaningless, "over"),
        ("2222-2222", "unknown"),
        ("no code", "unknown"),
        ("' OR 1=1", "unknown"),
    ):
        page = citizen.open("/courses", check=typed)
        assert page.mark("data-lost") == why
        assert page.mark("data-total") == unnarrowed
        assert page.first("input", name="check") is None


@on_sqlite
def test_people_with_other_answers_get_other_pages(
    portal: Flask, citizen: Visitor, town: dict[str, str]
) -> None:
    paid, refused = saved(portal), saved(portal, had_subsidy_this_year="yes")
    for _ in range(2):
        assert citizen.open("/courses", check=paid).mark("data-total") == "3"
        assert citizen.open("/courses", check=refused).mark("data-total") == "0"
        assert citizen.open("/courses").mark("data-total") == "7"
    page = citizen.open("/courses", check=refused)
    assert f"Without “By your saved result {refused}” there are 7 classes." in page.text


def test_the_check_costs_one_statement_more(portal: Flask, citizen: Visitor, town: dict[str, str]) -> None:
    code = saved(portal)
    with portal.app_context():
        engine, asked = db.engine, []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for _ in range(2):
        asked.clear()
        citizen.open("/courses", check=code)
        counts.append(len(asked))
    assert counts == [4, 2]


@on_sqlite
def test_a_saved_result_leads_to_its_classes(portal: Flask, citizen: Visitor, town: dict[str, str]) -> None:
    code = saved(portal)
    page = citizen.open(f"/check/r/{code}")
    [link] = {node.attrs["href"] for node in page.all("a") if "See the classes" in node.text}
    assert link == f"/courses?check={code}&district=500103"
    assert set(classes(citizen.open(link))) == {town[name] for name in ("paid", "cook", "next_year")}
