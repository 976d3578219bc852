"""The words of text messages. Each begins with our name, says one thing, one date, and asks for nothing secret.

At most 70 Chinese characters, one message; with a link for one act (`%(link)s`) two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from web.i18n import LOCALES
from web.i18n import translated as _
from web.labels import Words
from web.written import at_in, day_in

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")

SENTENCES: Words = {
    "code": _l("%(code)s is your code, valid for 10 minutes. Tell it to nobody, also not to us"),
    "enrolled": _l(
        "You are enrolled in %(course)s, first day %(starts_on)s. Reference %(reference)s. Bring your card"
    ),
    "verifying": _l(
        "We have your enrolment in %(course)s. Reference %(reference)s. We check your identity, usually within 1 working day"
    ),
    "waiting": _l(
        "%(course)s is full. You stand in line. Reference %(reference)s. We tell you as soon as a seat is free"
    ),
    "offered": _l(
        "A seat in %(course)s is yours until %(until)s. Reference %(reference)s. Open %(link)s to say yes or no"
    ),
    "offer_missed": _l(
        "The seat in %(course)s went to the next person. You are at the end of the list. Reference %(reference)s"
    ),
    "offer_expired": _l(
        "The seat in %(course)s was not answered for and has lapsed. Reference %(reference)s. You can enrol again"
    ),
    "line_ended": _l(
        "%(course)s has begun without a seat for you. Reference %(reference)s. You can enrol in the next class"
    ),
    "offer_declined": _l(
        "You said no to the seat in %(course)s; the next person is asked. Reference %(reference)s"
    ),
    "class_changed": _l(
        "You changed to %(course)s, first day %(starts_on)s. Reference %(reference)s. Sign in to see how it stands"
    ),
    "cancelled": _l(
        "%(course)s will not be held. Your subsidy is free again. Reference %(reference)s. Please choose another class"
    ),
    "cancelled_waiting": _l(
        "%(course)s will not be held. You are in line for the class of %(starts_on)s. Reference %(reference)s"
    ),
    "cancelled_offered": _l(
        "%(course)s will not be held. A seat from %(starts_on)s is yours until %(until)s. %(reference)s. Open %(link)s to answer"
    ),
    "returned": _l(
        "Please correct your enrolment in %(course)s. Reference %(reference)s. Sign in, or go to a job centre"
    ),
    "refused": _l(
        "Your enrolment in %(course)s was refused. Reference %(reference)s. Sign in to see why and how to appeal"
    ),
    "withdrawn": _l(
        "You have withdrawn from %(course)s. Reference %(reference)s. You can enrol again at any time"
    ),
    "expired": _l(
        "Your enrolment in %(course)s was not corrected in time and has lapsed. Reference %(reference)s. You can enrol again"
    ),
    "enrolled_at_counter": _l(
        "%(office)s enrolled you in %(course)s, reference %(reference)s. Was it not you? Until %(until)s tap %(link)s"
    ),
    "not_me_received": _l(
        "You said that it was not you, and everything is stopped. Somebody else looks into it. Reference %(reference)s, answer by %(due_on)s"
    ),
    "phone_asked": _l(
        "At %(office)s a new phone is being registered in your name. Was it not you? Until %(until)s tap %(link)s"
    ),
    "phone_changed": _l(
        "At %(office)s your phone was changed; codes no longer come here. Was it not you? Until %(until)s tap %(link)s"
    ),
    "phone_registered": _l(
        "Codes and messages now come to this phone. After %(hours)s hours it also serves to change your account and data"
    ),
    "claim_made": _l(
        "You passed. We claim the subsidy for you once your certificate is in the register. Reference %(reference)s"
    ),
    "claim_district_review": _l(
        "We have claimed the subsidy for you, and the district reviews it. Reference %(reference)s. You need do nothing"
    ),
    "claim_municipal_review": _l(
        "The district has agreed to your subsidy; the municipal desk reviews it. Reference %(reference)s"
    ),
    "claim_approved": _l("Your subsidy is approved and goes to payment. Reference %(reference)s"),
    "claim_returned": _l(
        "Something is missing for your subsidy. Reference %(reference)s. Sign in to see what, or go to a job centre"
    ),
    "claim_refused": _l(
        "Your subsidy was refused. Reference %(reference)s. Sign in to see why and how to appeal"
    ),
    "new_classes": _l(
        "New classes like your search: %(count)s. The first: %(course)s, from %(starts_on)s. No more messages: %(link)s"
    ),
    "matter_opened": _l("We have it: %(reference)s. Somebody else decides and answers by %(until)s"),
    "appeal_upheld": _l(
        "Your appeal %(reference)s was upheld. Sign in, or use the reference at Track, to read what happens now"
    ),
    "appeal_dismissed": _l(
        "Your appeal %(reference)s was not upheld. Sign in, or use the reference at Track, to read why"
    ),
    "matter_answered": _l("We have answered %(reference)s. Use the reference at Track to read it"),
    "matter_late": _l(
        "The answer to %(reference)s, due by %(until)s, takes longer. We have reminded the desk. You need do nothing"
    ),
    "claim_withdrawn": _l("You have withdrawn the claim for your subsidy. Reference %(reference)s"),
    "duplicate_ask": _l(
        "We have two records that may both be yours. Please bring your identity card to a job centre; nothing is lost meanwhile"
    ),
    "records_merged": _l(
        "Two records of yours are one now; all references keep working. Was it not you? Call 12333"
    ),
    "identity_changed": _l(
        "Your record was corrected after your papers were seen. Was it not you? Call 12333"
    ),
    "identity_kept": _l(
        "The correction of your record was not agreed to. Bring your papers to a job centre, or call 12333"
    ),
    "number_released": _l(
        "The number in your record belongs to somebody else and was taken out. Please bring your identity card to a job centre"
    ),
    "account_registered": _l(
        "Your account for subsidies, ending in %(tail)s, is registered and can be used from %(usable_from)s. Not you? Open %(link)s or call 12333"
    ),
    "account_registered_elsewhere": _l(
        "An account ending in %(tail)s was registered for your subsidies. It is not used before %(usable_from)s. Not you? Call 12333"
    ),
    "deletion_done": _l(
        "Your data is deleted, as you asked. Reference %(reference)s. Counts and amounts without your name stay"
    ),
    "deletion_announced": _l(
        "On %(due_on)s we delete your data: nothing is open any more. To keep it, sign in before that day, or call 12333"
    ),
    "staff_rights_changed": _l(
        "Your rights at the training desk have changed. Sign in again to see them. Was it not expected? Call your administrator"
    ),
    "staff_deputy": _l(
        "You stand in for a colleague at the training desk. Sign in to see the days and the desk"
    ),
    "staff_recovered": _l(
        "Two administrators have ended your password and token at the training desk. Was it not you? Call at once"
    ),
    "staff_started": _l(
        "Password and token of the training desk were chosen anew. Was it not you? Call at once"
    ),
    "staff_password_changed": _l(
        "Your password of the training desk was changed. Was it not you? Call at once"
    ),
    "staff_token_changed": _l("Your token of the training desk was changed. Was it not you? Call at once"),
}


def text_of(message: str, language: str, values: Mapping[str, Any], site: str = "") -> str:
    """The message in the person's language; dates and moments arrive as ISO text and become days
    and times.

    `act` is the bare code of a link for one act; with `site`, our address, it becomes `link`. Raises KeyError.
    """
    with force_locale(LOCALES.get(language, LOCALES["zh"])):
        shown = {name: _shown(value, language) for name, value in values.items()}
        shown["link"] = f"{site}/a/{values['act']}" if "act" in values else site
        return _("[Chongqing Skills] %(said)s", said=str(SENTENCES[message]) % shown)


def _shown(value: Any, language: str) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return day_in(date.fromisoformat(value), language)
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return at_in(datetime.fromisoformat(value), language)
    return value
