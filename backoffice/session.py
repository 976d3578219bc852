"""Who is signed in at the staff door: the session row, read at every request."""

from __future__ import annotations

from typing import cast

from flask_login import UserMixin, current_user

from training.audit import Actor, ActorKind
from training.database import db
from training.staff.models import StaffAccount, StaffSession
from training.staff.queries import live_staff_session
from web.browser import browser_hash


class Clerk(UserMixin):
    """A signed-in member of staff, as Flask-Login carries it."""

    def __init__(self, row: StaffSession) -> None:
        self.row = row
        self.account: StaffAccount = row.account

    def get_id(self) -> str:
        return self.row.id_hash

    @property
    def actor(self) -> Actor:
        account = self.account
        return Actor(ActorKind.STAFF, account.id, account.office, account.district)


def load_staff(browser: str) -> Clerk | None:
    """Flask-Login's loader: from the browser's id to the live session row of an account in force."""
    row = live_staff_session(db.session(), browser_hash(browser))
    return None if row is None else Clerk(row)


def clerk() -> Clerk:
    """The signed-in member of staff; every desk is closed to others."""
    return cast(Clerk, current_user)
