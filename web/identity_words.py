"""Words about records that may be one person, and about corrections of number and name; staff alone meet them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from web.labels import Words

EVIDENCE: Words = {
    "number": _l("the same number"),
    "card": _l("the same card"),
    "phone_name": _l("the same phone and name"),
    "name_birth": _l("the same name and date of birth"),
    "sound_birth": _l("names that sound alike, the same date of birth"),
}
# Why records may not become one now: what stands in the way, and how it is solved.
RISK: dict[str, tuple[LazyString, LazyString]] = {
    "both_in_class": (
        _l("Both are in the same class: one person would have two seats"),
        _l("Let one of the two enrolments be withdrawn first; its seat goes to the next in line"),
    ),
    "both_claimed": (
        _l("A claim runs for both, for the same occupation and level"),
        _l("One of the claims is withdrawn or refused first, at the claims desk"),
    ),
    "paid_twice": (
        _l("A subsidy was paid to both for the same occupation and level"),
        _l("The municipal reviewers recover one payment first; write to them"),
    ),
    "both_held": (
        _l("Both hold the subsidy for the same occupation and level"),
        _l("Let one of the two enrolments be withdrawn first: then it holds nothing"),
    ),
    "over_cap": (
        _l("Together they have more subsidies in one year than the notice allows"),
        _l(
            "Let an enrolment of that year be withdrawn; what was paid already is for the municipal reviewers"
        ),
    ),
    "numbers_differ": (
        _l("Both numbers were confirmed, and they differ"),
        _l("These are two people, or one number is wrong: then it is corrected first, under “Corrections”"),
    ),
    "accounts_differ": (
        _l("Money goes to two different accounts"),
        _l("The person ends one of the accounts first, signed in or at a counter"),
    ),
    "change_pending": (
        _l("A correction or a new phone of one of them waits for a second person"),
        _l("That is decided first"),
    ),
    "record_frozen": (
        _l("One of the records is frozen: somebody said “this was not me”"),
        _l("That matter is decided first, at the objections desk"),
    ),
    "record_emptied": (
        _l("One of the records has been emptied, as its period was over"),
        _l("There is nothing left to merge: answer “not the same person”"),
    ),
    "already_merged": (
        _l("One of the records was merged into another meanwhile"),
        _l("Open the queue again: the group has changed"),
    ),
    "circle": (
        _l("One of the records was merged into the other already"),
        _l("Open the queue again: the group has changed"),
    ),
    "too_many_records": (
        _l("More than five records hang together"),
        _l("Decide about single pairs first: then the group grows smaller"),
    ),
}
# What moves to the record that stays, with its number before it.
MOVES: Words = {
    "enrolments": _l("enrolments"),
    "claims": _l("claims"),
    "entitlements": _l("subsidies held or used"),
    "certificates": _l("certificates"),
    "cards": _l("cards"),
    "phones": _l("phones"),
    "accounts": _l("bank accounts"),
    "consents": _l("consents"),
    "messages": _l("messages and letters"),
    "acts": _l("links of messages"),
    "alerts": _l("saved searches"),
    "matters": _l("matters of the objections desk"),
    "changes": _l("corrections"),
    "holds": _l("legal holds"),
    "sessions": _l("sign-ins, which end"),
}
CLOSED: Words = {
    "already_decided": _l("This group has been decided meanwhile."),
    "changed": _l("Something has changed since you opened this page. It now stands so; please look again."),
    "locked": _l("Somebody else has this group on the desk."),
    "own_enrolment": _l("You enrolled one of these people yourself. Somebody else decides."),
    "own_proposal": _l("You proposed it, or enrolled one of them. Another person decides."),
}
ANSWER: Words = {
    "open": _l("not answered yet"),
    "same": _l("the same person"),
    "different": _l("not the same person"),
    "ask": _l("the person is asked to come"),
}
CHANGE_KIND: Words = {
    "name": _l("Name"),
    "number": _l("Number"),
    "taken": _l("Number in another's record"),
}
CHANGE_STATUS: Words = {
    "open": _l("waits for a second person"),
    "agreed": _l("agreed"),
    "refused": _l("refused"),
}
PROOF: Words = {
    "id_card": _l("Identity card"),
    "household_register": _l("Household register"),
    "police_letter": _l("Letter of the police about a changed or wrong number"),
    "register": _l("Answer of the social security register"),
}
# Why a correction cannot be proposed or agreed to, and what to do instead.
NOT_CHANGED: dict[str, tuple[LazyString, LazyString]] = {
    "number_taken": (
        _l("This number stands in another record already"),
        _l(
            "If both are one person, the duplicates desk makes the records one. If it is somebody else's record, "
            "choose “This number is mine, somebody else has it”"
        ),
    ),
    "number_free": (
        _l("Nobody else has this number any more"),
        _l("Then it is a plain correction of the number: choose that"),
    ),
    "change_pending": (
        _l("A correction of this kind waits already"),
        _l("One at a time: look for it under “Corrections”, and tell the person when it is decided"),
    ),
    "unchanged": (_l("The record says so already"), _l("Nothing is to be corrected; compare once more")),
    "record_frozen": (
        _l("The record is frozen: somebody said “this was not me”"),
        _l("That matter is decided first, at the objections desk"),
    ),
    "already_decided": (_l("It has been decided meanwhile"), _l("Open the list again")),
    "changed": (_l("It has changed since you opened it"), _l("It now stands so; please look again")),
    "own_proposal": (
        _l("You proposed it, or enrolled one of them"),
        _l("Another person decides"),
    ),
}
