"""What we depend on: exact versions, with hashes, for a reason that is written down."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.house import tree

PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?==(\S+?)(?:\s*;[^\\]*)?\s*\\?$")
RUN, DEV = (tree.ROOT / "requirements" / name for name in ("run.txt", "dev.txt"))
DECISION = tree.ROOT / "docs/decisions/0004-dependencies.md"


def pins(file) -> dict[str, str]:
    return {
        found[1].lower(): found[3] for line in file.read_text().splitlines() if (found := PIN.match(line))
    }


def wanted(section: str) -> list[str]:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] if section == "run" else project["optional-dependencies"][section]
    return [re.split(r"[\[<>=!~ ]", line)[0].lower() for line in lines]


@pytest.mark.parametrize("file", [RUN, DEV], ids=lambda file: file.name)
def test_A73_every_pin_is_exact_and_has_a_hash(file) -> None:
    blocks = re.split(r"\n(?=\S)", file.read_text().strip())
    assert len(blocks) > 20
    for block in blocks:
        assert PIN.match(block.splitlines()[0]), f"not an exact version: {block.splitlines()[0]}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), f"no hash: {block.splitlines()[0]}"


@pytest.mark.parametrize("file", [RUN, DEV], ids=lambda file: file.name)
def test_A73_pins_name_no_place_to_fetch_from(file) -> None:
    text = file.read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host|^-e|git\+", text, re.M)


def test_A73_tests_run_on_what_is_shipped() -> None:
    run, dev = pins(RUN), pins(DEV)
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize(("section", "file"), [("run", RUN), ("dev", DEV)])
def test_A73_everything_asked_for_is_pinned(section, file) -> None:
    missing = [name for name in wanted(section) if name not in pins(file)]
    assert not missing


def test_A73_what_runs_is_what_was_pinned() -> None:
    """The bill of materials: each pinned library of the product is installed in exactly that version."""
    from importlib.metadata import version

    assert {name: version(name) for name in pins(RUN)} == pins(RUN)


def test_every_library_of_the_product_is_explained() -> None:
    text = DECISION.read_text().lower()
    assert not [name for name in wanted("run") if f"| {name} |" not in text]


def test_every_library_of_the_product_is_imported() -> None:
    modules = {
        "flask-sqlalchemy": "flask_sqlalchemy",
        "flask-migrate": "flask_migrate",
        "flask-login": "flask_login",
        "flask-babel": "flask_babel",
        "argon2-cffi": "argon2",
        "python-stdnum": "stdnum",
    }
    by_name_only = {
        "psycopg",
        "granian",
        "alembic",
        "babel",
    }  # named in an address, a command or by another library
    used = {imported.split(".")[0] for path in tree.modules() for _, imported in tree.imports(path)}
    used |= {
        imported.split(".")[0]
        for path in (tree.ROOT / "migrations").rglob("*.py")
        for _, imported in tree.imports(path)
    }
    unused = [
        name for name in wanted("run") if modules.get(name, name) not in used and name not in by_name_only
    ]
    assert not unused, f"nothing imports {unused}"


def test_the_decision_names_the_versions_in_use() -> None:
    rows = re.findall(r"^\| ([a-z0-9-]+) \|.*?\| (\d[\w.]*) \|", DECISION.read_text(), re.M)
    assert len(rows) > 15
    assert [(name, version) for name, version in rows if pins(RUN)[name] != version] == []
