"""Where my money goes: its state first, then number and holder, then a code to the phone on file; held for days."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField

from portal.identity import code_fault, code_limits, network
from portal.mine.blueprint import blueprint
from portal.session import level_two, signed_in
from training import clock
from training.database import db
from training.errors import BadInput, NotAllowedNow, TooMany
from training.numbers import masked_name, masked_phone
from training.people import operations as people
from training.people.models import BankAccount, Draft, Purpose
from training.people.queries import account_by_key, account_of, draft_of, phone_in_use
from training.people.rules import (
    AccountState,
    account_number,
    account_state,
    account_tail,
    reasons_against_account,
)
from training.policy.pack import Pack
from web.browser import browser_hash, browser_id, known_browser_id
from web.fields import name_fault, one_name
from web.form_keys import sent_key
from web.i18n import language

_: Callable[..., str] = gettext
TWINS = timedelta(seconds=10)


class AccountForm(Form):
    """Number and holder, then the code; nothing else is read."""

    account = StringField(_l("Bank account number"), default="")
    account_holder = StringField(_l("Account holder"), default="")
    code = StringField(_l("Code from the text message"), default="")


class Step:
    """The page of one browser: what is registered, what was just typed, and why it may not be done now."""

    def __init__(self) -> None:
        self.who = signed_in()
        self.form = AccountForm(request.form)
        self.browser = browser_hash(known_browser_id() or browser_id())
        self.draft: Draft | None = draft_of(db.session(), self.browser, Purpose.ACCOUNT)
        self.account: BankAccount | None = account_of(db.session(), self.who.person.id)
        self.status, self.retry_after = 200, 0

    @property
    def state(self) -> AccountState:
        return account_state(self.account.usable_from if self.account else None, clock.now())

    @property
    def typed(self) -> dict[str, str] | None:
        """Number and holder that wait for their code, masked when shown."""
        further = self.draft.further if self.draft else None
        found: dict[str, str] | None = json.loads(further) if further else None
        return found

    @property
    def closed(self) -> list[str]:
        """Why nothing can be changed now. A code proves afresh who it is, so only how one signed in and the age of
        the phone are asked (trust.md, level 2)."""
        person = self.who.person
        reasons = [] if phone_in_use(db.session(), person.id) and person.number else ["no_phone"]
        return reasons + [reason for reason in level_two() if reason != "not_fresh"]

    def read(self) -> tuple[str, str] | None:
        """Number and holder as they were typed now, else those that wait. None: the form says what is wrong."""
        if self.typed and not (self.form.account.data or self.form.account_holder.data):
            return self.typed["account"], self.typed["holder"]
        holder = one_name(self.form.account_holder.data or "")
        number = self._number()
        if fault := name_fault(self.form.account_holder.data or ""):
            self.form.account_holder.errors = [fault]
        elif reasons_against_account(holder, self.who.person.name, "none", is_frozen=False):
            self.form.account_holder.errors = [_("The account must be in your own name, as on your ID card")]
        if number is None or self.form.account_holder.errors:
            self.status = 422
            return None
        return number, holder

    def _number(self) -> str | None:
        try:
            return account_number(self.form.account.data or "")
        except BadInput as error:
            self.form.account.errors = [account_fault(error)]
            return None


@blueprint.get("/account")
def account() -> ResponseReturnValue:
    """What is registered, and until when it is held."""
    return _page(Step())


@blueprint.post("/account")
def change_account() -> ResponseReturnValue:
    """Send a code, register with it, or forget what was typed. 409 while an account is held."""
    step = Step()
    try:
        answer = ACTIONS.get(request.form.get("action", ""), _send_code)(step)
    except TooMany as refusal:
        step.status, step.retry_after = 429, refusal.retry_after
        answer = None
    return answer or _page(step)


def _send_code(step: Step) -> ResponseReturnValue | None:
    if step.state == "held" or step.closed:
        step.status = 409
        return None
    found = step.read()
    if found is None:
        return None
    person = step.who.person
    number = people.typed_number(
        "hmt" if (person.number or "")[:1].isalpha() else "number18", person.number or ""
    )
    further = json.dumps({"account": found[0], "holder": found[1]})
    typed = people.Typed(step.browser, Purpose.ACCOUNT, "", person.name, number, language(), further=further)
    step.draft = people.ask_for_code(typed, code_limits(), network())
    return redirect(url_for(".account"), 303)


def _register(step: Step) -> ResponseReturnValue | None:
    if _is_registered(step):
        return redirect(url_for(".account"), 303)
    if step.closed:
        step.status = 409
        return None
    if step.draft is None:
        step.read()
        step.status = 422
        return None
    hold = timedelta(hours=_pack().accounts.hold_hours)
    try:
        people.accept_code(step.draft, _code(step), step.browser)
        people.register_account(step.who.person.id, step.draft.id, step.who.actor, hold, sent_key())
    except BadInput as error:
        if _twin_proved(step.draft):
            return redirect(url_for(".account"), 303)
        step.form.code.errors, step.status = [code_fault(error)], 422
        return None
    except NotAllowedNow:
        step.status = 409
        return None
    return redirect(url_for(".account"), 303)


def _is_registered(step: Step) -> bool:
    """Sent twice: this form, or one from before the account was held, has registered it."""
    by_this_form = account_by_key(db.session(), step.who.person.id, sent_key()) is not None
    return by_this_form or (step.draft is None and step.state == "held")


def _twin_proved(draft: Draft) -> bool:
    """Whether the other half of a double click used the code a moment ago: it registers, or has."""
    fresh = db.session().get(Draft, draft.id, populate_existing=True)
    proved_at = fresh.proved_at if fresh else None
    return proved_at is not None and proved_at > clock.real_now() - TWINS


def _clear(step: Step) -> ResponseReturnValue:
    people.clear_draft(step.browser, Purpose.ACCOUNT, "")
    return redirect(url_for(".account"), 303)


def _code(step: Step) -> str:
    code = "".join(sign for sign in (step.form.code.data or "")[:64] if sign.isalnum())
    if not code:
        raise BadInput("code", "empty")
    return code


def _page(step: Step) -> Response:
    number = step.account.number if step.account else None
    phone, typed = phone_in_use(db.session(), step.who.person.id), step.typed
    html = render_template(
        "portal/mine/account.html",
        step=step,
        form=step.form,
        account=step.account,
        tail=account_tail(number) if number else "",
        holder=masked_name(step.account.holder or "") if step.account else "",
        typed_tail=account_tail(typed["account"]) if typed else "",
        typed_holder=masked_name(typed["holder"]) if typed else "",
        phone=masked_phone(phone.number or "") if phone else "",
        hours=_pack().accounts.hold_hours,
    )
    answer = make_response(html, step.status)
    if step.retry_after:
        answer.headers["Retry-After"] = str(step.retry_after)
    return answer


def account_fault(error: BadInput) -> str:
    """What is wrong with a bank account number, and what to do."""
    return {
        "empty": _("Enter the bank account number"),
        "bad_character": _("Use only digits"),
        "length": _(
            "A bank account number has 16 to 19 digits. You entered %(length)s",
            length=error.values.get("length"),
        ),
    }.get(error.code, _("One digit of the account number looks wrong. Compare it with your bank card"))


def _pack() -> Pack:
    pack: Pack = current_app.extensions["pack"]
    return pack


ACTIONS: dict[str, Callable[[Step], ResponseReturnValue | None]] = {
    "send_code": _send_code,
    "next": _register,
    "clear": _clear,
}
