"""Names of systems, jobs and errands in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from web.labels import Words

SYSTEM: Words = {
    "social_card": _l("Social security card register"),
    "phone_messages": _l("Text messages"),
}
TASK: Words = {
    "seal_trail": _l("Seal the trail"),
    "let_holds_lapse": _l("Seats without a code run out"),
    "pass_on_seats": _l("Offer freed seats to the next"),
    "keep_lines": _l("Offer free seats, end lines of classes that begin"),
    "propose_claims": _l("Propose claims"),
    "forget_counters": _l("Forget old counters"),
    "forget_what_was_typed": _l("Forget what was typed"),
    "tell_who_waits_for_a_class": _l("Tell who waits for a class"),
    "forget_saved_checks": _l("Forget saved checks"),
    "check_file_at_night": _l("Read the database file through"),
    "start_on_records": _l("Read the old records that wait"),
    "note_systems": _l("Note how the systems answer"),
    "watch_readers": _l("Watch who opens many people"),
    "tell_of_late_answers": _l("Tell whose answer is late"),
    "keep_periods": _l("Anonymise what is due"),
}
ERRAND: Words = {
    "send_code": _l("Send a code"),
    "ask_registry": _l("Ask the register again"),
    "send_message": _l("Send a message"),
    "verify_trail": _l("Check the trail"),
}
STANDS_OUT: Words = {
    "many_looks": _l("more people than the limit of a day"),
    "many_full_numbers": _l("more full numbers than the limit of a day"),
    "unlike_the_desk": _l("far more than is usual at this desk"),
}
