"""The words of text messages. Each begins with our name, says one thing, one date, and asks for nothing secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import force_locale

from web.i18n import LOCALES
from web.i18n import translated as _
from web.labels import day_in

Values = Mapping[str, Any]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _code(v: Values) -> str:
    return _("%(code)s is your code, valid for 10 minutes. Tell it to nobody, also not to us", code=v["code"])


def _enrolled(v: Values) -> str:
    return _(
        "You are enrolled in %(course)s, first day %(day)s. Reference %(reference)s. Bring your card",
        course=v["course"],
        day=v["starts_on"],
        reference=v["reference"],
    )


def _verifying(v: Values) -> str:
    return _(
        "We have your enrolment in %(course)s. Reference %(reference)s. We check your identity, usually within 1 working day",
        course=v["course"],
        reference=v["reference"],
    )


def _waiting(v: Values) -> str:
    return _(
        "%(course)s is full. You stand in line. Reference %(reference)s. We tell you as soon as a seat is free",
        course=v["course"],
        reference=v["reference"],
    )


def _returned(v: Values) -> str:
    return _(
        "Please correct your enrolment in %(course)s. Reference %(reference)s. Sign in, or go to a job centre",
        course=v["course"],
        reference=v["reference"],
    )


def _refused(v: Values) -> str:
    return _(
        "Your enrolment in %(course)s was refused. Reference %(reference)s. Sign in to see why and how to appeal",
        course=v["course"],
        reference=v["reference"],
    )


def _withdrawn(v: Values) -> str:
    return _(
        "You have withdrawn from %(course)s. Reference %(reference)s. You can enrol again at any time",
        course=v["course"],
        reference=v["reference"],
    )


def _claim_made(v: Values) -> str:
    return _(
        "You passed. We claim the subsidy for you once your certificate is in the register. Reference %(reference)s",
        reference=v["reference"],
    )


def _claim_district_review(v: Values) -> str:
    return _(
        "We have claimed the subsidy for you, and the district reviews it. Reference %(reference)s. You need do nothing",
        reference=v["reference"],
    )


def _claim_municipal_review(v: Values) -> str:
    return _(
        "The district has agreed to your subsidy; the municipal desk reviews it. Reference %(reference)s",
        reference=v["reference"],
    )


def _claim_approved(v: Values) -> str:
    return _(
        "Your subsidy is approved and goes to payment. Reference %(reference)s", reference=v["reference"]
    )


def _claim_returned(v: Values) -> str:
    return _(
        "Something is missing for your subsidy. Reference %(reference)s. Sign in to see what, or go to a job centre",
        reference=v["reference"],
    )


def _claim_refused(v: Values) -> str:
    return _(
        "Your subsidy was refused. Reference %(reference)s. Sign in to see why and how to appeal",
        reference=v["reference"],
    )


def _claim_withdrawn(v: Values) -> str:
    return _(
        "You have withdrawn the claim for your subsidy. Reference %(reference)s", reference=v["reference"]
    )


SENTENCES: dict[str, Callable[[Values], str]] = {
    "code": _code,
    "enrolled": _enrolled,
    "verifying": _verifying,
    "waiting": _waiting,
    "returned": _returned,
    "refused": _refused,
    "withdrawn": _withdrawn,
    "claim_made": _claim_made,
    "claim_district_review": _claim_district_review,
    "claim_municipal_review": _claim_municipal_review,
    "claim_approved": _claim_approved,
    "claim_returned": _claim_returned,
    "claim_refused": _claim_refused,
    "claim_withdrawn": _claim_withdrawn,
}


def text_of(message: str, language: str, values: Values) -> str:
    """The message in the person's language; dates arrive as ISO text and become days. Raises KeyError."""
    locale = LOCALES.get(language, LOCALES["zh"])
    with force_locale(locale):
        shown = {name: _shown(value, language) for name, value in values.items()}
        return _("[Chongqing Skills] %(said)s", said=SENTENCES[message](shown))


def _shown(value: Any, language: str) -> Any:
    is_day = isinstance(value, str) and _DAY.fullmatch(value)
    return day_in(date.fromisoformat(value), language) if is_day else value
