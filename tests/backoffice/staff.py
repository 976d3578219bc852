"""Members of staff for tests: made through the operation, signed in through the door."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp
from flask import Flask

from tests.make import DISTRICT, staff, staff_browser
from tests.page import Node
from tests.visitor import Visitor
from training import clock
from training.audit import Actor
from training.staff.models import Role, StaffAccount
from training.staff.operations import NewAccount, create_account

HERE, ELSEWHERE = DISTRICT, "500112"
PASSWORD = "correct horse battery staple"
SECRET = pyotp.random_base32()
BOUND = {Role.COUNSELLOR, Role.VERIFIER, Role.REVIEWER_DISTRICT}


@dataclass
class Staff:
    """An account and what its owner knows. Codes are taken from ever later steps, as a patient person would."""

    account: StaffAccount
    password: str
    secret: str
    steps: int = 0

    def code(self, ahead: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(clock.real_now().timestamp() + 30 * ahead)


def hire(
    app: Flask, username: str, *roles: Role, district: str | None = HERE, phone: str | None = None
) -> Staff:
    """A new account with these roles."""
    held = [(role, district if role in BOUND else None, None) for role in roles]
    new = NewAccount(
        username, f"工作人员{username}", PASSWORD, SECRET, "沙坪坝区人力社保局", held, phone=phone
    )
    with app.app_context():
        return Staff(create_account(new, Actor.system("tests")), PASSWORD, SECRET)


def come_in(visitor: Visitor, who: Staff, **other: str) -> Node:
    """Sign in as `who`; fields may be given otherwise."""
    visitor.open("/office/sign-in")
    known = {"username": who.account.username, "password": who.password, "code": who.code()}
    return visitor.send(None, **(known | other))  # type: ignore[arg-type]


def arrive(
    app: Flask, username: str, *roles: Role, district: str | None = HERE, language: str = "en", **more: str
) -> Visitor:
    """A member of staff who is signed in already, in a browser of his own."""
    visitor = Visitor(app.test_client(), language)
    with app.app_context():
        named = {"username": username, "name": f"工作人员{username}"} | more
        staff_browser(visitor.client, staff(*roles, district=district, **named))
    visitor.open("/office/")
    assert visitor.path == "/office/", visitor.page.text
    return visitor
