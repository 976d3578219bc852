"""What the guards look at: the tree itself, never a list of what it ought to hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("training", "registries", "web", "portal", "backoffice", "jobs")


@cache
def modules(*packages: str) -> tuple[Path, ...]:
    """Every Python file of the packages (all of ours when none is named), and wsgi.py."""
    wanted = packages or PACKAGES
    found = [path for package in wanted for path in sorted((ROOT / package).rglob("*.py"))]
    return (*found, ROOT / "wsgi.py") if not packages else tuple(found)


@cache
def parsed(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def name(path: Path) -> str:
    """The path as a person writes it, from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """training/people/models.py → training.people.models"""
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything a module imports, also inside functions and type checks."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = dotted(path).split(".")
    keep = len(package) - node.level + (path.name == "__init__.py")
    return ".".join([*package[:keep], *([node.module] if node.module else [])])


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@cache
def templates() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "templates").rglob("*.html")))


def without_comments(source: str) -> str:
    """A template's text with {# … #} replaced by as many line ends."""
    return re.sub(r"\{#.*?#\}", lambda found: "\n" * found[0].count("\n"), source, flags=re.S)


def places(path: Path, pattern: str, source: str | None = None) -> list[str]:
    """`file:line: text` for each line that matches."""
    lines = (path.read_text() if source is None else source).splitlines()
    return [
        f"{name(path)}:{n}: {line.strip()[:160]}"
        for n, line in enumerate(lines, 1)
        if re.search(pattern, line)
    ]
