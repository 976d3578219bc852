"""One sentence part for every event of the trail: who comes before it, in both languages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from web.claim_words import EVENT as CLAIM_EVENT
from web.desk_words import EVENT as DESK_EVENT
from web.labels import Words, word

_OTHER: Words = {
    "searched": _l("searched"),
    "looks_stood_out": _l("was reported for opening many people"),
    "outbox_retried": _l("had an errand tried again"),
    "outbox_dropped": _l("dropped an errand"),
    "task_asked_for": _l("had a job run at once"),
    "trail_opened": _l("read sealed values of the trail"),
    "trail_check_asked": _l("asked for a check of the trail"),
    "trail_checked": _l("checked this trail"),
    "export_asked": _l("asked for an export"),
    "export_approved": _l("approved the export"),
    "export_refused": _l("refused the export"),
    "export_taken": _l("downloaded the export"),
    "staff_created": _l("opened the account"),
    "staff_signed_in": _l("signed in"),
    "staff_signed_out": _l("signed out"),
    "staff_sign_in_failed": _l("refused a sign-in"),
    "staff_disabled": _l("put the account out of force"),
    "staff_settings_changed": _l("changed their settings"),
}
EVENT: Words = {**DESK_EVENT, **CLAIM_EVENT, **_OTHER}


def said(name: object) -> str:
    """What an event says was done, by its name."""
    return word(EVENT, name)
