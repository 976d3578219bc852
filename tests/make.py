"""Makers: say in a test only what matters to it. Each writes one honest row and returns it.

Call them inside an application context (the fixtures `database`, `portal_context`, `office_context`, or
`with portal.app_context():`).
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

import pyotp
from werkzeug.test import Client

from training import clock
from training.audit import Actor
from training.database import new_id, transaction
from training.staff.models import Role, StaffAccount, StaffSession
from training.staff.operations import NewAccount, add_account, hash_password
from web.browser import browser_hash

if TYPE_CHECKING:
    from training.people.models import Person

DISTRICT = "500103"  # Yuzhong
PASSWORD = "correct horse battery"
NOBODY = Actor.system("tests")
_numbers = count(1)


def staff(
    *roles: str, district: str | None = DISTRICT, institution: str | None = None, **changes: str
) -> StaffAccount:
    """An account that holds `roles` in `district`: staff("verifier"), staff("auditor", district=None)."""
    n = next(_numbers)
    new = NewAccount(
        username=changes.pop("username", f"s{n:04d}"),
        name=changes.pop("name", f"职员{n}"),
        password=PASSWORD,
        totp_secret=changes.pop("totp_secret", pyotp.random_base32()),
        office=changes.pop("office", "渝中区就业服务中心"),
        roles=[(Role(role), district, institution) for role in roles],
        **changes,
    )
    return transaction(lambda session: add_account(session, new, _hash(), NOBODY))


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


def staff_browser(client: Client, account: StaffAccount) -> None:
    """Make `client` (of the staff door, or of both) a browser in which `account` has signed in."""
    browser, at = new_id(), clock.real_now()
    row = StaffSession(
        id_hash=browser_hash(browser),
        account_id=account.id,
        fresh_at=at,
        seen_at=at,
        expires_at=at + timedelta(hours=12),
    )
    transaction(lambda session: session.add(row))
    client.set_cookie("office", browser)


def citizen_browser(client: Client, person: Person) -> None:
    """Make `client` (of the portal, or of both) a browser in which `person` has proved the phone."""
    from training.people.models import VisitorSession

    browser, at = new_id(), clock.real_now()
    row = VisitorSession(
        id_hash=browser_hash(browser),
        person_id=person.id,
        how="phone",
        proved_at=at,
        seen_at=at,
        expires_at=at + timedelta(hours=12),
    )
    transaction(lambda session: session.add(row))
    client.set_cookie("portal", browser)
