"""`python -m tests.security_table` writes docs/security.md: each abuse case and invariant with the tests that show it.

The sentences stand in docs/security.toml; the tests are found by the id in their name (test_A25_…).
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs/security.md"
SOURCE = ROOT / "docs/security.toml"
HEAD = "| id | what must not happen, or must always hold | control | tests |"
LATER = "Later rounds"  # shown once they are tested
TEST = re.compile(r"^\s*(?:async )?def (test_([AI]\d\d)(?:_([AI]\d\d))*_\w+)", re.M)


def tests_by_id() -> dict[str, list[str]]:
    """Where each id is tested: {"A25": ["tests/…/test_x.py::test_A25_…"]}."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted([*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "packs").rglob("test_*.py")]):
        for match in TEST.finditer(path.read_text()):
            for name in re.findall(r"_([AI]\d\d)(?=_)", match[1]):
                found[name].append(f"{path.relative_to(ROOT)}::{match[1]}")
    return found


def table() -> str:
    """The page as it ought to be."""
    cases, tests = tomllib.loads(SOURCE.read_text()), tests_by_id()
    lines = [cases["intro"].strip(), ""]
    for title, section in cases["section"].items():
        shown = {name: case for name, case in section.items() if title != LATER or name in tests}
        lines += [f"## {title}", "", HEAD, "|---|---|---|---|"]
        lines += [*(_row(name, case, tests.get(name, [])) for name, case in shown.items()), ""]
    return "\n".join(lines)


def _row(name: str, case: list[str], tests: list[str]) -> str:
    files = sorted({test.split("::")[0] for test in tests})
    links = ", ".join(f"[{Path(file).stem}](../{file})" for file in files)
    return f"| {name} | {case[0]} | {case[1]} | {links or 'none yet'} |"


def main() -> int:
    """Write the page."""
    TARGET.write_text(table())
    untested = sorted(re.findall(r"^\| (\S+) \|.*\| none yet \|$", table(), re.M))
    print(f"no test yet: {' '.join(untested) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
