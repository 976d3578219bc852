"""Codes become words here, and only here. Every word goes through gettext; codes never change with language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from web.written import at, day, lasted, yuan

Words = Mapping[str, LazyString]

STATUS: Words = {
    "received": _l("Received"),
    "verifying": _l("Checking identity"),
    "returned": _l("Please correct"),
    "waiting": _l("On the waiting list"),
    "offered": _l("A seat for you"),
    "enrolled": _l("Enrolled"),
    "attending": _l("In class"),
    "completed": _l("Class finished"),
    "passed": _l("Passed"),
    "failed": _l("Not passed"),
    "claimed": _l("Claimed"),
    "district_review": _l("District review"),
    "municipal_review": _l("Municipal review"),
    "publicity": _l("Published for objection"),
    "objection": _l("Objection received"),
    "paying": _l("Payment under way"),
    "paid": _l("Paid"),
    "bounced": _l("Returned by bank"),
    "held": _l("On hold"),
    "refused": _l("Refused"),
    "withdrawn": _l("Withdrawn"),
    "dropped_out": _l("Left the class"),
    "expired": _l("Lapsed"),
    "recovering": _l("Being recovered"),
    "recovered": _l("Paid back"),
    "reversed": _l("Reversed"),
    "proposed": _l("Proposed"),
    "submitted": _l("Submitted"),
    "approved": _l("Approved"),
    "in_batch": _l("In a payment batch"),
    "sent": _l("Sent to the bank"),
}
_KINDS = {
    "ok": "enrolled passed paid approved",
    "wait": "received verifying attending completed claimed district_review municipal_review publicity paying "
    "proposed submitted in_batch sent",
    "warn": "returned offered objection bounced held recovering",
    "stop": "failed refused",
}
STATUS_KIND = {code: kind for kind, codes in _KINDS.items() for code in codes.split()}
STATUS_ICON = {"ok": "check", "wait": "clock", "warn": "bang", "stop": "cross", "": "info"}

CLASS_STATUS: Words = {
    "draft": _l("Draft"),
    "submitted": _l("Awaiting approval"),
    "returned": _l("Sent back"),
    "approved": _l("Agreed"),
    "published": _l("Listed"),
    "enrolling": _l("Enrolling"),
    "full": _l("Full"),
    "running": _l("Running"),
    "suspended": _l("Suspended"),
    "finished": _l("Finished"),
    "exam_done": _l("Examined"),
    "certified": _l("Certificates issued"),
    "claimed": _l("Subsidy claimed"),
    "closed": _l("Closed"),
    "cancelled": _l("Cancelled"),
}
NATURE: Words = {
    "school": _l("private school"),
    "public": _l("public institution"),
    "enterprise": _l("enterprise"),
}
INSTITUTION_STATUS: Words = {
    "filed": _l("Filed"),
    "listed": _l("In the directory"),
    "rectifying": _l("Putting things right"),
    "suspended": _l("No new classes for now"),
    "delisted": _l("Removed from the directory"),
    "blacklisted": _l("Blacklisted"),
}
GROUP: Words = {
    "unemployed": _l("Unemployed"),
    "migrant": _l("Migrant worker"),
    "graduate": _l("Graduate"),
    "school_leaver": _l("School leaver"),
    "hard_to_place": _l("Person with employment difficulty"),
    "poverty_monitored": _l("Person monitored against return to poverty"),
    "disabled": _l("Disabled person"),
    "veteran": _l("Veteran"),
    "employee": _l("Employee"),
    "other": _l("None of these"),
    "unsure": _l("Not sure"),
}
LEVEL: Words = {
    "5": _l("Level 5 (junior)"),
    "4": _l("Level 4 (intermediate)"),
    "3": _l("Level 3 (senior)"),
    "2": _l("Level 2 (technician)"),
    "1": _l("Level 1 (senior technician)"),
    "special": _l("Special vocational ability"),
}
LEVEL_SHORT: Words = {
    "5": _l("Level 5"),
    "4": _l("Level 4"),
    "3": _l("Level 3"),
    "2": _l("Level 2"),
    "1": _l("Level 1"),
    "special": _l("Special"),
}
RHYTHM: Words = {"daytime": _l("Daytime"), "evenings": _l("Evenings"), "weekends": _l("Weekends")}
STARTS: Words = {
    "two_weeks": _l("Within two weeks"),
    "month": _l("Within a month"),
    "later": _l("Later"),
}
SORT: Words = {
    "start": _l("Earliest start"),
    "distance": _l("Nearest"),
    "subsidy": _l("Highest subsidy"),
    "pass_rate": _l("Highest pass rate"),
}
WANTS: Words = {
    "cooking": _l("Cooking and baking"),
    "care": _l("Care for old people and children"),
    "beauty": _l("Beauty and hair"),
    "retail": _l("Shops and online sales"),
    "driving": _l("Driving machines and delivery"),
    "machines": _l("Machine tools"),
    "welding_electric": _l("Welding and electrical work"),
    "building": _l("Building and decoration"),
    "vehicles": _l("Cars and repairs"),
    "digital": _l("Computers and digital work"),
    "farming": _l("Farming and food"),
    "undecided": _l("I have not decided"),
}
FAMILY: Words = {
    "tuition": _l("Training subsidy"),
    "on_the_job": _l("On-the-job training subsidy"),
    "labour_reserve": _l("Training for school leavers"),
    "startup": _l("Start-up training subsidy"),
    "job_readiness": _l("Job-readiness training"),
    "apprenticeship": _l("Apprenticeship subsidy"),
    "project": _l("Commissioned training"),
    "assessment": _l("Skills assessment subsidy"),
    "living_allowance": _l("Living and travel allowance"),
    "unemployment_insurance_skill": _l("Skill subsidy from unemployment insurance"),
}
FLAG: Words = {
    "name_differs": _l("The name is written differently"),
    "card_lost": _l("The card is reported lost"),
    "card_cancelled": _l("The card was cancelled"),
    "not_found": _l("Not found in the register"),
    "registry_unreachable": _l("The register did not answer"),
    "group_unproven": _l("The group is the person's own statement"),
    "employed": _l("Insured by an employer"),
    "phone_shared": _l("One phone for many people"),
    "possible_duplicate": _l("Possible duplicate"),
    "entered_by_hand": _l("Entered by hand"),
    "sample": _l("Random sample"),
}
CHANNEL: Words = {
    "phone": _l("By phone"),
    "counter": _l("At the counter"),
    "institution": _l("By the school"),
}
CARD_STATE: Words = {
    "normal": _l("In use"),
    "lost": _l("Reported lost"),
    "cancelled": _l("Cancelled"),
    "replaced": _l("Replaced"),
}
NUMBER_KIND: Words = {
    "card": _l("Recognised as a card number"),
    "number18": _l("Recognised as a social security number"),
    "number15": _l("Recognised as an old 15-digit number and converted"),
    "hmt": _l("Recognised as a number for residents of Hong Kong, Macau and Taiwan"),
}
PAYEE: Words = {"institution": _l("The school"), "person": _l("You"), "enterprise": _l("The employer")}
ROLE: Words = {
    "counsellor": _l("Counsellor"),
    "verifier": _l("Identity verifier"),
    "reviewer_district": _l("District reviewer"),
    "reviewer_municipal": _l("Municipal reviewer"),
    "publicity": _l("Publicity clerk"),
    "finance": _l("Finance, makes payments"),
    "finance_release": _l("Finance, releases payments"),
    "institution": _l("Training institution"),
    "inspector": _l("Inspector"),
    "planner": _l("Planner"),
    "policy_editor": _l("Policy editor"),
    "policy_approver": _l("Policy approver"),
    "auditor": _l("Auditor"),
    "sysadmin": _l("System administrator"),
    "secadmin": _l("Security administrator"),
}


def word(words: Words, code: object) -> str:
    """The word for `code`; a code without one is shown as it is, which a test forbids."""
    key = str(code)
    return str(words[key]) if key in words else key


def status_word(code: object, place: int | None = None) -> str:
    """A status in the words of spec §6.2; a place in line is told with its number."""
    if str(code) == "waiting" and place:
        return str(_("Number %(place)s on the list", place=place))
    return word(STATUS, code)


def status_kind(code: object) -> str:
    """`ok wait warn stop` or empty: the colour that goes with the word."""
    return STATUS_KIND.get(str(code), "")


def status_icon(code: object) -> str:
    return STATUS_ICON[status_kind(code)]


def _of(words: Words) -> Callable[[object], str]:
    return lambda code: word(words, code)


TEMPLATE_GLOBALS: dict[str, Any] = {
    "status_word": status_word,
    "status_kind": status_kind,
    "status_icon": status_icon,
    "class_status_word": _of(CLASS_STATUS),
    "institution_status_word": _of(INSTITUTION_STATUS),
    "group_word": _of(GROUP),
    "level_word": _of(LEVEL),
    "level_short": _of(LEVEL_SHORT),
    "rhythm_word": _of(RHYTHM),
    "starts_word": _of(STARTS),
    "sort_word": _of(SORT),
    "wants_word": _of(WANTS),
    "family_word": _of(FAMILY),
    "flag_word": _of(FLAG),
    "channel_word": _of(CHANNEL),
    "card_state_word": _of(CARD_STATE),
    "number_kind_word": _of(NUMBER_KIND),
    "payee_word": _of(PAYEE),
    "role_word": _of(ROLE),
    "yuan": yuan,
    "day": day,
    "at": at,
    "lasted": lasted,
}
