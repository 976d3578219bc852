"""Which desks show people, and whether each says so (A23, I26)."""

from __future__ import annotations

import re

from backoffice.roles import DESKS
from backoffice.seeing import PURPOSE
from tests.house import tree

CALL = re.compile(r"\bseen\([^()]*(?:\([^()]*\))?[^()]*?,\s*(?:\"(\w+)\"|DESK)")
# Desks at which nobody is shown: figures, accounts of staff, files of the past, one's own settings.
SHOW_NOBODY = {"readers", "status", "staff", "me", "records", "exports", "counter", "schools", "classes"}


def test_A23_every_desk_that_shows_people_leaves_a_trace() -> None:
    """`exports` and `counter` write theirs in the operation: everybody in the list, the number that was looked up."""
    says = {
        path.parent.name
        for path in tree.modules("backoffice")
        if path.name != "seeing.py" and CALL.search(path.read_text())
    }
    assert set(DESKS) - says <= SHOW_NOBODY


def test_every_desk_that_shows_people_has_a_purpose() -> None:
    named = {
        found
        for path in tree.modules("backoffice")
        for found in CALL.findall(path.read_text())
        if found and path.name != "seeing.py"
    }
    assert named <= set(PURPOSE)
    assert set(PURPOSE) <= set(DESKS) | {"corrections"}
