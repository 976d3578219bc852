"""The desk of old records, over HTTP."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from tests import make
from tests.backoffice.staff import arrive
from tests.training.records.files import JIULONGPO, WANZHOU, payments, spoil
from tests.visitor import Visitor
from training.policy.queries import load_pack
from training.records.operations import work_once
from training.staff.models import Role

PACK = load_pack(make.PACK)


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


def test_a_file_is_read_dry_then_imported_then_undone(reviewer, work) -> None:
    send(reviewer, WANZHOU.file(payments(20)), "万州2019-2023已付补贴.xlsx")
    assert reviewer.status == 200
    assert reviewer.response.headers["Refresh"]
    work()
    page = reviewer.open(reviewer.path)
    marks = page.first("ul", class_="kpis").attrs
    assert (marks["data-rows"], marks["data-errors"], marks["data-duplicates"]) == ("20", "0", "0")
    assert "not imported yet" in page.text
    reviewer.post(reviewer.path, action="import")
    work()
    assert "data-status" in str(reviewer.open(reviewer.path).first("div", class_="head").attrs)
