"""Words that only the desks need: proofs of the register, what a return asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from web.event_words import event_word
from web.identity_words import EVIDENCE
from web.labels import Words, word
from web.reasons import code_sentence, reason_sentence
from web.written import joined

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
    return joined(told, "、")


DESK_GLOBALS: Mapping[str, Any] = {
    "event_word": event_word,
    "basis_word": basis_word,
    "reason_text": reason_text,
    "reason_sentence": reason_sentence,
    "sex_word": sex_word,
    "household_word": household_word,
    "evidence_words": evidence_words,
}
