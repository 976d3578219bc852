"""Connections: one that lay idle is asked before it is used again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from training import database as module


def test_an_idle_connection_that_was_ended_is_not_handed_out(
    database: Any, postgres_only: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE_S", 0.0)
    with database.engine.connect() as one, database.engine.connect() as two:
        pid = one.execute(text("SELECT pg_backend_pid()")).scalar_one()
        hand = two.execution_options()
        one.close()
        hand.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    for _ in range(3):
        assert database.session().execute(text("SELECT 1")).scalar_one() == 1
        database.session.remove()
