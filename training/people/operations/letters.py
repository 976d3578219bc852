"""Letters: what a message would have said to a person without a phone, printed at a counter and handed over."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.errors import NotAllowedNow, NotThere
from training.people.models import Letter, LetterWay, Person


def write_letter(
    session: Session,
    message_id: str,
    person: Person,
    message: str,
    language: str,
    text: str,
    district: str | None,
) -> None:
    """A step: keep what was to be told, for the counters of `district`; once for each message."""
    if person.own_key() is None or session.scalar(select(Letter.id).where(Letter.message_id == message_id)):
        return
    letter = Letter(
        message_id=message_id,
        person=person,
        person_id=person.id,
        district=district,
        message=message,
        language=language,
        written_at=clock.now(),
    )
    letter.text = text
    session.add(letter)


def hand_over(letter_id: str, district: str | None, way: LetterWay, actor: Actor) -> Letter:
    """Note that a letter was handed over or posted. Raises NotThere for another district's, NotAllowedNow
    (`handed`) when it has been already."""

    def work(session: Session) -> Letter:
        letter = session.get(Letter, letter_id, with_for_update={"of": Letter})
        if letter is None or district is None or letter.district != district:
            raise NotThere(letter_id)
        audit.attempt(session, actor, _handed(letter))
        if letter.handed_at is not None:
            raise NotAllowedNow("handed")
        letter.handed_at, letter.handed_by, letter.way = clock.now(), actor.id, way
        audit.record(session, actor, _handed(letter))
        return letter

    return transaction(work)


def hand_over_to(person_ids: Collection[str], letter_ids: Collection[str], actor: Actor) -> int:
    """The person stands here with the card: these letters were read out and handed over, wherever they were to be
    printed. Returns how many; those handed over before, and other people's, are passed over."""

    def work(session: Session) -> int:
        mine = (Letter.person_id.in_(person_ids), Letter.id.in_(letter_ids), Letter.handed_at.is_(None))
        letters = session.scalars(select(Letter).where(*mine).with_for_update(of=Letter)).all()
        for letter in letters:
            letter.handed_at, letter.handed_by, letter.way = clock.now(), actor.id, LetterWay.HANDED
        if letters:
            audit.record(session, actor, *(_handed(letter) for letter in letters))
        return len(letters)

    return transaction(work)


def _handed(letter: Letter) -> Entry:
    facts = {"letter": letter.id, "message": letter.message, "way": letter.way.value if letter.way else None}
    return Entry(EventName.LETTER_HANDED, SubjectKind.PERSON, letter.person_id, facts=facts)
