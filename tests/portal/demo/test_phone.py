"""The phones of the demo's people; nowhere else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.app import create_app
from registries.fake import Fake
from tests.visitor import Visitor
from training.database import db
from training.errors import RegistryUnreachable
from web.settings import Settings

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
PEOPLE = [
    {"case": "plain", "name": "周小满", "number": "1", "card": "A00000010", "phone": "19900000001"},
    {"case": "no_phone", "name": "冉平", "number": "2", "card": "A00000011", "phone": None},
]


class Silent:
    def messages(self, phone: str | None = None) -> Any:
        raise RegistryUnreachable("refused")


@pytest.fixture
def sandbox() -> Fake:
    return Fake()


@pytest.fixture
def demo_portal(settings: Settings, tmp_path: Path, sandbox: Fake) -> Iterator[Flask]:
    (tmp_path / "demo.json").write_text(json.dumps({"people": PEOPLE}))
    app = create_app(dataclasses.replace(settings, environment="demo"))
    app.extensions["sandbox"] = sandbox
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_messages_are_told_newest_first_with_their_codes(demo_portal: Flask, sandbox: Fake) -> None:
    for key, text in (
        ("1", "【重庆职业培训】已报上 CQ-26-22222-33333"),
        ("2", "验证码 042917，10 分钟内有效"),
    ):
        sandbox.phone_messages.send("19900000001", text, key=key, timeout_s=1)
    sandbox.phone_messages.send("19900000002", "验证码 111111", key="3", timeout_s=1)
    told = demo_portal.test_client().get("/demo/phone/0.json").json or []
    assert [(one["code"], sorted(one)) for one in told] == [
        ("042917", ["at", "code", "text"]),
        (None, ["at", "code", "text"]),
    ]


def test_without_a_phone_nothing_comes(demo_portal: Flask) -> None:
    assert demo_portal.test_client().get("/demo/phone/1.json").json == []


def test_a_place_that_nobody_has_is_not_there(demo_portal: Flask) -> None:
    assert demo_portal.test_client().get("/demo/phone/2.json").status_code == 404


def test_the_page_shows_messages_and_whom_to_try(demo_portal: Flask, sandbox: Fake) -> None:
    sandbox.phone_messages.send("19900000001", "验证码 042917", key="1", timeout_s=1)
    visitor = Visitor(demo_portal.test_client())
    page = visitor.open("/demo/phone")
    assert visitor.status == 200
    assert "042917" in page.text
    assert "周小满" in page.text
    assert "冉平" not in page.one("table").text
    assert "none on file" in visitor.open("/demo/phone", case="no_phone").text


def test_a_silent_sandbox_is_said(demo_portal: Flask) -> None:
    demo_portal.extensions["sandbox"] = Silent()
    visitor = Visitor(demo_portal.test_client())
    assert "does not answer" in visitor.open("/demo/phone").text
    assert demo_portal.test_client().get("/demo/phone/0.json").status_code == 503


def test_before_the_set_is_loaded_there_is_nobody(demo_portal: Flask, tmp_path: Path) -> None:
    (tmp_path / "demo.json").unlink()
    visitor = Visitor(demo_portal.test_client())
    visitor.open("/demo/phone")
    assert visitor.status == 200
    assert demo_portal.test_client().get("/demo/phone/0.json").status_code == 404


def test_outside_a_demo_there_are_no_such_pages(portal: Flask) -> None:
    client = portal.test_client()
    assert client.get("/demo/phone").status_code == 404
    assert client.get("/demo/phone/0.json").status_code == 404
    assert not [rule.rule for rule in portal.url_map.iter_rules() if rule.rule.startswith("/demo")]
