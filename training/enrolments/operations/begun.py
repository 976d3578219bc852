"""An enrolment begun in one browser and not finished: its person goes on with it in another, or gives it up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from training import clock
from training.courses.models import ClassRun
from training.database import transaction
from training.enrolments.lifecycle import LIVE
from training.enrolments.models import Enrolment
from training.errors import NotThere
from training.people.models import Draft, Purpose, VisitorSession
from training.people.operations.identity import answer_in, forget_typed, typed_indexes


@dataclass(frozen=True)
class Begun:
    """An enrolment whose code was right and which was not handed in; it lives as long as its draft."""

    draft: Draft
    class_run: ClassRun


def begun_by(session: Session, who: VisitorSession) -> list[Begun]:
    """What the signed-in person began in any browser and has not finished, newest first, one of each class.

    Only what was proved by a code: a number that was merely typed is nobody's. The register's answer says whose it
    is, so that a card which changed hands shows nothing to the other. Nothing for who came by the code of a slip,
    which opens less than a phone does. Reads only.
    """
    if who.how != "code":
        return []
    person, at = who.person, clock.real_now()
    typed = typed_indexes(person)
    wanted = (
        Draft.purpose == Purpose.ENROL,
        Draft.number_index.in_(typed),
        Draft.proved_at.is_not(None),
        Draft.expires_at > at,
        Draft.reference.is_(None),
    )
    same = or_(
        Enrolment.idempotency_key == Draft.idempotency_key,
        and_(Enrolment.class_id == Draft.about, Enrolment.status.in_(LIVE)),
    )
    finished = select(Enrolment.id).where(Enrolment.person_id == person.id, same).exists()
    query = select(Draft, ClassRun).join(ClassRun, ClassRun.id == Draft.about).where(*wanted, ~finished)
    rows = session.execute(query.options(joinedload(Draft.evidence)).order_by(Draft.expires_at.desc()))
    found: dict[str, Begun] = {}
    for draft, class_run in rows:
        answer = answer_in(draft.evidence)
        if answer is not None and answer.person is not None and answer.person.number == person.number:
            found.setdefault(class_run.id, Begun(draft, class_run))
    return list(found.values())


def go_on_with(who: VisitorSession, class_id: str) -> None:
    """Bring what this person began for the class into the browser of `who`. Raises NotThere: it is over, or handed in.

    From now on it rests on the proof of this browser: going on elsewhere makes no proof younger than it is.
    """

    def work(session: Session) -> None:
        draft = _begun(session, who, class_id).draft
        here = (Draft.session_hash == who.id_hash, Draft.purpose == Purpose.ENROL, Draft.about == class_id)
        forget_typed(session, and_(*here, Draft.id != draft.id))
        draft.session_hash, draft.came_from, draft.proved_at = who.id_hash, None, who.proved_at

    transaction(work)


def give_up(who: VisitorSession, class_id: str) -> None:
    """Forget what this person began for the class, in every browser."""

    def work(session: Session) -> None:
        theirs = (Draft.number_index.in_(typed_indexes(who.person)), Draft.proved_at.is_not(None))
        forget_typed(session, and_(*theirs, Draft.purpose == Purpose.ENROL, Draft.about == class_id))

    transaction(work)


def _begun(session: Session, who: VisitorSession, class_id: str) -> Begun:
    found = begun_by(session, who)
    begun = next((one for one in found if one.class_run.id == class_id), None)
    if begun is None:
        raise NotThere(class_id)
    return begun
