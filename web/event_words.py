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
    "trail_check_asked": _l("asked for a check of the trail"),
    "trail_checked": _l("checked the whole trail"),
    "export_asked": _l("asked for an export"),
    "export_approved": _l("approved the export"),
    "export_refused": _l("refused the export"),
    "export_taken": _l("downloaded the export"),
    "clock_moved": _l("moved the clock of the demo"),
    "alert_saved": _l("saved a search"),
    "alert_stopped": _l("stopped a saved search"),
    "alert_sent": _l("told of new classes"),
    "account_registered": _l("registered a bank account"),
    "account_ended": _l("ended a bank account"),
    "account_restored": _l("put the bank account before it back"),
    "data_taken": _l("took a copy of the data"),
    "deletion_announced": _l("announced that data will be deleted"),
    "person_emptied": _l("deleted the personal values"),
    "person_removed": _l("removed the record"),
    "legal_hold_placed": _l("kept the data for a lawful reason"),
    "legal_hold_ended": _l("ended keeping the data"),
    "phone_asked": _l("asked for a new phone"),
    "phone_mistyped": _l("typed another phone than the first person"),
    "phone_changed": _l("changed the phone"),
    "phone_refused": _l("refused the new phone"),
    "phone_taken_back": _l("took the new phone back"),
    "record_frozen": _l("froze the record"),
    "record_unfrozen": _l("freed the record"),
    "letter_handed": _l("handed over a letter"),
    "matter_opened": _l("opened the matter"),
    "matter_upheld": _l("upheld it"),
    "matter_dismissed": _l("dismissed it"),
    "matter_late": _l("told the person that the answer is late"),
    "enrolment_reopened": _l("opened the enrolment again"),
    "records_uploaded": _l("uploaded a file of old records"),
    "records_mapped": _l("said what the columns are"),
    "records_checked": _l("checked the file"),
    "records_imported": _l("imported the old records"),
    "records_undone": _l("undid the import"),
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
