"""The desk of old records, over HTTP: read dry, mapped, imported, undone; hostile files; who may come in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import make
from tests.backoffice.staff import arrive
from tests.training.records.files import (
    JIULONGPO,
    WANZHOU,
    Payment,
    number_of,
    payments,
    spoil,
    text,
    workbook_of,
)
from tests.visitor import Visitor
from training.database import db
from training.entitlements.models import Entitlement
from training.policy.queries import load_pack
from training.records.models import RecordImport
from training.records.operations import work_once
from training.staff.models import Role
from web.sheets import quoted

PACK = load_pack(make.PACK)
Marks = tuple[str, str, str]


@pytest.fixture
def reviewer(office: Any) -> Visitor:
    return arrive(office, "zheng", Role.REVIEWER_MUNICIPAL, district=None)


@pytest.fixture
def work(office: Any) -> Callable[[], None]:
    """The worker does all there is."""

    def all_there_is() -> None:
        with office.app_context():
            while work_once(PACK):
                pass

    return all_there_is


def send(visitor: Visitor, content: bytes, name: str = "万州.csv", **fields: str) -> None:
    visitor.open("/office/records")
    visitor.post("/office/records", file=(io.BytesIO(content), name), action="check", **fields)


def marks(visitor: Visitor) -> Marks:
    """Rows, errors and duplicates of the page in front of the reviewer, opened again."""
    visitor.open(visitor.path.split("?")[0])
    shown = visitor.page.one(data_rows=True).attrs
    return shown["data-rows"], shown["data-errors"], shown["data-duplicates"]


def state(visitor: Visitor) -> str:
    return visitor.open(visitor.path.split("?")[0]).one("div", data_status=True).attrs["data-status"]


def entitlements(office: Any) -> int:
    with office.app_context():
        return int(db.session().scalar(select(func.count()).select_from(Entitlement)) or 0)


def test_a_file_is_read_dry_then_imported_then_undone(office, reviewer, work) -> None:
    send(reviewer, WANZHOU.file(payments(20)), "万州2019-2023已付补贴.xlsx")
    assert (reviewer.status, state(reviewer)) == (200, "waiting")
    assert reviewer.response.headers["Refresh"] == "2"
    work()
    assert marks(reviewer) == ("20", "0", "0")
    assert "not imported yet" in reviewer.page.text
    assert "Refresh" not in reviewer.response.headers
    reviewer.press(reviewer.page.one("button", name="action", value="import"))
    assert state(reviewer) == "importing"
    assert entitlements(office) == 0
    work()
    assert (state(reviewer), entitlements(office)) == ("imported", 20)
    reviewer.press(reviewer.page.one("button", name="action", value="undo"))
    work()
    assert (state(reviewer), entitlements(office)) == ("undone", 0)


def test_S25_mistakes_stand_by_row_and_column_and_hold_the_import_up(office, reviewer, work) -> None:
    content, planted = spoil(JIULONGPO, payments(40), every=5)
    send(reviewer, content)
    work()
    assert marks(reviewer) == ("40", str(len(planted)), "0")
    shown = [
        (int(row.attrs["data-row"]), row.attrs["data-column"], row.attrs["data-code"])
        for row in reviewer.page.all("tr", data_row=True)
    ]
    assert shown == planted
    assert reviewer.page.one("button", value="import").attrs.get("disabled") is not None
    here = reviewer.path
    reviewer.post(here, action="import")
    assert reviewer.status == 409
    assert reviewer.page.one(data_reason="rows_wrong").attrs["data-met"] == "no"
    reviewer.open(f"{here}/errors")
    assert len(reviewer.page.all("tr", data_row=True)) == len(planted)
    answer = reviewer.client.get(f"{here}/errors.csv")
    lines = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [int(line[0]) for line in lines[1:]] == [row for row, _, _ in planted]
    assert entitlements(office) == 0


def test_the_same_file_again_leads_to_what_is_here(reviewer, work, office) -> None:
    content = JIULONGPO.file(payments(4))
    send(reviewer, content)
    first = reviewer.path
    work()
    send(reviewer, content, "other.csv")
    assert reviewer.path.split("?")[0] == first.split("?")[0]
    assert "Nothing happened" in reviewer.page.text
    with office.app_context():
        assert db.session().scalar(select(func.count()).select_from(RecordImport)) == 1


def test_A29_the_same_form_again_is_the_same_import(reviewer, work, office) -> None:
    content = JIULONGPO.file(payments(4))
    for _ in range(2):
        send(reviewer, content, idempotency_key="a-form-of-today")
        first = reviewer.path
        assert "Nothing happened" not in reviewer.page.text
        work()
    send(reviewer, WANZHOU.file(payments(2)), idempotency_key="a-form-of-today")
    assert reviewer.path == first
    with office.app_context():
        assert db.session().scalar(select(func.count()).select_from(RecordImport)) == 1


def test_columns_and_occupations_are_mapped_on_the_page(reviewer, work) -> None:
    rows = [JIULONGPO.row(n, one)[:6] for n, one in enumerate(payments(6))]
    rows[2][2], rows[4][2] = "灶上活", "家政护理"
    send(reviewer, text(",", "utf-8")([["姓名", "身份证号", "工种", "等级", "钱", "哪天"], *rows]))
    work()
    here = reviewer.path
    reviewer.open(here)
    form = next(one for one in reviewer.page.all("form") if one.first("select", name="column"))
    selects = form.all("select", name="column")
    assert [one.attrs["id"] for one in selects][-2:] == ["c-amount", "c-paid_on"]
    reviewer.post(
        here, action="map", column=["name:0", "number:1", "occupation:2", "level:3", "amount:4", "paid_on:5"]
    )
    assert reviewer.status == 200
    work()
    assert marks(reviewer) == ("6", "0", "0")
    assert [one.attrs["value"] for one in reviewer.page.all("input", name="word")] == ["家政护理", "灶上活"]
    guessed = [one.attrs["value"] for one in reviewer.page.all("input", name="occupation")]
    assert guessed == ["家政服务员 4-10-01-06", ""]
    reviewer.post(
        here, action="map", word=["家政护理", "灶上活"], occupation=["家政服务员 4-10-01-06", "没有这种"]
    )
    assert reviewer.status == 422
    assert reviewer.page.first(data_error="occupation")
    assert "没有这种" in [one.attrs["value"] for one in reviewer.page.all("input", name="occupation")]
    reviewer.post(here, action="map", word=["家政护理", "灶上活"], occupation=["4-10-01-06", "hg"])
    work()
    reviewer.open(here)
    assert not reviewer.page.all("input", name="word")
    assert reviewer.page.one("button", value="import").attrs.get("disabled") is None


def test_double_payments_of_the_past_are_counted_listed_and_taken_away(reviewer, work) -> None:
    number, trade = number_of(5), "4-03-02-02"
    twice = [Payment("冉小满", number, trade, "5", 150_000, date(year, 3, 1)) for year in (2020, 2021)]
    send(reviewer, JIULONGPO.file(twice))
    work()
    assert marks(reviewer) == ("2", "0", "1")
    here = reviewer.path
    assert (
        reviewer.open(f"{here}/doubles").one("tr", data_double=True).attrs["data-double"] == "paid_twice_here"
    )
    answer = reviewer.client.get(f"{here}/doubles.csv").get_data().decode("utf-8-sig")
    assert number not in answer
    assert "1500.00" in answer
    assert "冉小满" not in answer


# --- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.4",
        b"PK\x03\x04 not a zip",
        workbook_of({"S": [["姓名"]]}, more={"../evil": b"x"}),
        workbook_of({"S": [["姓名"]]}, more={"xl/big.xml": b"0" * (200 << 20)}),
    ],
    ids=["empty", "pdf", "broken", "traversal", "bomb"],
)
def test_A58_a_hostile_file_is_422_at_its_field_and_nothing_is_kept(office, reviewer, content) -> None:
    send(reviewer, content, "x.xlsx")
    assert reviewer.status == 422
    assert reviewer.page.one("p", data_error="file").text
    with office.app_context():
        assert db.session().scalar(select(func.count()).select_from(RecordImport)) == 0


def test_A20_what_no_form_of_ours_says_is_refused(reviewer, work) -> None:
    send(reviewer, JIULONGPO.file(payments(3)))
    work()
    here = reviewer.path
    reviewer.open(here)
    for fields in (
        {"action": "burn"},
        {"action": "map"},
        {"action": "map", "column": ["name:99"]},
        {"action": "map", "column": ["name:-1"]},
        {"action": "map", "column": ["name:1", "number:1"]},
        {"action": "map", "column": ["evil:1"]},
        {"action": "map", "word": ["a", "b"], "occupation": ["电工"]},
        {"action": "map", "word": ["从没见过"], "occupation": ["电工"]},
        {"action": "map", "district": "999999"},
        {"action": "map", "sheet": "x", "column": ["name:0"]},
    ):
        reviewer.post(here, **fields)
        assert reviewer.status == 422, fields
    reviewer.open("/office/records")
    reviewer.post("/office/records", action="check")
    assert (reviewer.status, bool(reviewer.page.one("p", data_error="file"))) == (422, True)
    assert marks(_at(reviewer, here)) == ("3", "0", "0")


def _at(visitor: Visitor, path: str) -> Visitor:
    visitor.open(path)
    return visitor


def test_A64_a_file_beyond_the_limit_is_413_and_only_this_address_takes_files(
    office, reviewer, monkeypatch
) -> None:
    big = b"x" * (200 << 10)
    reviewer.open("/office/records")
    reviewer.post("/office/claims/CL-26-22222-2222J", file=(io.BytesIO(big), "x.csv"))
    assert reviewer.status == 413
    stranger = Visitor(office.test_client())
    stranger.open("/office/sign-in")
    stranger.post("/office/records", file=(io.BytesIO(big), "x.csv"))
    assert stranger.status == 413


def test_A18_what_the_state_does_not_allow_is_409(reviewer, work) -> None:
    send(reviewer, JIULONGPO.file(payments(3)))
    here = reviewer.path
    for action in ("import", "undo", "check", "map"):
        reviewer.open(here)
        reviewer.post(here, action=action, column=["name:0"])
        assert reviewer.status == 409, action
    work()
    reviewer.open(here)
    reviewer.post(here, action="undo")
    assert reviewer.status == 409
    assert reviewer.open("/office/records/nothing-of-the-kind") is not None
    assert reviewer.status == 404


def test_A18_only_municipal_reviewers_come_in(office) -> None:
    for n, role in enumerate((Role.REVIEWER_DISTRICT, Role.VERIFIER, Role.AUDITOR, Role.SYSADMIN)):
        visitor = arrive(office, f"other{n}", role)
        visitor.open("/office/records")
        assert visitor.status == 403, role


def test_A53_an_upload_without_its_token_is_refused(reviewer) -> None:
    reviewer.open("/office/records")
    reviewer.post("/office/records", csrf_token="", file=(io.BytesIO(b"a,b"), "x.csv"))
    assert reviewer.status == 403


def test_A50_the_name_of_a_file_and_its_cells_are_only_text(reviewer, work) -> None:
    evil = '<img src=x onerror="alert(1)">'
    rows = [[evil, "1", evil, evil, evil, evil]]
    send(
        reviewer,
        text(",", "utf-8")([["姓名", "身份证号", evil, "等级", "金额", "日期"], *rows]),
        f"{evil}.csv",
    )
    work()
    reviewer.open(reviewer.path)
    assert "<img" not in reviewer.response.get_data(as_text=True)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\0x", "＝x", "－1", " =x"])
def test_A57_no_cell_that_is_taken_away_becomes_a_formula(cell) -> None:
    assert quoted(cell).startswith("'")


def test_A57_in_the_list_of_mistakes_nothing_is_a_formula(reviewer, work) -> None:
    lines = list(JIULONGPO.lines(list(payments(2))))
    lines[1] = [*lines[1][:3], '=HYPERLINK("http://127.0.0.1")', *lines[1][4:]]
    send(reviewer, JIULONGPO.make(lines))
    work()
    answer = reviewer.client.get(f"{reviewer.path}/errors.csv").get_data().decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(answer)))
    assert found[1][2].startswith("'=")
