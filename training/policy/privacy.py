"""The privacy notice: dated texts, one file each; what a person was told stays what it was."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from training.policy.models import Shape, Words


class Kept(Shape):
    """What is kept, for what, and how long; an example is not fixed by a notice yet."""

    what: Words
    purpose: Words
    time: Words
    status: Literal["confirmed", "example"]


class Seen(Shape):
    """Who sees it, and of it what."""

    who: Words
    what: Words


class PrivacyNotice(Shape):
    """One text. `changed` says in one sentence what is new in it."""

    version: str = Field(pattern=r"^\d{4}-\d\d$")
    valid_from: date
    changed: Words
    keeps: tuple[Kept, ...]
    sees: tuple[Seen, ...]
    never: tuple[Words, ...]
    only: tuple[Words, ...]


def in_force(notices: tuple[PrivacyNotice, ...], on: date) -> PrivacyNotice:
    """The newest text that is valid on `on`; before the first of them, the first."""
    begun = [notice for notice in notices if notice.valid_from <= on]
    return max(begun, key=_begins) if begun else min(notices, key=_begins)


def _begins(notice: PrivacyNotice) -> date:
    return notice.valid_from
