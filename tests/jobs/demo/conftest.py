"""The demo set for the tests of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests import demo_set
from tests.demo_set import DemoSet
from training import database as module
from training import keys


@pytest.fixture
def demo(run_folder: Path, tmp_path: Path, clock: Any) -> DemoSet:
    """A copy of the loaded set, on SQLite, on the morning it was loaded for."""
    return demo_set.on_sqlite(run_folder, tmp_path)


@pytest.fixture
def demo_database(demo: DemoSet) -> Iterator[Any]:
    """`db` on that copy, inside an application context."""
    keys.use(demo.settings.keys)
    app = Flask("tests", root_path=str(demo.settings.data_dir))
    app.config["SQLALCHEMY_DATABASE_URI"] = demo.settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = module.engine_options(
        demo.settings.database_url, statement_timeout_ms=None
    )
    module.install(app)
    with app.app_context():
        yield module.db
        module.db.session.remove()
        module.db.engine.dispose()
