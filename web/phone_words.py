"""Words of the desks where phones are registered and letters handed over."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from web.labels import Words

PHONE_REASON: Words = {
    "new_number": _l("New number"),
    "lost": _l("The phone is lost"),
    "none_before": _l("No phone was on file"),
    "wrong": _l("The number on file is wrong"),
}
PHONE_STATUS: Words = {
    "pending": _l("Waits for the second person"),
    "agreed": _l("Registered"),
    "refused": _l("Refused"),
    "closed": _l("Over: typed differently three times"),
    "stopped": _l("Stopped by the person"),
}
# Why a phone cannot be registered now, and what to do.
PHONE_REFUSAL: Words = {
    "no_record": _l(
        "The register does not know this number, and there is no record here. Enrol the person first"
    ),
    "record_frozen": _l(
        "The person said that something was not them. Nothing can be changed until that is decided"
    ),
    "same_phone": _l("This phone is on file already. There is nothing to change"),
    "phone_change_pending": _l("A new phone of this person waits for a second person already"),
    "staff_phone": _l("This phone number belongs to a member of staff"),
    "needs_verifier": _l("More than 10 people have this phone: a verifier of the district confirms it"),
    "decided": _l("This request is over. Ask the person to begin again at a counter"),
}
LETTER_WAY: Words = {"handed": _l("Handed over"), "posted": _l("Posted")}
