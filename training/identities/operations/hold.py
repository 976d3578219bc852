"""A group on one clerk's desk: taken for fifteen minutes, kept, put back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.errors import FourEyes, NotAllowedNow
from training.identities.queries import makers_of, open_group, pair_in_scope
from training.identities.queries.groups import Group
from training.staff.queries import Scope

LOCK = timedelta(minutes=15)


def hold_group(pair_id: str, scope: Scope, actor: Actor) -> None:
    """Take the group, or keep it, for fifteen minutes. Raises NotAllowedNow (`locked`, `already_decided`), FourEyes."""

    def work(session: Session) -> None:
        group = _held_here(session, pair_id, scope, actor, EventName.DUPLICATE_HELD)
        if actor.id in makers_of(session, group.people):
            raise FourEyes("own_enrolment")
        _keep(session, group, actor, EventName.DUPLICATE_HELD, clock.real_now() + LOCK)

    transaction(work)


def put_group_back(pair_id: str, scope: Scope, actor: Actor) -> None:
    """Give the group back to the queue. Raises NotAllowedNow when another has it."""

    def work(session: Session) -> None:
        group = _held_here(session, pair_id, scope, actor, EventName.DUPLICATE_PUT_BACK)
        _keep(session, group, actor, EventName.DUPLICATE_PUT_BACK, None)

    transaction(work)


def held_by_another(group: Group, actor: Actor) -> bool:
    """Whether somebody else has the group on the desk now."""
    return group.holder is not None and group.holder[0] != actor.id


def _held_here(session: Session, pair_id: str, scope: Scope, actor: Actor, name: EventName) -> Group:
    pair = pair_in_scope(session, scope, pair_id)
    audit.attempt(session, actor, Entry(name, SubjectKind.PERSON, pair.person_a))
    group = open_group(session, pair, for_update=True)
    if group is None:
        raise NotAllowedNow("already_decided")
    if held_by_another(group, actor):
        raise NotAllowedNow("locked")
    return group


def _keep(session: Session, group: Group, actor: Actor, name: EventName, until: datetime | None) -> None:
    for pair in group.pairs:
        pair.locked_by, pair.locked_until = (actor.id, until) if until else (None, None)
    entries = [Entry(name, SubjectKind.PERSON, one.id) for one in group.people]
    audit.record(session, actor, *entries)
