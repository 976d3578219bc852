"""A refusal is appealed; and what an upheld appeal does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor, Entry, EventName
from training.claims.models import Claim
from training.claims.operations import propose_again
from training.database import transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import reopen
from training.enrolments.queries import enrolment_of
from training.errors import NotAllowedNow
from training.objections.models import Matter, MatterKind
from training.objections.operations.opening import open_matter, sent_before
from training.objections.queries import Refusal, appeals_of, refusal_of
from training.objections.rules import reasons_not_to_appeal
from training.people.messages import tell
from training.policy.pack import Pack


@dataclass(frozen=True)
class Appeal:
    """What the person says: `reason` is one of rules.APPEAL_REASONS. The key tells a form that was sent twice."""

    reason: str
    text: str
    idempotency_key: str


def appeal(person_id: str, reference: str, actor: Actor, said: Appeal, pack: Pack, today: date) -> Matter:
    """Appeal against the refusal of one's own enrolment, or of its claim; the answer comes from somebody else.

    Raises NotThere for another's, NotAllowedNow with `not_refused`, `too_late`, `already_open` or
    `already_answered`, the last two with the reference of the appeal there is.
    """

    def work(session: Session) -> Matter:
        enrolment = enrolment_of(session, person_id, reference)
        if before := sent_before(session, actor.id, said.idempotency_key):
            return before
        refusal = _appealable(session, enrolment, actor, pack, today)
        matter = open_matter(
            session,
            MatterKind.APPEAL,
            actor=actor,
            pack=pack,
            district=refusal.district,
            person=enrolment.person,
            about=refusal.about,
            reason=said.reason,
            text=said.text,
            not_by=refusal.hands,
            idempotency_key=said.idempotency_key,
        )
        tell(session, enrolment.person, "matter_opened", reference=matter.reference, until=matter.due_on)
        return matter

    return transaction(work)


def grant_appeal(session: Session, matter: Matter, actor: Actor, pack: Pack, today: date) -> str:
    """What an upheld appeal does, inside the decision: the enrolment goes back to the check, or a new claim is put
    forward. Returns how it stands now, or why it stays as it is.
    """
    claim = session.get(Claim, matter.about)
    if claim is None:
        matter.led_to = matter.about
        return reopen(session, matter.about, actor, today, matter.reference)
    made, reasons = propose_again(session, claim.id, actor, pack, today, matter.reference)
    matter.led_to = made.id if made else ""
    return made.status.value if made else reasons[0]


def reasons_closed_to(
    session: Session, refusal: Refusal | None, pack: Pack, today: date
) -> tuple[list[str], str | None]:
    """Why this refusal cannot be appealed now, and the reference of the appeal that stands in the way."""
    appeals = appeals_of(session, refusal) if refusal else ()
    last_day = refusal.last_day(pack) if refusal else None
    reasons = reasons_not_to_appeal(
        refusal is not None,
        last_day,
        today,
        is_open=any(one.is_open for one in appeals),
        was_answered=bool(appeals),
    )
    return reasons, appeals[0].reference if appeals else None


def _appealable(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack, today: date) -> Refusal:
    refusal = refusal_of(session, enrolment)
    if refusal is None:
        raise NotAllowedNow("not_refused")
    audit.attempt(session, actor, Entry(EventName.MATTER_OPENED, refusal.subject, refusal.about))
    reasons, reference = reasons_closed_to(session, refusal, pack, today)
    if reasons:
        raise NotAllowedNow(*reasons, reference=reference)
    return refusal
