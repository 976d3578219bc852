"""Figures for a machine: who may read them, what they say, and what they never say."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from tests.backoffice.cases import World
from tests.backoffice.staff import arrive
from training.staff.models import Role
from web import metrics

LINE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? -?\d+(\.\d+)?(e[+-]?\d+)?')
FAR = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def world(office: Flask, registries: Any, clock: Any) -> World:
    return World(office, registries, clock)


def values(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


def scraped(doors: Any) -> str:
    """What a machine on this host reads."""
    answer = Client(doors).get("/metrics", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_every_line_is_in_the_form_of_prometheus(portal: Flask, world: World) -> None:
    client = portal.test_client()
    client.get("/healthz")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == metrics.TYPE
    assert answer.headers["Content-Security-Policy"]
    lines = answer.get_data(as_text=True).splitlines()
    bad = [line for line in lines if not line.startswith(("# HELP ", "# TYPE ")) and not LINE.fullmatch(line)]
    assert not bad
    assert (
        values("\n".join(lines))[
            'training_requests_total{door="portal",endpoint="about.healthz",status="200"}'
        ]
        >= 1
    )


def test_both_doors_are_counted_and_what_waits_is_told(doors: Any, office: Flask, world: World) -> None:
    world.by_phone()
    arrive(office, "luo", Role.VERIFIER).open("/office/verify")
    found = values(scraped(doors))
    assert found['training_requests_total{door="office",endpoint="office.verify.queue",status="200"}'] >= 1
    assert found['training_queue_cases{queue="verify"}'] == 1
    assert found["training_unsealed_rows"] > 0
    assert found["training_seal_number"] == 0


def test_A62_no_person_stands_in_the_figures(doors: Any, office: Flask, world: World) -> None:
    case = world.by_phone(typed_name="石小玉", name="石小王")
    clerk = arrive(office, "luo", Role.VERIFIER)
    clerk.open(f"/office/verify/{case.reference}")
    clerk.open(f"/office/verify/{case.number}")
    clerk.open("/office/search")
    clerk.post("/office/search", s=case.number)
    text = scraped(doors)
    for word in ("石", case.reference, case.number, case.person_id, case.id, "luo"):
        assert str(word) not in text


def test_strangers_are_refused(portal: Flask) -> None:
    client = portal.test_client()
    assert client.get("/metrics", environ_base=FAR).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403
    assert client.get("/metrics", environ_base=FAR, headers={"Authorization": "Bearer "}).status_code == 403
    assert client.post("/metrics").status_code in (400, 403, 405)


def test_the_token_opens_from_anywhere(portal: Flask) -> None:
    known = portal.extensions["settings"]
    portal.extensions["settings"] = dataclasses.replace(known, metrics_token="long-and-random")
    client = portal.test_client()
    for said, status in (
        ("Bearer long-and-random", 200),
        ("Bearer wrong", 403),
        ("Bearer é", 403),
        ("Basic long-and-random", 403),
        ("", 403),
    ):
        answer = client.get("/metrics", environ_base=FAR, headers={"Authorization": said})
        assert (answer.status_code, said) == (status, said)
    assert "long-and-random" not in repr(portal.extensions["settings"])


def test_behind_a_proxy_only_the_machine_itself_counts_as_near(portal: Flask) -> None:
    known = portal.extensions["settings"]
    portal.extensions["settings"] = dataclasses.replace(known, proxy_hops=1)
    client = portal.test_client()
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200
    assert client.get("/metrics", environ_base=FAR).status_code == 403
