"""Who is signed in at the citizen's door: the session row, read at every request."""

from __future__ import annotations

from typing import cast

from flask import url_for
from flask_login import UserMixin, current_user

from training import clock
from training.audit import Actor, ActorKind
from training.database import db
from training.people import notices
from training.people.models import Person, VisitorSession
from training.people.queries import live_visitor, phone_in_use
from training.people.rules import reasons_against_level_two
from web.browser import browser_hash


class Visitor(UserMixin):
    """A signed-in person, as Flask-Login carries it."""

    def __init__(self, row: VisitorSession) -> None:
        self.row = row
        self.person: Person = row.person

    def get_id(self) -> str:
        return self.row.id_hash

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.PERSON, self.person.id)


def load_visitor(browser: str) -> Visitor | None:
    """Flask-Login's loader: from the browser's id to the live session row."""
    row = live_visitor(db.session(), browser_hash(browser))
    return None if row is None else Visitor(row)


def visitor() -> Visitor | None:
    """The signed-in person, if there is one."""
    return cast(Visitor, current_user) if current_user.is_authenticated else None


def signed_in() -> Visitor:
    """The signed-in person; to be called behind `login_required` only."""
    return cast(Visitor, current_user)


def after_sign_in(row: VisitorSession, wanted: str) -> str:
    """Where somebody goes who has just signed in: who has not seen the privacy notice in force is asked first."""
    return url_for("mine.notice", next=wanted) if notices.must_ask(row.person.consent_version) else wanted


def level_two() -> list[str]:
    """Why the signed-in person may not yet do what needs a fresh proof: codes of the rule and `record_frozen`.

    Empty: it may be done. Sessions keep real time, a phone's waiting time follows the business clock.
    """
    who = signed_in()
    phone = phone_in_use(db.session(), who.person.id)
    proved_at = clock.now() - (clock.real_now() - who.row.proved_at)
    since = phone.level_two_from if phone else None
    reasons = reasons_against_level_two(who.row.how, proved_at, since, clock.now())
    return [*reasons, "record_frozen"] if who.person.frozen_at is not None else reasons
