"""Tell me when there is a class like this: searches kept for a person whose phone was proved by a code."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.courses.models import Alert
from training.courses.search import Filters, new_classes
from training.database import db, transaction
from training.errors import NotAllowedNow, NotThere
from training.people.messages import tell
from training.people.models import ActKind, Person
from training.people.operations import end_acts, issue_act, use_act
from training.policy.service import Alerts

AGAIN = timedelta(hours=1)
_USUAL = asdict(Filters())
_HOW = {"sort", "page", "by_match"}
log = logging.getLogger(__name__)


def wanted_text(filters: Filters) -> str:
    """What is looked for, without order and page, as one text; "{}" when nothing was chosen."""
    chosen = {name: value for name, value in asdict(filters).items() if value != _USUAL[name]}
    return json.dumps({name: chosen[name] for name in sorted(chosen) if name not in _HOW}, ensure_ascii=False)


def filters_of(alert: Alert) -> Filters:
    """What an alert looks for."""
    return Filters(**json.loads(alert.wanted))


def save_alert(person_id: str, filters: Filters, actor: Actor, terms: Alerts, key: str = "") -> Alert:
    """Keep a search for `person_id`; the same one again is kept for as long anew, the same form again is one.

    Raises NotAllowedNow: `nothing_chosen` for a search of everything, `too_many_alerts` beyond what the pack allows.
    """

    def work(session: Session) -> Alert:
        person = session.get_one(Person, person_id, with_for_update=True)
        if before := _saved_before(session, person, key):
            return before
        entry = Entry(EventName.ALERT_SAVED, SubjectKind.PERSON, person.id)
        audit.attempt(session, actor, entry)
        alert = _alert_for(session, person, wanted_text(filters), terms)
        alert.kept_until = clock.now() + timedelta(days=terms.kept_days)
        alert.idempotency_key = key or None
        session.flush()
        audit.record(session, actor, entry)
        return alert

    return transaction(work)


def _saved_before(session: Session, person: Person, key: str) -> Alert | None:
    same = (Alert.person_id == person.id, Alert.idempotency_key == key)
    return session.scalars(select(Alert).where(*same)).first() if key else None


def _alert_for(session: Session, person: Person, wanted: str, terms: Alerts) -> Alert:
    if wanted == "{}":
        raise NotAllowedNow("nothing_chosen")
    mine = (Alert.person_id == person.id, Alert.ended_at.is_(None))
    found = session.scalars(select(Alert).where(*mine, Alert.wanted == wanted)).first()
    if found is not None:
        return found
    if (session.scalar(select(func.count()).select_from(Alert).where(*mine)) or 0) >= terms.a_person:
        raise NotAllowedNow("too_many_alerts")
    at = clock.now()
    alert = Alert(person_id=person.id, wanted=wanted, created_at=at, looked_at=at, look_at=at)
    session.add(alert)
    return alert


def stop_alert(person_id: str, alert_id: str, actor: Actor) -> None:
    """End one of the person's own searches; ended already, nothing happens. Raises NotThere for another's."""

    def work(session: Session) -> None:
        mine = (Alert.id == alert_id, Alert.person_id == person_id)
        alert = session.scalars(select(Alert).where(*mine).with_for_update(of=Alert)).first()
        if alert is None:
            raise NotThere(alert_id)
        _end(session, alert, actor)

    transaction(work)


def stop_by_link(typed: str) -> Alert:
    """End a search by the link of one of its messages. Raises NotThere and Gone like `use_act`."""

    def work(session: Session) -> Alert:
        act = use_act(session, typed, "stop")
        alert = session.get_one(Alert, act.about, with_for_update={"of": Alert})
        _end(session, alert, Actor(ActorKind.PERSON, act.person_id))
        return alert

    return transaction(work)


def _end(session: Session, alert: Alert, actor: Actor) -> None:
    if alert.ended_at is not None:
        return
    alert.ended_at = clock.now()
    end_acts(session, ActKind.STOP_ALERTS, alert.id)
    audit.record(session, actor, Entry(EventName.ALERT_STOPPED, SubjectKind.PERSON, alert.person_id))


def tell_of_new_classes(terms: Alerts, limit: int = 200) -> int:
    """Look for whoever waits for a class, between the hours of the pack. Returns how many were told; safe twice."""
    if not terms.from_hour <= clock.now().astimezone(clock.SHANGHAI).hour < terms.to_hour:
        return 0
    due = (Alert.ended_at.is_(None), Alert.look_at <= clock.now())
    ids = db.session().scalars(select(Alert.id).where(*due).order_by(Alert.look_at).limit(limit)).all()
    told = 0
    for alert_id in ids:
        try:
            told += _look(alert_id, terms)
        except Exception:
            log.exception("could not look for a saved search")
    return told


def _look(alert_id: str, terms: Alerts) -> bool:
    def work(session: Session) -> bool:
        alert = session.get_one(Alert, alert_id, with_for_update={"of": Alert})
        at = clock.now()
        if alert.ended_at is not None or alert.look_at > at:
            return False
        if alert.kept_until <= at:
            _end(session, alert, Actor.system("tell_of_new_classes"))
            return False
        return _tell(session, alert, at, terms)

    return transaction(work)


def _tell(session: Session, alert: Alert, at: datetime, terms: Alerts) -> bool:
    found = new_classes(session, filters_of(alert), alert.looked_at, clock.on_date(at))
    alert.looked_at, alert.look_at = at, at + AGAIN
    if not found:
        return False
    tomorrow = clock.on_date(at) + timedelta(days=1)
    alert.look_at = datetime.combine(tomorrow, time(terms.from_hour), clock.SHANGHAI)
    alert.told_at = at
    code = issue_act(session, ActKind.STOP_ALERTS, alert.person, alert.id, alert.kept_until)
    first = found[0]
    title = (first.title_en or first.title) if alert.person.language == "en" else first.title
    values = {"count": len(found), "course": title, "starts_on": first.starts_on, "act": code}
    tell(session, alert.person, "new_classes", **values)
    entry = Entry(EventName.ALERT_SENT, SubjectKind.PERSON, alert.person_id, facts={"classes": len(found)})
    audit.record(session, Actor.system("tell_of_new_classes"), entry)
    return True
