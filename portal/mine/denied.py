""" "This was not me": what the page of the link shows, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app

from training import clock
from training.database import db
from training.enrolments.models import Enrolment
from training.numbers import masked_name
from training.objections.lifecycle import MatterKind
from training.objections.operations import deny_by_link
from training.objections.queries import matters_about
from training.people.models import Act, BankAccount, PhoneChange
from training.people.queries import place_of_consent
from training.people.rules import account_tail
from training.policy.pack import Pack
from web.matter_words import desk_of


def shown(act: Act) -> Mapping[str, Any]:
    """What somebody did in the person's name, when and where; until when the answer would come."""
    pack = _pack()
    answer_on = pack.calendar.add_working_days(clock.today(), pack.objections.answer["not_me"])
    last_day = clock.on_date(act.until - timedelta(seconds=1))
    return {**_about(act), "name": masked_name(act.person.name), "answer_on": answer_on, "last_day": last_day}


def told(act: Act) -> Mapping[str, Any]:
    """Under which reference it is looked into, by whom, and until when."""
    matter = next(one for one in matters_about(db.session(), act.about) if one.kind is MatterKind.NOT_ME)
    return {**_about(act), "matter": matter, "desk": desk_of(_pack(), matter)}


def deny(code: str) -> None:
    """It was not me."""
    deny_by_link(code, _pack())


def _about(act: Act) -> dict[str, Any]:
    session = db.session()
    change, enrolment = session.get(PhoneChange, act.about), session.get(Enrolment, act.about)
    account = session.get(BankAccount, act.about)
    place = change.place if change else "" if account else place_of_consent(session, act.about)
    return {
        "account": account,
        "tail": account_tail(account.number) if account and account.number else "",
        "change": change,
        "it": enrolment,
        "run": enrolment.class_run if enrolment else None,
        "place": place,
    }


def _pack() -> Pack:
    found: Pack = current_app.extensions["pack"]
    return found
