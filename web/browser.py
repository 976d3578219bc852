"""One random id per browser and door, in a cookie; everything else about a visit is a row.

Flask's own session would be a signed, readable cookie that cannot be revoked. Here the session holds only
the id (for Flask-Login's user_loader), its cookie ends after 30 minutes without a visit.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, session
from flask.sessions import SessionInterface, SessionMixin

from training import keys
from training.database import new_id

IDLE = timedelta(minutes=30)


class Browser(dict[str, Any], SessionMixin):
    """The session object Flask carries: `_user_id` is the browser's id."""

    renewed = False
    ended = False

    @property
    def id(self) -> str | None:
        return self.get("_user_id")


class BrowserCookie(SessionInterface):
    """Reads and writes the cookie. Its name differs at each door; over TLS it is `__Host-`."""

    def __init__(self, door: str, secure: bool) -> None:
        self.name, self.secure = f"__Host-{door}" if secure else door, secure

    def open_session(self, app: Flask, request: Request) -> Browser:
        found = request.cookies.get(self.name, "")
        return Browser(_user_id=found) if len(found) == 26 and found.isalnum() else Browser()

    def save_session(self, app: Flask, browser: SessionMixin, response: Response) -> None:
        browser = cast(Browser, browser)
        if browser.ended:
            response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="Lax")
        elif browser.id and browser.renewed:
            response.set_cookie(
                self.name,
                browser.id,
                max_age=IDLE,
                path="/",
                secure=self.secure,
                httponly=True,
                samesite="Lax",
            )


def browser_id() -> str:
    """This browser's id; a new one is made, and its cookie set, when it has none yet."""
    browser = cast(Browser, session)
    if browser.id is None:
        browser["_user_id"] = new_id()
    browser.renewed = True
    return cast(str, browser.id)


def known_browser_id() -> str | None:
    """This browser's id, or None when it never came to a form."""
    return cast(Browser, session).id


def browser_hash(browser: str) -> str:
    """What a row keeps of a browser's id."""
    return keys.secret_hash("browser", browser)


def renew_browser(fresh: str | None = None) -> tuple[str, str]:
    """A fresh id, for signing in (an id from before may be known to another). Returns (old hash, new hash).

    `fresh` is given where it had to be known before it was certain that it would be needed.
    """
    old, fresh = browser_hash(browser_id()), fresh or new_id()
    browser = cast(Browser, session)
    browser.clear()
    browser["_user_id"] = fresh
    browser.renewed = True
    return old, browser_hash(fresh)


def forget_browser() -> None:
    """Sign out: the cookie goes."""
    browser = cast(Browser, session)
    browser.clear()
    browser.ended = True
