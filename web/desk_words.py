"""Words that only the desks need: events of the trail, proofs of the register, what a return asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from web.i18n import language
from web.identity_words import EVIDENCE
from web.labels import Words, word
from web.reasons import code_sentence, reason_sentence

EVENT: Words = {
    "person_created": _l("opened the record"),
    "card_seen": _l("looked up the number at a counter"),
    "identity_certified": _l("certified the identity"),
    "signed_in": _l("signed in"),
    "consent_given": _l("gave consent"),
    "duplicate_raised": _l("found a possible duplicate"),
    "duplicate_answered": _l("answered a possible duplicate"),
    "person_seen": _l("looked at the person"),
    "duplicate_held": _l("took the possible duplicate"),
    "duplicate_put_back": _l("put the possible duplicate back"),
    "records_merged": _l("made the records one"),
    "identity_change_proposed": _l("proposed a correction of the identity"),
    "identity_change_agreed": _l("agreed to the correction of the identity"),
    "identity_change_refused": _l("refused the correction of the identity"),
    "certification_voided": _l("ended the certification"),
    "identity_doubted": _l("sent it back to be checked again"),
    "full_number_seen": _l("saw the full number"),
    "enrolled": _l("submitted"),
    "taken_over": _l("took it over at the counter"),
    "case_taken": _l("took the case"),
    "case_renewed": _l("kept the case for 15 more minutes"),
    "case_put_back": _l("put the case back"),
    "identity_passed": _l("passed the identity"),
    "identity_returned": _l("returned it for correction"),
    "identity_refused": _l("refused it"),
    "corrected": _l("corrected it"),
    "withdrawn": _l("withdrew it"),
    "seat_given": _l("gave it a seat"),
    "seat_offered": _l("offered it a seat"),
    "seat_accepted": _l("took the offered seat"),
    "offer_declined": _l("said no to the seat"),
    "offer_missed": _l("passed the seat on, unanswered"),
    "offer_released": _l("took the offer back"),
    "line_ended": _l("ended the line, the class has begun"),
    "class_changed": _l("changed the class"),
    "class_cancelled": _l("cancelled the class"),
    "hold_lapsed": _l("ended the hold of the seat"),
    "correction_lapsed": _l("ended the case that was not corrected in time"),
    "registry_answered": _l("got the answer of the register"),
    "slip_printed": _l("printed a slip"),
    "class_started": _l("began the class"),
    "class_finished": _l("ended the class"),
    "result_entered": _l("entered the result"),
    "staff_created": _l("made the account"),
    "staff_proposed": _l("proposed"),
    "staff_confirmed": _l("agreed"),
    "staff_proposal_refused": _l("refused the proposal"),
    "staff_proposal_withdrawn": _l("took the proposal back"),
    "staff_right_ended": _l("ended the right"),
    "staff_deputy_named": _l("named as deputy"),
    "staff_leave_ended": _l("ended the leave"),
    "staff_disabled": _l("put the account out of force"),
    "staff_started": _l("chose password and token"),
    "staff_password_changed": _l("changed the password"),
    "staff_token_changed": _l("changed the token"),
    "staff_passkey_added": _l("added a passkey"),
    "staff_passkey_removed": _l("took a passkey away"),
    "staff_proved_again": _l("proved once more who it is"),
    "staff_signed_in": _l("signed in"),
    "staff_signed_out": _l("signed out"),
    "staff_sign_in_failed": _l("failed to sign in"),
    "staff_settings_changed": _l("changed the own settings"),
}
BASIS: Words = {
    "unemployment_register": _l("unemployment register"),
    "rural_household": _l("rural household"),
    "graduation_year": _l("year of graduation"),
    "school_leaving": _l("school leaving"),
    "hard_to_place_list": _l("list of people with employment difficulty"),
    "poverty_monitored_list": _l("list of monitored people"),
    "disability_certificate": _l("disability certificate"),
    "veteran_certificate": _l("veteran certificate"),
}
HOUSEHOLD: Words = {"rural": _l("rural household"), "urban": _l("urban household")}
SEX: Words = {"male": _l("male"), "female": _l("female")}
# What a verifier may ask to be corrected: the flags of an identity, said to the person.
RETURN_REASON: Words = {
    "name_differs": _l("The name is not written as in the register"),
    "not_found": _l("The number was not found. Please compare it with your card"),
    "card_lost": _l("This card is reported lost. Please give the number of the new one"),
    "card_cancelled": _l("This card was cancelled. Please give the number of the new one"),
    "group_unproven": _l("The proof of your group is missing"),
    "employed": _l("You are insured by an employer, so the group does not fit"),
}


def event_word(name: object) -> str:
    """What an event of the trail says was done."""
    return word(EVENT, name)


def basis_word(code: object) -> str:
    """What a proof of the register rests on."""
    return word(BASIS, code)


def reason_text(code: str) -> str:
    """Why a case was returned or refused."""
    return word(RETURN_REASON, code) if code in RETURN_REASON else code_sentence(code)


def sex_word(code: object) -> str:
    """Male or female, as the register has it."""
    return word(SEX, code)


def household_word(code: object) -> str:
    """Rural or urban household."""
    return word(HOUSEHOLD, code)


def evidence_words(codes: Sequence[str]) -> str:
    """What two records share, as one phrase."""
    told = [word(EVIDENCE, code) for code in codes if code in EVIDENCE]
    return (", " if language() == "en" else "、").join(told)


DESK_GLOBALS: Mapping[str, Any] = {
    "event_word": event_word,
    "basis_word": basis_word,
    "reason_text": reason_text,
    "reason_sentence": reason_sentence,
    "sex_word": sex_word,
    "household_word": household_word,
    "evidence_words": evidence_words,
}
