"""What lies at each desk that has a queue: for the menu, and for the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, url_for
from sqlalchemy.orm import Session

from backoffice.session import clerk
from backoffice.verify.rows import Tag, tags_of
from training import clock
from training.enrolments import queue
from training.identities.queries import changes_pile
from training.identities.queries import pile as groups_pile
from training.numbers import masked_name
from training.objections import queries as matters
from training.oversight.queries import asked_count, dead_count, told_since
from training.people import piles as people_piles
from training.pulse import failing_count
from training.staff.queries import Pile, Scope
from web.matter_words import KIND_ICON, kind_word


@dataclass(frozen=True)
class Waiting:
    """A case that has waited too long."""

    reference: str
    address: str
    name: str
    since: datetime
    tags: Sequence[Tag]


def verify_pile(session: Session, scope: Scope) -> Pile:
    """The verifiers' queue; overdue is what has waited for more than one working day."""
    return queue.pile(session, scope, _late_before())


def verify_late(session: Session, scope: Scope) -> list[Waiting]:
    """The cases that have waited longest."""
    return [
        Waiting(
            reference=case.reference,
            address=url_for("office.verify.case", reference=case.reference),
            name=masked_name(case.name_typed),
            since=case.received_at,
            tags=tags_of(case),
        )
        for case in queue.overdue_cases(session, scope, _late_before())
    ]


def exports_pile(session: Session, scope: Scope) -> Pile:
    """Exports that wait for a second person."""
    return Pile(asked_count(session, scope))


def status_pile(session: Session, _: Scope) -> Pile:
    """What an administrator should look at: errands that failed, jobs and systems that fail."""
    troubles = dead_count(session) + failing_count(session)
    return Pile(troubles, troubles)


def readers_pile(session: Session, _: Scope) -> Pile:
    """Days of members of staff that stand out, of the last week."""
    days = told_since(session, clock.today() - timedelta(days=7))
    return Pile(days, days)


def _late_before() -> datetime:
    return queue.overdue_before(current_app.extensions["pack"].calendar, clock.now())


def phones_pile(session: Session, scope: Scope) -> Pile:
    """New phones that wait for somebody else than who registered them."""
    pack, own = current_app.extensions["pack"], clerk().account.id
    return Pile(people_piles.count_phones(session, scope.district, pack, own))


def duplicates_pile(session: Session, scope: Scope) -> Pile:
    """Groups of records that may be one person; overdue after one working day, as at the verifiers' desk."""
    return groups_pile(session, scope, _late_before())


def corrections_pile(session: Session, scope: Scope) -> Pile:
    """Corrections that wait for a second person."""
    return changes_pile(session, scope)


def letters_pile(session: Session, scope: Scope) -> Pile:
    """Letters to people without a phone that nobody has handed over."""
    return Pile(people_piles.count_letters(session, scope.district))


def objections_pile(session: Session, scope: Scope) -> Pile:
    """Matters to be answered, of the kinds one works on; late is what is past its day."""
    return matters.lies(session, scope, matters.kinds_of(clerk().account))


def objections_late(session: Session, scope: Scope) -> list[Waiting]:
    """The matters that should have been answered already."""
    return [
        Waiting(
            reference=matter.reference,
            address=url_for("office.objections.matter", reference=matter.reference),
            name="",
            since=matter.opened_at,
            tags=[("idle", kind_word(matter.kind.value), KIND_ICON[matter.kind.value])],
        )
        for matter in matters.late_matters(session, scope, matters.kinds_of(clerk().account))
    ]
