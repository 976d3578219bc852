"""What the demo's people may see: themselves, and the messages that the sandbox took for their phones."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, TypedDict

from training.errors import NotThere

NEWEST = 200
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


class Sent(TypedDict):
    """A message as the sandbox shows it; `at` is ISO 8601 with offset."""

    at: str
    phone: str
    text: str


class Sandbox(Protocol):
    """The one thing asked of it. Raises training.errors.RegistryUnreachable."""

    def messages(self, phone: str | None = None) -> Sequence[Sent]: ...


class Owner(NamedTuple):
    """One of the demo's people, with the place in demo.json."""

    n: int
    case: str
    name: str
    number: str
    card: str
    phone: str | None


class Message(NamedTuple):
    """A message on somebody's phone; `code` stands where it carries one."""

    at: datetime
    text: str
    code: str | None
    owner: Owner | None


def owners(data_dir: Path) -> list[Owner]:
    """Everybody in demo.json, in order; nobody before it is written."""
    try:
        told = json.loads((data_dir / "demo.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    fields = Owner._fields[1:]
    return [Owner(n, *(person[name] for name in fields)) for n, person in enumerate(told["people"])]


def owner_at(data_dir: Path, n: int) -> Owner:
    """The person at a place. Raises NotThere."""
    for owner in owners(data_dir):
        if owner.n == n:
            return owner
    raise NotThere(str(n))


def messages_to(sandbox: Sandbox, owner: Owner) -> list[Message]:
    """What came to this phone, newest first; nothing where there is no phone."""
    if owner.phone is None:
        return []
    return [_message(sent, owner) for sent in sandbox.messages(owner.phone)]


def newest(sandbox: Sandbox, people: Sequence[Owner]) -> list[Message]:
    """The newest messages to anybody."""
    by_phone = {owner.phone: owner for owner in reversed(people) if owner.phone}
    return [_message(sent, by_phone.get(sent["phone"])) for sent in sandbox.messages()[:NEWEST]]


def _message(sent: Sent, owner: Owner | None) -> Message:
    code = _CODE.search(sent["text"])
    at = datetime.fromisoformat(sent["at"])
    return Message(at, sent["text"], code[0] if code else None, owner)
