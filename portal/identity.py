"""Name, number, code: the step that shows who somebody is, the same for enrolling and for signing in.

What was typed is kept in a row for 30 minutes; the browser holds a random id. Typed again, it takes the place of
what was kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta

from flask import Response, current_app, make_response, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as counted
from wtforms import Form, StringField

from training.database import db, new_id
from training.errors import BadInput
from training.limits import Limit
from training.numbers import Number
from training.people.models import Draft, Purpose
from training.people.operations import (
    CodeLimits,
    Typed,
    accept_code,
    ask_for_code,
    clear_draft,
    keep_draft,
    number_of,
)
from training.people.queries import draft_of, has_just_moved_on
from training.references import parse_check_code
from web.browser import browser_hash, browser_id, known_browser_id, renew_browser
from web.fields import NameField, NumberField
from web.i18n import language
from web.settings import Limits

_: Callable[..., str] = gettext
ngettext: Callable[..., str] = counted


class IdentityForm(Form):
    """Only these are read; whatever else was sent is left alone (A19)."""

    name = NameField(_l("Name"), default="")
    number = NumberField(_l("Card number, or 18-digit social security number"), default="")
    code = StringField(_l("Code from the text message"), default="")


class Proof:
    """One browser showing who it is, for one purpose. `status` and `retry_after` are those of the answer."""

    def __init__(
        self, purpose: Purpose, about: str = "", is_over: Callable[[Draft], bool] = lambda draft: False
    ) -> None:
        self.purpose, self.about = purpose, about
        self.form = IdentityForm(request.form)
        self.browser = browser_hash(known_browser_id() or browser_id())
        found = draft_of(db.session(), self.browser, purpose, about)
        self.finished = found if found is not None and is_over(found) else None
        self.draft = None if self.finished else found
        self.status, self.retry_after = 200, 0
        self.reasons: tuple[str, ...] = ()

    @property
    def asks_code(self) -> bool:
        """Whether the page asks for the code; else for name and number."""
        return self.draft is not None and not (self.form.name.errors or self.form.number.errors)

    @property
    def has_moved_on(self) -> bool:
        """The second half of a double click: the first one's answer is on its way."""
        return self.draft is None and has_just_moved_on(db.session(), self.browser, self.purpose, self.about)

    @property
    def was_sent_again(self) -> bool:
        """The same form a second time, after what it held was handed in."""
        return self.finished is not None and not self._typed_again

    @property
    def _typed_again(self) -> set[str]:
        return {name for name in ("name", "number") if (request.form.get(name) or "").strip()}

    def read(self, refuse: Callable[[Number], str | None] = lambda number: None) -> Typed | None:
        """Who is meant: typed again, else kept. None: the form says what is wrong (422).

        `refuse` says why a number that can be read is not taken.
        """
        names = self._typed_again
        name, number = self._kept()
        if not (names or self.draft):
            names = {"name", "number"}
        if "name" in names or not name:
            name = self.form.name.said if self.form.name.validate(self.form) else ""
        if "number" in names or number is None:
            number = self._number(refuse)
        if not name or number is None:
            self.status = 422
            return None
        carried = parse_check_code(request.form.get("check", "")) or ""
        return Typed(self.browser, self.purpose, self.about, name, number, language(), carried)

    def read_number(self) -> Number | None:
        """The number alone, typed again, else kept: for the code of a slip, which asks for no name."""
        kept = self._kept()[1]
        number = self._number(lambda number: None) if kept is None or "number" in self._typed_again else kept
        if number is None:
            self.status = 422
        return number

    def _kept(self) -> tuple[str, Number | None]:
        return (self.draft.name or "", number_of(self.draft)) if self.draft else ("", None)

    def _number(self, refuse: Callable[[Number], str | None]) -> Number | None:
        field = self.form.number
        if not field.validate(self.form) or field.recognised is None:
            return None
        if fault := refuse(field.recognised):
            field.errors = [fault]
            return None
        return field.recognised

    def send_code(self, typed: Typed) -> None:
        """Ask for a code. Raises TooMany."""
        self._make_room()
        self.draft = ask_for_code(typed, code_limits(), network())

    def keep(self, typed: Typed) -> Draft:
        """Keep what was typed without asking for a code."""
        if self.draft and (self.draft.name, self.draft.number) == (typed.name, typed.number.value):
            return self.draft
        self._make_room()
        self.draft = keep_draft(typed)
        return self.draft

    def forget(self) -> None:
        """Not me: forget what was typed."""
        clear_draft(self.browser, self.purpose, self.about)

    def _make_room(self) -> None:
        """An enrolment that was handed in is over: the next one has a key of its own."""
        if self.finished is not None:
            self.forget()

    def try_code(self, typed: Typed) -> bool:
        """Whether the code is right; then this browser has a fresh id (A12). Else the form says why (422)."""
        draft, code, fresh = self.keep(typed), self.code, new_id()
        try:
            if not code:
                raise BadInput("code", "empty")
            accept_code(draft, code, browser_hash(fresh))
        except BadInput as error:
            if has_just_moved_on(db.session(), self.browser, self.purpose, self.about):
                self.draft = None  # the other half of a double click was faster
                return False
            self.form.code.errors, self.status = [code_fault(error)], 422
            return False
        renew_browser(fresh)
        return True

    @property
    def code(self) -> str:
        """The code without spaces and hyphens, in plain digits and letters."""
        return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", (self.form.code.data or "")[:64]))


def answer_with(proof: Proof, html: str) -> Response:
    """The page with the status that the step came to."""
    answer = make_response(html, proof.status)
    if proof.retry_after:
        answer.headers["Retry-After"] = str(proof.retry_after)
    return answer


def code_fault(error: BadInput) -> str:
    """What is wrong with a code, and what to do (ux/spec 6.3)."""
    left = error.values.get("left")
    if error.code == "wrong" and isinstance(left, int):
        return ngettext(
            "That code is not right. You have %(num)d try left",
            "That code is not right. You have %(num)d tries left",
            left,
        )
    return {
        "empty": _("Enter the code from the message"),
        "used_up": _("That code was tried too often. Choose “Send again”"),
        "none": _("No code was asked for yet. Choose “Send again”"),
        "wrong_slip": _("Code and number do not belong together, or the code was used before"),
    }.get(error.code, _("The code has expired (valid 10 minutes). Choose “Send again”"))


def code_limits() -> CodeLimits:
    """The limits of the settings, as the operation takes them."""
    limits: Limits = current_app.extensions["settings"].limits
    return CodeLimits(
        resend=Limit("codes-resend", 1, timedelta(seconds=limits.resend_seconds)),
        person=(limits.codes_person_hour, limits.codes_person_day),
        prefix=limits.codes_prefix,
        network=limits.codes_network,
        everybody=limits.codes_all,
    )


def network() -> str:
    """Where the request comes from, as limits count it."""
    return request.remote_addr or ""
