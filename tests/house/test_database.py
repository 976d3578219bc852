"""The database is changed in one way only."""

from __future__ import annotations

import ast

from tests.house import tree


def calls(path, *methods: str) -> list[str]:
    return [
        f"{tree.name(path)}:{node.lineno} .{node.func.attr}("
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods
    ]


def test_only_the_database_module_commits_and_rolls_back() -> None:
    """Programs with a database of their own (the sandbox) are not ours: they import no training.database."""
    found = [
        place
        for path in tree.modules()
        if tree.name(path) != "training/database.py" and not tree.name(path).startswith("registries/sandbox/")
        for place in calls(path, "commit", "rollback", "begin_nested")
    ]
    assert not found, found
    assert calls(tree.ROOT / "training/database.py", "commit")


def test_the_sandbox_keeps_its_own_store() -> None:
    found = [
        f"{tree.name(path)}:{line}"
        for path in tree.modules("registries/sandbox")
        for line, imported in tree.imports(path)
        if imported.startswith("training.database")
    ]
    assert not found, found


def test_nobody_uses_the_legacy_query() -> None:
    found = [
        place
        for path in tree.modules()
        for place in tree.places(path, r"\b[A-Z]\w+\.query\.|session\.query\(")
    ]
    assert not found, found


def test_A56_no_statement_is_glued_together_from_text() -> None:
    """text(f"…"), text("…" + x), text("…" % x) and the like, anywhere."""
    found = []
    for path in tree.modules():
        for node in ast.walk(tree.parsed(path)):
            if (
                isinstance(node, ast.Call)
                and _name(node.func)
                in {
                    "text",
                    "exec_driver_sql",
                    "execute",
                    "literal_column",
                }
                and node.args
                and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
            ):
                found.append(f"{tree.name(path)}:{node.lineno}")
    allowed = {"training/database.py"}  # pragmas from a list of constants
    assert not [place for place in found if place.split(":")[0] not in allowed], found


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_money_columns_are_whole_fen() -> None:
    """A column of money ends in _fen and is an integer; nothing in the models is Float or Numeric."""
    found = []
    for path in tree.modules("training"):
        found += tree.places(path, r"\bmapped_column\(\s*(Float|Numeric|REAL|Double)")
        found += tree.places(path, r"^\s*\w+_fen\s*:\s*Mapped\[(?!int\b|int \| None)")
    assert not found, found
