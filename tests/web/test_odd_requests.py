"""Requests that no browser of ours would send: a clear 4xx, never a 500."""

from __future__ import annotations

import dataclasses

import pytest

from portal.app import create_app
from tests.visitor import Visitor
from web.settings import Settings

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_A64_headers_of_16_kb_are_refused(citizen: Visitor) -> None:
    answer = citizen.client.get("/", headers={"X-Long": "a" * 16_000})
    assert answer.status_code == 431
    assert "Content-Security-Policy" in answer.headers


def test_a_nul_in_the_path_is_not_there(citizen: Visitor) -> None:
    assert citizen.client.get("/classes/a%00b").status_code == 404


@pytest.mark.parametrize(
    "address", ["/courses?q=a%00b", "/centres?q=%00", "/track?reference=%00", "/check/1?birth_year=%00"]
)
def test_a_nul_in_the_query_is_no_failure(citizen: Visitor, address: str) -> None:
    assert citizen.client.get(address).status_code < 500


def test_A64_a_form_of_1_mb_is_too_large(citizen: Visitor) -> None:
    answer = citizen.client.post("/sign-in", data={"name": "a" * 1_000_000})
    assert answer.status_code == 413


def test_A20_a_method_that_an_address_does_not_take(citizen: Visitor) -> None:
    answer = citizen.client.delete("/courses")
    assert answer.status_code in (403, 405)


def test_A55_in_production_only_our_own_name_is_answered(settings: Settings) -> None:
    real = dataclasses.replace(settings, environment="production", base_url="https://training.example")
    client = create_app(real).test_client()
    assert client.get("/healthz", base_url="https://training.example").status_code == 200
    assert client.get("/healthz", base_url="https://elsewhere.example").status_code == 400
