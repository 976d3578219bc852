"""One act by one tap: what a message's link may do, once, until its time is over.

The code has fourteen characters (68 bits) and is stored hashed. Opening the link changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from training import clock, keys
from training.errors import Gone, NotThere
from training.people.models import Act, ActKind, Person
from training.references import new_slip_code, parse_slip_code


def issue_act(session: Session, kind: ActKind, person: Person, about: str, until: datetime) -> str:
    """A step: make the link's code for `person`, about one thing, good until `until`. Returns the bare code,
    which stands in the message and nowhere else."""
    code = new_slip_code()
    session.add(
        Act(
            code_hash=keys.secret_hash("act", code),
            kind=kind,
            person_id=person.id,
            about=about,
            until=until,
            created_at=clock.now(),
        )
    )
    return code


def act_of(session: Session, typed: str) -> Act:
    """What this link may do now. Raises NotThere for a code that never was, Gone when it was used or has run out."""
    act = _found(session, typed, for_update=False)
    _must_be_open(act)
    return act


def used_act_of(session: Session, typed: str) -> Act:
    """The link after its answer. Raises NotThere while it has none."""
    act = _found(session, typed, for_update=False)
    if act.used_at is None:
        raise NotThere
    return act


def use_act(session: Session, typed: str, answer: str) -> Act:
    """A step: use the link up with `answer`, inside the transaction of what it does. Of two taps one finds it used.

    Raises NotThere and Gone like `act_of`.
    """
    act = _found(session, typed, for_update=True)
    _must_be_open(act)
    act.used_at, act.answer = clock.now(), answer
    return act


def end_acts(session: Session, kind: ActKind, about: str) -> None:
    """A step: what these links offered is over; they answer 410 from now on."""
    for act in session.scalars(
        select(Act).where(Act.kind == kind, Act.about == about, Act.used_at.is_(None))
    ):
        act.until = min(act.until, clock.now())


def forget_acts(session: Session, before: datetime) -> None:
    """A step: drop links that ended before `before`."""
    session.execute(delete(Act).where(Act.until < before))


def _found(session: Session, typed: str, *, for_update: bool) -> Act:
    code = parse_slip_code(typed)
    if code is None:
        raise NotThere
    query = select(Act).where(Act.code_hash == keys.secret_hash("act", code))
    query = query.with_for_update(of=Act) if for_update else query
    act = session.scalars(query.execution_options(populate_existing=for_update)).first()
    if act is None:
        raise NotThere
    return act


def _must_be_open(act: Act) -> None:
    if act.used_at is not None or act.until <= clock.now():
        raise Gone
