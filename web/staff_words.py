"""Words about rights: why one may not be given, what is proposed, what a role may do where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from web.i18n import translated as _
from web.labels import ROLE, Words, word

REASON: Words = {
    "for_oneself": _l("Nobody does this for oneself. Another administrator proposes it, and a third agrees"),
    "same_person": _l("You proposed it yourself. Another administrator agrees or refuses"),
    "not_this_administrator": _l("This is done by the other kind of administrator"),
    "not_own": _l("Only who proposed it can take it back"),
    "changed": _l("Somebody has changed this account meanwhile. Look at it as it stands now"),
    "decided": _l("Somebody has decided this already"),
    "already_held": _l("This right is held already, just so"),
    "already_proposed": _l("The same is proposed already and waits for a second person"),
    "proposer_gone": _l("Who proposed this may no longer propose it. Refuse it, and propose it anew"),
    "disabled": _l("The account is out of force. Put it in force first"),
    "in_force": _l("The account is in force already"),
    "last_administrator": _l(
        "This is the last administrator of this kind who can sign in. First another one must hold the right, and have started"
    ),
    "administrator_without_end": _l(
        "The right of an administrator has no last day: the last one could vanish"
    ),
    "administrator_without_deputy": _l("Nobody stands in for an administrator. Propose the right itself"),
    "district_missing": _l("Choose the district whose cases this desk works on"),
    "institution_missing": _l("Choose the institution"),
    "other_district": _l("One person serves one district. End the right in the other district first"),
    "until_past": _l("The last day is over already"),
    "leave_backwards": _l("The last day of the leave lies before its first"),
    "leave_over": _l("This leave is over already"),
    "not_on_leave": _l("This person is not on leave"),
    "deputy_oneself": _l("Nobody stands in for oneself"),
    "deputy_elsewhere": _l("The deputy serves another district. A deputy works at the same place"),
    "deputy_out_of_force": _l("The account of the deputy is out of force"),
    "deputy_on_leave": _l("The deputy is on leave in these days"),
    "username_taken": _l("This staff number is taken"),
    "person_has_account": _l("This person has an account already. One person, one account"),
    "wrong_person": _l("The number on the card is not that of this account"),
    "too_many_keys": _l("Five passkeys are enough. Take one away first"),
}
KIND: Words = {
    "account": _l("New account"),
    "right": _l("Right"),
    "leave": _l("Leave and deputy"),
    "enable": _l("In force again"),
    "recovery": _l("New token and password"),
}
PROPOSAL: Words = {
    "open": _l("Waits for a second person"),
    "confirmed": _l("Agreed"),
    "refused": _l("Refused"),
    "withdrawn": _l("Taken back"),
}
ACTION: Words = {"see": _l("may look"), "act": _l("may act")}
SCOPE: Words = {
    "self": _l("only oneself"),
    "own_institution": _l("own institution"),
    "own_district": _l("own district"),
    "municipal": _l("whole city"),
}
# Desks of the table that are not open yet.
DESK: Words = {
    "notices": _l("Publicity lists"),
    "payments": _l("Payments"),
    "recoveries": _l("Money to be paid back"),
    "classes": _l("Own classes"),
    "schools": _l("Training institutions"),
    "plan": _l("Planning"),
    "policy": _l("Policy files"),
}
PASSWORD: Words = {
    "short": _l("At least 12 characters. A sentence is easy to remember"),
    "username": _l("The staff number may not be part of it"),
    "common": _l("This is too easy to guess. A sentence of your own is better"),
    "proof": _l("Present password or code is not right. Wait for a new code and try again"),
    "code": _l("These digits do not fit. Scan the picture again, and type the newest digits"),
}
_AGAINST = "contradicts_"


def staff_reason(code: str) -> str:
    """Why something about rights was refused; a right that stands against it is named."""
    if code.startswith(_AGAINST):
        return _(
            "This right and “%(role)s” may not meet in one person",
            role=word(ROLE, code.removeprefix(_AGAINST)),
        )
    return word(REASON, code)


def proposal_kind_word(code: object) -> str:
    """What kind of proposal it is."""
    return word(KIND, code)


def proposal_word(code: object) -> str:
    """How a proposal stands."""
    return word(PROPOSAL, code)


def written_half(code: str) -> str:
    """Half of a code for the first sign-in, for paper: `H7QM-29X`."""
    return f"{code[:4]}-{code[4:]}"


STAFF_GLOBALS: Mapping[str, Any] = {
    "staff_reason": staff_reason,
    "proposal_kind_word": proposal_kind_word,
    "proposal_word": proposal_word,
    "written_half": written_half,
}
