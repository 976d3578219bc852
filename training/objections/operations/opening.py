"""A matter is opened: a reference and the day of the answer are told at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.database import new_id
from training.errors import NotAllowedNow
from training.objections.lifecycle import MatterStatus
from training.objections.models import Matter, MatterKind
from training.people.models import Person
from training.policy.pack import Pack
from training.references import new_reference

ONE_OPEN = frozenset({MatterKind.APPEAL, MatterKind.NOT_ME, MatterKind.CORRECTION, MatterKind.DELETION})


class Said(TypedDict, total=False):
    """What was said, and by what form: `reason` is a code, `contact` a phone or an e-mail address, `language` that of
    a stranger, `sender` the hash of a stranger's browser. `not_by` are the ids of staff that may not decide it; whoever
    opens it at a desk is among them anyway.
    """

    reason: str
    text: str
    contact: str
    language: str
    not_by: Collection[str]
    sender: str
    idempotency_key: str


def open_matter(
    session: Session,
    kind: MatterKind,
    *,
    actor: Actor,
    pack: Pack,
    district: str,
    person: Person | None = None,
    about: str = "",
    **said: Unpack[Said],
) -> Matter:
    """A step: open a matter, with its `reference` and `due_on`, working days of the pack after today.

    `about` is the id of what it is about, else the person's; `district` is empty for the municipal desk.
    Raises NotAllowedNow("already_open") with the reference of the one that is open: of what stands in ONE_OPEN there
    is one at a time about one thing.
    """
    about = about or (person.id if person else "")
    _must_be_the_first(session, kind, about)
    matter = _written(kind, actor, pack, said)
    matter.district, matter.about = district, about
    matter.person, matter.person_id = person, person.id if person else None
    if person is not None:
        matter.language = person.language
    matter.text, matter.contact = said.get("text", ""), said.get("contact", "")
    session.add(matter)
    session.flush()
    audit.record(session, actor, _opened(matter))
    return matter


def sent_before(session: Session, actor: str, key: str) -> Matter | None:
    """A step: the matter that the same form opened already. `actor` is the person, or the hash of a stranger's browser."""
    same = (Matter.actor == actor, Matter.idempotency_key == key)
    return session.scalars(select(Matter).where(*same)).first() if key else None


def _written(kind: MatterKind, actor: Actor, pack: Pack, said: Said) -> Matter:
    at = clock.now()
    today = clock.on_date(at)
    return Matter(
        id=new_id(),
        reference=new_reference("OB", today),
        kind=kind,
        status=MatterStatus.OPEN,
        reason=said.get("reason", ""),
        language=said.get("language", "zh"),
        actor=said.get("sender") or actor.id,
        idempotency_key=said.get("idempotency_key"),
        not_by=_barred(actor, said.get("not_by", ())),
        opened_at=at,
        due_on=pack.calendar.add_working_days(today, pack.objections.answer[kind.value]),
        led_to="",
        version=1,
    )


def _must_be_the_first(session: Session, kind: MatterKind, about: str) -> None:
    if kind not in ONE_OPEN:
        return
    same = (Matter.kind == kind, Matter.about == about, Matter.status == MatterStatus.OPEN)
    reference = session.scalar(select(Matter.reference).where(*same).limit(1))
    if reference is not None:
        raise NotAllowedNow("already_open", reference=reference)


def _barred(actor: Actor, not_by: Collection[str]) -> list[str]:
    own = {actor.id} if actor.kind is ActorKind.STAFF else set()
    return sorted({*not_by} | own)


def _opened(matter: Matter) -> Entry:
    facts = {
        "kind": matter.kind.value,
        "about": matter.about,
        "district": matter.district,
        "reason": matter.reason,
        "due_on": matter.due_on.isoformat(),
    }
    name, status = EventName.MATTER_OPENED, matter.status.value
    return Entry(name, SubjectKind.MATTER, matter.id, status, facts, is_first=True)
