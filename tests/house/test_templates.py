"""What may stand in a template, and what never (A50–A52, A74)."""

from __future__ import annotations

import ast
import re

from jinja2 import Environment, nodes

from tests.house import tree

GRAMMAR = Environment(
    extensions=["jinja2.ext.i18n", "jinja2.ext.do"], trim_blocks=True, lstrip_blocks=True, autoescape=True
)
INLINE = r"""\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*["']|\bhx-on|javascript:|<script(?![^>]*\bsrc=)"""


def found_in_templates(pattern: str) -> list[str]:
    assert tree.templates()
    return [
        place
        for path in tree.templates()
        for place in tree.places(path, pattern, tree.without_comments(path.read_text()))
    ]


def test_every_template_parses() -> None:
    for path in tree.templates():
        GRAMMAR.parse(path.read_text(), filename=tree.name(path))


def test_A50_nothing_is_marked_safe() -> None:
    found = [
        f"{tree.name(path)}:{node.lineno} |{node.name}"
        for path in tree.templates()
        for node in GRAMMAR.parse(path.read_text()).find_all(nodes.Filter)
        if node.name in {"safe", "forceescape"}
    ]
    found += found_in_templates(r"\{%-?\s*autoescape\b")
    assert not found, found


def test_A50_markup_is_made_in_one_place_and_never_from_data() -> None:
    """Markup("constant") is a literal of our own; Markup(value) would trust what people typed. Sentences of the
    catalogues are ours too, as Jinja's own gettext takes them."""
    found = []
    for path in tree.modules():
        for node in ast.walk(tree.parsed(path)):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Markup"
            ) and not (node.args and isinstance(node.args[0], ast.Constant)):
                found.append(f"{tree.name(path)}:{node.lineno}")
    assert {place.split(":")[0] for place in found} <= {"web/pictures.py", "web/i18n.py"}, found


def test_A52_no_inline_style_or_script() -> None:
    assert not found_in_templates(INLINE)


def test_A74_nothing_is_loaded_from_elsewhere() -> None:
    loading = r"""<(script|link|img|iframe|audio|video|source|object|embed)\b[^>]*(src|href)\s*=\s*["'](https?:)?//"""
    assert not found_in_templates(loading)
    styles = [path for path in (tree.ROOT / "static").rglob("*.css") if "dist" not in path.parts]
    assert styles
    assert not [
        place for path in styles for place in tree.places(path, r"url\(\s*['\"]?(https?:)?//|@import")
    ]


def test_there_are_no_pictures_to_wait_for() -> None:
    assert not found_in_templates(r"<img\b")


def test_A53_every_form_that_posts_carries_the_token() -> None:
    """The text between <form … method=post> and </form> holds csrf_field()."""
    naked = []
    for path in tree.templates():
        source = tree.without_comments(path.read_text())
        for form in re.finditer(
            r"<form\b[^>]*method\s*=\s*[\"']?post[^>]*>(.*?)</form>", source, re.S | re.I
        ):
            if "csrf_field" not in form[1]:
                naked.append(f"{tree.name(path)}:{source[: form.start()].count(chr(10)) + 1}")
    assert not naked, naked


def test_fragments_are_named_with_an_underscore_and_included() -> None:
    """A file whose name starts with _ is part of a page; every other one is a page or is extended."""
    everything = "\n".join(path.read_text() for path in tree.templates())
    code = "\n".join(path.read_text() for path in tree.modules("web", "portal", "backoffice"))
    unused = [
        tree.name(path)
        for path in tree.templates()
        if tree.name(path).removeprefix("templates/") not in everything + code and path.stem not in code
    ]
    assert not unused, unused


def test_the_htmx_file_is_the_one_that_was_looked_at() -> None:
    """A73: one vendored file with its checksum beside it."""
    import hashlib

    [file] = (
        (tree.ROOT / "static").rglob("htmx*.js")
        if not (tree.ROOT / "static/dist").exists()
        else [path for path in (tree.ROOT / "static").rglob("htmx*.js") if "dist" not in path.parts]
    )
    checksums = list(file.parent.glob("*.sha256"))
    assert checksums, f"{tree.name(file)} has no .sha256 beside it"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == checksums[0].read_text().split()[0]
