"""A page as a test sees it: a small tree, the marks of contract §6, forms that can be filled, htmx swaps."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(eq=False)
class Node:
    """An element; `children` are elements and pieces of text."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    parent: Node | None = field(default=None, repr=False)

    def walk(self) -> Iterator[Node]:
        """Every element below, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    def all(self, tag: str | None = None, **attrs: str | bool) -> list[Node]:
        """Elements by tag and attributes; `_` stands for `-`; True: present, False: absent.

        all("a", rel="next"), all(data_reference=True), all("input", name="code", disabled=False)
        """
        return [node for node in self.walk() if node.fits(tag, attrs)]

    def one(self, tag: str | None = None, **attrs: str | bool) -> Node:
        """The only such element."""
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} elements are {tag or '*'} {attrs}\n{self.text[:800]}"
        return found[0]

    def first(self, tag: str | None = None, **attrs: str | bool) -> Node | None:
        return next((node for node in self.walk() if node.fits(tag, attrs)), None)

    def fits(self, tag: str | None, attrs: dict[str, str | bool]) -> bool:
        if tag and self.tag != tag:
            return False
        for name, wanted in attrs.items():
            has = self.attrs.get(name.rstrip("_").replace("_", "-"))
            if (wanted is True and has is None) or (wanted is False and has is not None):
                return False
            if isinstance(wanted, str) and has != wanted:
                return False
        return True

    def mark(self, name: str) -> str:
        """The value of the page's only mark `name`: mark("data-reference")."""
        return self.one(None, **{name: True}).attrs[name]

    def marks(self, name: str) -> list[str]:
        """The values of every mark `name`, in order."""
        return [node.attrs[name] for node in self.walk() if name in node.attrs]

    @property
    def text(self) -> str:
        """What a reader reads, white space folded."""
        return " ".join(" ".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in {"script", "style", "template"}:
                yield from child._texts()

    def has_class(self, name: str) -> bool:
        return name in self.attrs.get("class", "").split()

    def html(self) -> str:
        """The element as text in one normal form, so that two pages can be compared."""
        inner = "".join(" ".join(c.split()) if isinstance(c, str) else c.html() for c in self.children)
        attrs = "".join(f' {name}="{value}"' for name, value in sorted(self.attrs.items()))
        return f"<{self.tag}{attrs}>" + ("" if self.tag in VOID else f"{inner}</{self.tag}>")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("#page")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, parent=self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self.at
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.at = node.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parse(html: str | bytes) -> Node:
    """The tree of a page or a fragment."""
    builder = _Builder()
    builder.feed(html.decode() if isinstance(html, bytes) else html)
    return builder.root


def fields(form: Node) -> dict[str, str]:
    """What a browser would send if somebody only pressed the form's button; first option where none is chosen."""
    sent: dict[str, str] = {}
    for node in form.walk():
        name = node.attrs.get("name")
        if not name or "disabled" in node.attrs:
            continue
        if node.tag == "input" and node.attrs.get("type") in {"radio", "checkbox"}:
            if "checked" in node.attrs:
                sent[name] = node.attrs.get("value", "on")
        elif node.tag == "input" and node.attrs.get("type") not in {"submit", "button", "file"}:
            sent[name] = node.attrs.get("value", "")
        elif node.tag == "textarea":
            sent[name] = "".join(child for child in node.children if isinstance(child, str))
        elif node.tag == "select":
            options = node.all("option")
            chosen = [o for o in options if "selected" in o.attrs] or options[:1]
            if chosen:
                sent[name] = chosen[0].attrs.get("value", chosen[0].text)
    return sent


def swapped(page: Node, trigger: Node, answer: str | bytes) -> Node:
    """`page` after htmx has put `answer` where `trigger` says (hx-target, hx-swap, hx-select, out-of-band).

    Understands innerHTML (the default), outerHTML, and targets `this`, `#id`; enough for our pages. Compare
    `.one("main").html()` of the outcome with that of a fresh load.
    """
    after, fragment = deepcopy(page), parse(answer)
    for piece in fragment.all(hx_swap_oob=True):
        _replace(_by_id(after, piece.attrs["id"]), [piece])
        _replace(piece, [])
    target = inherited(trigger, "hx-target") or "this"
    where = _twin(after, page, trigger) if target == "this" else _by_id(after, target.removeprefix("#"))
    select = inherited(trigger, "hx-select")
    pieces: list[Node | str] = fragment.children
    if select:
        pieces = [_by_id(fragment, select.removeprefix("#"))]
    if (inherited(trigger, "hx-swap") or "innerHTML").split()[0] == "outerHTML":
        _replace(where, pieces)
    else:
        where.children = list(pieces)
    return after


def inherited(node: Node | None, name: str) -> str | None:
    """An attribute of the element or of what stands around it, as htmx reads them."""
    while node is not None:
        if name in node.attrs:
            return node.attrs[name]
        node = node.parent
    return None


def _by_id(page: Node, name: str) -> Node:
    return page.one(None, id=name)


def _twin(after: Node, page: Node, node: Node) -> Node:
    return list(after.walk())[[id(other) for other in page.walk()].index(id(node))]


def _replace(old: Node, pieces: list[Node | str]) -> None:
    assert old.parent is not None
    place = [id(child) for child in old.parent.children].index(id(old))
    old.parent.children[place : place + 1] = pieces
