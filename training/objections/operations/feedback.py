"""A stranger writes: a message, a complaint, a report of a fee. Nobody has to say who they are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from training import limits
from training.audit import Actor
from training.courses.models import ClassRun
from training.database import transaction
from training.institutions.models import Institution
from training.limits import Limit
from training.objections.models import Matter, MatterKind
from training.objections.operations.opening import open_matter, sent_before
from training.policy.pack import Pack

STRANGER = Actor.system("feedback")


@dataclass(frozen=True)
class Feedback:
    """What was written. `about` is the id of a class or a school, if it came from its page."""

    kind: MatterKind
    text: str
    contact: str
    language: str
    idempotency_key: str
    about: str = ""


def write_to_us(said: Feedback, browser: str, network: str, limit: Limit, pack: Pack) -> Matter:
    """Take what somebody wrote; the same form sent twice is one matter. Raises TooMany by network.

    The desk is that of the school's district; the pack says which has what names none.
    """

    def work(session: Session) -> Matter:
        if before := sent_before(session, browser, said.idempotency_key):
            return before
        limits.check(session, [(limit, network)])
        about, district = place_of(session, said.about)
        return open_matter(
            session,
            said.kind,
            actor=STRANGER,
            pack=pack,
            district=district or pack.objections.home,
            about=about,
            text=said.text,
            contact=said.contact,
            language=said.language,
            sender=browser,
            idempotency_key=said.idempotency_key,
        )

    return transaction(work)


def place_of(session: Session, about: str) -> tuple[str, str]:
    """The id of the class or school, and its district; empty where there is no such thing."""
    run = session.get(ClassRun, about) if about else None
    if run is not None:
        return run.id, run.district
    school = session.get(Institution, about) if about else None
    return (school.id, school.district) if school else ("", "")
