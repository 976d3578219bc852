"""The list for somebody who saved a check: only the classes that it lets be paid for, surely or perhaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from portal.check.answers import read
from portal.check.carried import carried
from portal.courses.forms import Asked
from portal.courses.paid import ASKED, facts_given
from training.courses.paid import Window, paid_windows
from training.policy.pack import Pack


def narrowed(asked: Asked, query: Mapping[str, str], pack: Pack, on: date) -> Asked:
    """The same with the check whose code the address carries; a code that is unknown or has run out is not read, nor
    are answers that mean nothing any more."""
    found = carried(query.get("check"))
    if found.check is None:
        return replace(asked, lost=found.lost)
    given = read(found.check.answers, pack, on)
    if not all(name in given.given for name in ASKED):
        return replace(asked, lost="over")
    return replace(asked, filters=replace(asked.filters, check=found.code), given=given)


def windows_of(asked: Asked, pack: Pack, on: date) -> tuple[Window, ...] | None:
    """What is paid for by the answers, by the rules that judge each class; None where no check narrows the list."""
    return paid_windows(facts_given(asked.given), pack, on) if asked.given else None
