"""A demo set on PostgreSQL with the card system beside it: what pages and workers are measured on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks import programs
from benchmarks.place import Place, free_port, migrated
from jobs import stack
from jobs.demo import load_once
from web.settings import Settings


@dataclass(frozen=True)
class Demo:
    """`environ` is what programs of the product read; `port` is where its doors may listen."""

    settings: Settings
    environ: Mapping[str, str]
    port: int

    @property
    def told(self) -> dict[str, Any]:
        """What stands in demo.json."""
        found: dict[str, Any] = json.loads((self.settings.data_dir / "demo.json").read_text("utf-8"))
        return found


@contextmanager
def loaded(place: Place) -> Iterator[Demo]:
    """The set, loaded, while the card system and the message gateway answer."""
    doors, systems = free_port(), free_port()
    environ = place.environ("demo", place.database("demo"), doors)
    environ["REGISTRIES_URL"] = f"http://127.0.0.1:{systems}"
    environ["SANDBOX_TOKEN"] = stack.sandbox_token(place.folder / "demo" / "sandbox.token")
    command = [stack.PYTHON, "-m", "registries.sandbox", "--port", str(systems)]
    command += ["--data-dir", environ["DATA_DIR"]]
    with programs.running(command, environ, place.log("registries")):
        settings = migrated(environ)
        load_once(settings)
        yield Demo(settings, environ, doors)
