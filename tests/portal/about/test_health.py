"""Is the process up, and is it ready?"""

from __future__ import annotations

import dataclasses
from typing import Any

from registries.sandbox.control import Control
from tests.visitor import Visitor
from web.settings import Settings


def test_the_process_is_up(citizen: Visitor) -> None:
    answer = citizen.client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_it_is_ready_when_database_and_migrations_answer(citizen: Visitor) -> None:
    assert citizen.client.get("/readyz").get_json() == {"status": "ok", "missing": []}


def test_a_demo_is_ready_only_with_its_set_and_its_sandbox(settings: Settings, portal: Any) -> None:
    portal.extensions["settings"] = dataclasses.replace(settings, environment="demo")
    portal.extensions["sandbox"] = Control("http://127.0.0.1:9", "token")
    answer = portal.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["demo", "sandbox"])
