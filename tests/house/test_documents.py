"""Documents say what is there."""

from __future__ import annotations

import re

import pytest

from tests.house import tree

DOCUMENTS = sorted([*tree.ROOT.glob("*.md"), *(tree.ROOT / "docs").rglob("*.md")])
GROUPS = (("a", 23), ("b", 16), ("c", 18), ("h", 18))
FILE = re.compile(r"\b(?:training|registries|web|portal|backoffice|jobs|packs|docs|tests)/[\w/.\-]*\w")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=tree.name)
def test_links_lead_somewhere(document) -> None:
    dead = [
        found[1]
        for found in LINK.finditer(document.read_text())
        if not found[1].startswith(("http://", "https://", "mailto:"))
        and not (document.parent / found[1]).exists()
    ]
    assert not dead, dead


def test_every_room_has_a_line_in_the_house() -> None:
    text = (tree.ROOT / "docs/house.md").read_text()
    rooms = {
        path.parent.relative_to(tree.ROOT).as_posix()
        for path in tree.modules()
        if path.parent != tree.ROOT and path.parent.parent.parent == tree.ROOT
    }
    files = {
        tree.name(path)
        for path in tree.modules("training", "web")
        if path.parent.parent == tree.ROOT and path.stem != "__init__"
    }
    missing = [name for name in sorted(rooms | files) if f"`{name}" not in text]
    assert not missing, f"no line in docs/house.md: {missing}"


def test_the_house_names_no_room_that_is_gone() -> None:
    text = (tree.ROOT / "docs/house.md").read_text()
    named = re.findall(r"^\| `((?:training|registries|web|portal|backoffice|jobs)/[\w/.]*)`", text, re.M)
    assert len(named) > 20
    assert not [name for name in named if not (tree.ROOT / name).exists()]


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((tree.ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_make_targets_have_a_help_line() -> None:
    makefile = (tree.ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony
    assert {"help", "run", "test", "soak", "check", "bench"} <= set(phony[1].split())
    assert not [name for name in phony[1].split() if not re.search(rf"^{name}:.*## \S", makefile, re.M)]


def test_the_readme_names_the_two_commands() -> None:
    for name in ("README.md", "README.zh.md"):
        text = (tree.ROOT / name).read_text()
        assert "make run" in text
        assert "make test" in text


def test_the_glossary_has_every_code_word_once() -> None:
    rows = re.findall(
        r"^\| `?([a-z_0-9 /`]+?)`? \| ([^|]+) \| ([^|]+) \|$",
        (tree.ROOT / "docs/glossary.md").read_text(),
        re.M,
    )
    codes = [code for code, _, _ in rows]
    assert len(codes) > 30
    assert len(codes) == len(set(codes))


def test_the_security_table_is_up_to_date() -> None:
    """Remake it with `python -m tests.security_table`."""
    from tests import security_table

    assert security_table.TARGET.read_text() == security_table.table()


def test_every_id_in_a_test_is_explained() -> None:
    from tests import security_table

    text = security_table.SOURCE.read_text()
    assert not [name for name in security_table.tests_by_id() if f"\n{name} = " not in text]


def test_continuous_integration_calls_what_people_call() -> None:
    import os

    script = tree.ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert [line.split()[1] for line in script.read_text().splitlines() if line.startswith("make ")] == [
        "check",
        "test",
    ]
    assert "set -euo pipefail" in script.read_text()


def test_the_features_say_what_holds_and_where() -> None:
    """A row for each feature of the groups that were built: what must hold holds, or says why not."""
    import csv

    with (tree.ROOT / "docs/features.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["code", "feature", "need", "holds", "where it is seen"]
    codes = [row[0] for row in rows]
    assert codes == [f"{group}{n}" for group, last in GROUPS for n in range(1, last + 1)]
    assert {row[2] for row in rows} == {"M", "S", "C"}
    assert {row[3] for row in rows} == {"yes", "partly", "no"}
    assert not [row for row in rows if len(row) != 5 or not all(cell.strip() for cell in row)]
    assert not [row for row in rows if row[2] == "M" and row[3] == "no"]
    named = [path for row in rows for path in FILE.findall(row[4])]
    assert len(named) > 30
    assert not [path for path in named if not (tree.ROOT / path).exists()]
