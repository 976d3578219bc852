"""Why somebody looked at a person, in words: for the desks that ask, and for the person who reads it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from web.labels import Words, word

PURPOSE: Words = {
    "identity_check": _l("Checking the identity for an enrolment"),
    "at_counter": _l("Enrolling at the counter"),
    "claim_review": _l("Reviewing a subsidy claim"),
    "duplicate": _l("Comparing two records"),
    "objection": _l("Working on an objection or appeal"),
    "seat": _l("Giving out seats"),
    "phone": _l("Registering a phone"),
    "letter": _l("Printing a letter"),
    "old_records": _l("Taking over old records"),
    "search": _l("Found by search"),
    "export": _l("In a list that was exported"),
    "audit": _l("Audit"),
}
REASON: Words = {
    "duplicate": _l("To see whether it is a duplicate"),
    "person_asks": _l("The person asks"),
    "complaint": _l("Complaint or appeal"),
    "inspection": _l("Inspection"),
    "same_name": _l("Two people have the same name"),
    "other": _l("Another reason (write it down)"),
}


def purpose_word(code: object) -> str:
    """What the data was opened for."""
    return word(PURPOSE, code)


def look_reason_word(code: object) -> str:
    """Why it was opened; empty where no reason was asked for."""
    return word(REASON, code) if code else ""
