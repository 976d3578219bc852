"""The places in an address that the demo fills: {open} → a class, {track:paid} → a reference, {course} → found on a page,
{act:offered} → the code of such a link on somebody's phone."""

from __future__ import annotations

import re
import urllib.request

from tests.browser.town import Town

# Where a link to such a thing is found: the page, and what the link looks like.
ACTS = {"offered": "要不要"}
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
    if name.startswith("act:"):
        return _code_of(name.removeprefix("act:"), town)
    if name in LINKS:
        page, pattern = LINKS[name]
        with urllib.request.urlopen(town.url.rstrip("/") + address(page, town), timeout=10) as answer:
            found = [link for link in re.findall(pattern, answer.read().decode()) if link != "alerts"]
        assert found, f"no link to a {name} on {page}"
        return str(found[0])
    return str(town.class_of(name)["ref"])


def _code_of(kind: str, town: Town) -> str:
    """The newest link for such an act that came to anybody's phone."""
    for place, person in enumerate(town.facts["people"]):
        if person["case"] != "history":
            continue
        texts = [message["text"] for message in town.messages({"place": place})]
        codes = [re.findall(r"/a/(\w{14})", text) for text in texts if ACTS[kind] in text]
        if found := next((code for one in codes for code in one), None):
            return str(found)
    raise AssertionError(f"no link for {kind} on any phone")
