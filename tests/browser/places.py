"""The places in an address that the demo fills: {open} → a class, {track:paid} → a reference, {course} → found on a page."""

from __future__ import annotations

import re
import urllib.request

from tests.browser.town import Town

# Where a link to such a thing is found: the page, and what the link looks like.
LINKS = {
    "course": ("/classes/{open}", r'href="/courses/([^"/?#]+)"'),
    "school": ("/classes/{open}", r'href="/schools/([^"/?#]+)"'),
    "notice": ("/rules", r'href="/rules/([^"/?#]+)"'),
}


def address(path: str, town: Town) -> str:
    """`path` with its places filled."""
    return re.sub(r"\{([\w:]+)\}", lambda found: _place(found[1], town), path)


def _place(name: str, town: Town) -> str:
    if name.startswith("track:"):
        return town.track(name.removeprefix("track:"))
    if name in LINKS:
        page, pattern = LINKS[name]
        with urllib.request.urlopen(town.url.rstrip("/") + address(page, town), timeout=10) as answer:
            found = [link for link in re.findall(pattern, answer.read().decode()) if link != "alerts"]
        assert found, f"no link to a {name} on {page}"
        return str(found[0])
    return str(town.class_of(name)["ref"])
