"""What the clock does about old records: announce, wait, empty; and rows that are over go by themselves.

Each step takes a small number of records in a transaction of its own, in order of id: it may be killed and begun
again, and done twice it changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import Model, db, transaction
from training.enrolments.models import Enrolment
from training.people.messages import tell
from training.people.models import BankAccount, Message, Person, VisitorSession
from training.people.operations import forget_acts
from training.policy.service import Retention
from training.privacy.models import RetentionNotice, RetentionRun
from training.privacy.operations.emptying import empty_enrolments, empty_record
from training.privacy.queries import kept_of, notice_of, notices_due, perhaps_due
from training.privacy.queries.due import CAME_TO_NOTHING
from training.privacy.rules import due_of, reasons_to_keep

ACTOR = Actor.system("retention")
BATCH = 50
ROWS = 500
log = logging.getLogger(__name__)


def run_retention(periods: Retention) -> RetentionRun:
    """Announce what will be due, empty what is, drop rows that are over, and keep a report. Returns the report.

    Its `counts`: rows by table, `came_back`, and what held records back as `stopped:<reason>`.
    """
    run_id, today = transaction(_begin), clock.today()
    counts: Counter[str] = Counter()
    soon = partial(perhaps_due, periods=periods, today=today)
    _each(lambda after: soon(db.session(), after=after, limit=BATCH), partial(_announce, periods), counts)
    _each(lambda after: notices_due(db.session(), today, after, BATCH), partial(_empty_due, periods), counts)
    for table, sweep in SWEEPS.items():
        _sweep(table, partial(sweep, periods), counts)
    transaction(lambda session: forget_acts(session, clock.now() - timedelta(days=periods.visit_days)))
    return transaction(lambda session: _end(session, run_id, counts))


def _begin(session: Session) -> str:
    run = RetentionRun(began_at=clock.now(), told=0, emptied=0, counts={})
    session.add(run)
    session.flush()
    return run.id


def _end(session: Session, run_id: str, counts: Counter[str]) -> RetentionRun:
    run = session.get_one(RetentionRun, run_id)
    run.ended_at = clock.now()
    run.told, run.emptied = counts.pop("told", 0), counts.pop("emptied", 0)
    run.counts = {word: n for word, n in counts.items() if n}
    return run


def _each(
    page: Callable[[str], list[str]], work: Callable[[Session, str], list[str]], counts: Counter[str]
) -> None:
    """`work` on every record of every page, each in a transaction of its own; one that fails holds up no other."""
    after = ""
    while ids := page(after):
        for person_id in ids:
            try:
                counts.update(_once(work, person_id))
            except Exception:
                log.exception("a record could not be dealt with")
                counts["failed"] += 1
        after = ids[-1]


def _once(work: Callable[[Session, str], list[str]], person_id: str) -> list[str]:
    return transaction(lambda session: work(session, person_id))


def _sweep(table: str, sweep: Callable[[Session], int], counts: Counter[str]) -> None:
    while done := transaction(sweep):
        counts[table] += done
        if done < ROWS:
            return


def _announce(periods: Retention, session: Session, person_id: str) -> list[str]:
    person = session.get_one(Person, person_id, with_for_update={"of": Person})
    kept, soon = kept_of(session, person), clock.today() + timedelta(days=periods.notice_days)
    due = due_of(kept, periods)
    if due.on > soon or reasons_to_keep(kept) or notice_of(session, person_id) is not None:
        return []
    on = max(due.on, soon)
    session.add(RetentionNotice(person_id=person_id, why=due.why, due_on=on, told_at=clock.now(), stopped=""))
    facts = {"why": due.why, "due_on": on.isoformat()}
    entry = Entry(EventName.DELETION_ANNOUNCED, SubjectKind.PERSON, person_id, facts=facts)
    audit.record(session, ACTOR, entry)
    tell(session, person, "deletion_announced", due_on=on)
    return ["told"]


def _empty_due(periods: Retention, session: Session, person_id: str) -> list[str]:
    """Judged again now: whoever came back meanwhile is kept, and what is live or held stops it by name."""
    person = session.get_one(Person, person_id, with_for_update={"of": Person})
    if person.merged_into is not None:
        return []
    notice, kept = session.get_one(RetentionNotice, person_id), kept_of(session, person)
    due, reasons = due_of(kept, periods), reasons_to_keep(kept)
    if due.on > clock.today():
        session.delete(notice)
        return ["came_back"]
    if reasons:
        notice.stopped = " ".join(reasons)[:80]
        return [f"stopped:{reason}" for reason in reasons]
    empty_record(session, person, ACTOR, due.why)
    return ["emptied"]


def _old_messages(periods: Retention, session: Session) -> int:
    edge = clock.now() - timedelta(days=periods.message_days)
    return _drop(session, Message, select(Message.id).where(Message.at < edge).limit(ROWS))


def _old_accounts(periods: Retention, session: Session) -> int:
    edge = clock.now() - timedelta(days=periods.account_days)
    over = select(BankAccount.id).where(BankAccount.ended_at < edge).limit(ROWS)
    return _drop(session, BankAccount, over)


def _old_visits(periods: Retention, session: Session) -> int:
    """The newest visit of a person stays: it says when somebody was last here."""
    edge = clock.real_now() - timedelta(days=periods.visit_days)
    later = Model.metadata.tables[VisitorSession.__tablename__].alias()
    newer = (
        select(later.c.id_hash)
        .where(later.c.person_id == VisitorSession.person_id, later.c.seen_at > VisitorSession.seen_at)
        .exists()
    )
    over = select(VisitorSession.id_hash).where(VisitorSession.seen_at < edge, newer).limit(ROWS)
    return _drop(session, VisitorSession, over)


def _old_enrolments(periods: Retention, session: Session) -> int:
    """What came to nothing keeps its figures, no longer its person's name and number."""
    edge = clock.now() - timedelta(days=365 * periods.closed_years + periods.closed_years // 4)
    over = (
        Enrolment.status.in_(CAME_TO_NOTHING),
        Enrolment.changed_at < edge,
        Enrolment.number_sealed != "",
    )
    ids = list(session.scalars(select(Enrolment.id).where(*over).limit(ROWS)))
    return empty_enrolments(session, Enrolment.id.in_(ids))


def _drop(session: Session, model: type[Model], which: Select[str]) -> int:
    table = Model.metadata.tables[model.__tablename__]
    key: Any = next(iter(table.primary_key.columns))
    ids = list(session.scalars(which))
    session.execute(delete(table).where(key.in_(ids)))
    return len(ids)


SWEEPS: dict[str, Callable[[Retention, Session], int]] = {
    "message": _old_messages,
    "bank_account": _old_accounts,
    "visitor_session": _old_visits,
    "enrolment": _old_enrolments,
}
