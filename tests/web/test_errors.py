"""When even the page that says what went wrong cannot be made."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from web import errors
from web.headers import SECURITY_HEADERS

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_A63_an_error_page_that_fails_is_still_a_page_with_headers(
    portal: Flask, monkeypatch: pytest.MonkeyPatch, poison: Any
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("周小满 500103198501010011")

    poison.never.add("周小满")
    monkeypatch.setattr(errors, "render_template", broken)
    answer = portal.test_client().get("/nowhere")
    assert answer.status_code == 404
    assert "text/html" in answer.headers["Content-Type"]
    assert "12333" in answer.text
    assert all(answer.headers[name] == value for name, value in SECURITY_HEADERS.items())
    assert "周小满" not in answer.text
