"""Arrows point downwards: who may import whom (docs/house.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import tree

MAY_IMPORT = {
    "training": {"training"},
    "registries": {"training", "registries"},
    "web": {"training", "registries", "web"},
    "portal": {"training", "web", "portal"},
    "backoffice": {"training", "web", "backoffice"},
    "jobs": {"training", "registries", "web", "jobs"},
}
# Subjects of training/, lowest first; a subject imports itself and what stands before it.
SUBJECTS = [
    {"policy"},
    {"people", "institutions", "staff"},
    {"courses"},
    {"entitlements"},
    {"enrolments"},
    {"outcomes"},
    {"records"},
    {"integrity"},
    {"claims"},
    {"payments"},
    {"objections"},
    {"identities"},
    {"privacy", "oversight"},
    {"quality"},
    {"planning"},
]
FLOOR = {subject: number for number, floor in enumerate(SUBJECTS) for subject in floor}
PURE = {
    "flask",
    "sqlalchemy",
    "flask_sqlalchemy",
    "datetime.datetime.now",
    "http",
    "urllib",
    "socket",
    "requests",
}


def ours(path: Path) -> Iterator[tuple[int, list[str]]]:
    for line, imported in tree.imports(path):
        parts = imported.split(".")
        if parts[0] in tree.PACKAGES:
            yield line, parts


def test_every_package_looks_only_downwards() -> None:
    upwards = [
        f"{tree.name(path)}:{line} imports {'.'.join(parts)}"
        for package in tree.PACKAGES
        for path in tree.modules(package)
        for line, parts in ours(path)
        if parts[0] not in MAY_IMPORT[package]
    ]
    assert not upwards, upwards


def test_subjects_import_lower_subjects_only() -> None:
    upwards = []
    for path in tree.modules("training"):
        inside = tree.name(path).split("/")[1]
        for line, parts in ours(path):
            other = parts[1] if len(parts) > 1 else ""
            if inside != other and other in FLOOR and FLOOR.get(inside, -1) <= FLOOR[other]:
                upwards.append(f"{tree.name(path)}:{line} imports {'.'.join(parts)}")
    assert not upwards, upwards


def test_every_subject_has_its_floor() -> None:
    found = {path.parent.name for path in tree.modules("training") if path.parent.parent.name == "training"}
    assert found <= set(FLOOR), (
        f"new subject, give it a floor here and a line in docs/house.md: {found - set(FLOOR)}"
    )


@pytest.mark.parametrize("file", ["rules.py", "lifecycle.py"])
def test_rules_are_pure(file: str) -> None:
    """No database, no network, no HTTP, and no clock: the day is an argument."""
    rules = [path for path in tree.modules("training") if path.name == file]
    assert rules, f"no {file} found"
    impure = []
    for path in rules:
        for line, imported in tree.imports(path):
            first, *_ = imported.split(".")
            if first in PURE or imported.startswith(("training.database", "training.clock")):
                impure.append(f"{tree.name(path)}:{line} imports {imported}")
    assert not impure, impure


def test_only_the_clock_reads_the_time() -> None:
    asked = r"\b(datetime|date)\.(now|today|utcnow)\(|\btime\.time\("
    allowed = {"training/clock.py"}
    found = [
        place
        for path in tree.modules("training", "portal", "backoffice", "web")
        if tree.name(path) not in allowed
        for place in tree.places(path, asked)
    ]
    assert not found, found


def test_the_domain_speaks_no_http_and_no_sentences() -> None:
    """training/ imports Flask for nothing but the type that database.py binds to, and never gettext."""
    found = [
        f"{tree.name(path)}:{line} imports {imported}"
        for path in tree.modules("training")
        for line, imported in tree.imports(path)
        if imported.split(".")[0]
        in {"flask", "flask_babel", "flask_login", "wtforms", "werkzeug", "http", "urllib"}
        and tree.name(path) != "training/database.py"
    ]
    assert not found, found


def test_views_use_operations_and_queries_not_sql() -> None:
    banned = (
        "sqlalchemy.select",
        "sqlalchemy.insert",
        "sqlalchemy.update",
        "sqlalchemy.delete",
        "sqlalchemy.text",
    )
    found = [
        f"{tree.name(path)}:{line} imports {imported}"
        for path in tree.modules("portal", "backoffice")
        for line, imported in tree.imports(path)
        if imported in banned
    ]
    assert not found, found
