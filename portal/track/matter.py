"""The road of one matter as steps: taken in, looked into, answered. It holds no person."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

from portal.timeline import Step
from training.objections.lifecycle import MatterKind
from training.objections.models import Matter
from training.objections.queries import is_late
from training.policy.pack import Pack
from web.matter_words import desk_of, matter_kind, matter_status
from web.written import day

_: Callable[..., str] = gettext


def steps_of_matter(matter: Matter, pack: Pack) -> list[Step]:
    """Three steps, with their days and the desk that has it."""
    desk, until = desk_of(pack, matter), _("by %(day)s", day=day(matter.due_on))
    taken = Step("received", "done", _("We have it"), day(matter.opened_at))
    looked = _("Somebody else looks again") if matter.kind is MatterKind.APPEAL else _("Looked into")
    if not matter.is_open:
        kind, word = matter_kind(matter), matter_status(matter)
        answered = Step("answered", "now", _("The answer"), day(matter.decided_at), kind=kind, word=word)
        return [taken, Step("deciding", "done", looked, day(matter.decided_at), desk), answered]
    late = is_late(matter)
    said = f"{desk} · {_('Slower than usual; we have reminded the desk')}" if late else desk
    tag = ("warn", _("takes longer")) if late else ("wait", None)
    now = Step("deciding", "now", looked, until, said, *tag)
    return [taken, now, Step("answered", "next", _("The answer"), until)]
