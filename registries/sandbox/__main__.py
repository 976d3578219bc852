"""python -m registries.sandbox --port 8010 --data-dir instance [--people FILE]

SANDBOX_TOKEN in the environment opens the controls. Prints one line with the address once it answers.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path

from pydantic import ValidationError

from registries.sandbox.records import Record
from registries.sandbox.server import SandboxServer
from registries.sandbox.store import FILE_NAME, Store
from registries.sandbox.systems import Systems
from training import demo_clock


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or Ctrl-C; 2 for a file of people that cannot be read."""
    asked = _asked(arguments)
    asked.data_dir.mkdir(parents=True, exist_ok=True)
    demo_clock.follow(asked.data_dir / demo_clock.MOVED_FILE)
    store = Store(asked.data_dir / FILE_NAME)
    if asked.people is not None:
        try:
            store.put_people(records_in(asked.people))
        except (OSError, ValueError) as fault:
            sys.stderr.write(f"sandbox: {fault}\n")
            return 2
    with SandboxServer(asked.port, Systems(store, os.environ.get("SANDBOX_TOKEN"))) as server:
        signal.signal(signal.SIGTERM, _leave)
        sys.stdout.write(f"sandbox {server.url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
    store.close()
    return 0


def records_in(path: Path) -> list[Record]:
    """One record a line; blank lines are passed over. Raises ValueError naming the line."""
    records = []
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            if line.strip():
                records.append(Record.model_validate_json(line))
        except ValidationError as fault:
            where = ".".join(str(part) for part in fault.errors()[0]["loc"])
            raise ValueError(f"{path.name} line {place}: {where} {fault.errors()[0]['msg']}") from None
    return records


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m registries.sandbox")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--data-dir", type=Path, required=True, help=f"where {FILE_NAME} lies")
    parser.add_argument("--people", type=Path, help="JSON lines to load before answering")
    return parser.parse_args(arguments)


def _leave(_signum: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
