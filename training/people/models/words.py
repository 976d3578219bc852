"""The closed lists of this subject."""

from __future__ import annotations

from enum import StrEnum


class Group(StrEnum):
    """Groups of people; a notice says which are eligible, from when to when."""

    UNEMPLOYED = "unemployed"
    MIGRANT = "migrant"
    GRADUATE = "graduate"
    SCHOOL_LEAVER = "school_leaver"
    HARD_TO_PLACE = "hard_to_place"
    POVERTY_MONITORED = "poverty_monitored"
    DISABLED = "disabled"
    VETERAN = "veteran"
    EMPLOYEE = "employee"
    OTHER = "other"


class CardState(StrEnum):
    NORMAL = "normal"
    LOST = "lost"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


class PhoneSource(StrEnum):
    """Codes go only to a phone of the card registry, or one registered at a counter by two people."""

    REGISTER = "register"
    COUNTER = "counter"


class Purpose(StrEnum):
    """What something was typed for; a code serves no other purpose. `counter`: a number looked up at a desk."""

    ENROL = "enrol"
    SIGN_IN = "sign_in"
    COUNTER = "counter"
    ALERT = "alert"
    ACCOUNT = "account"


class AnswerOutcome(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"


class DuplicateAnswer(StrEnum):
    """A possible duplicate is open until somebody says same, different or ask."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"


class ActKind(StrEnum):
    """What one tap on a link from a message can do."""

    OFFER = "offer"
    NOT_ME = "not_me"
    STOP_ALERTS = "stop_alerts"
    QUESTION = "question"


class PhoneReason(StrEnum):
    """Why a phone is registered at the counter."""

    NEW_NUMBER = "new_number"
    LOST = "lost"
    NONE_BEFORE = "none_before"
    WRONG = "wrong"


class PhoneChangeStatus(StrEnum):
    """A request is pending until a second person agrees or refuses. `closed`: typed wrong too often, or too old;
    `stopped`: the person said that it was not them."""

    PENDING = "pending"
    AGREED = "agreed"
    REFUSED = "refused"
    CLOSED = "closed"
    STOPPED = "stopped"


class LetterWay(StrEnum):
    """How a letter reached the person."""

    HANDED = "handed"
    POSTED = "posted"


class LookPurpose(StrEnum):
    """What a person's data is opened for: the work of a desk, or a search outside one's queue."""

    IDENTITY_CHECK = "identity_check"
    AT_COUNTER = "at_counter"
    CLAIM_REVIEW = "claim_review"
    DUPLICATE = "duplicate"
    OBJECTION = "objection"
    SEAT = "seat"
    PHONE = "phone"
    LETTER = "letter"
    OLD_RECORDS = "old_records"
    SEARCH = "search"
    EXPORT = "export"
    AUDIT = "audit"


class LookReason(StrEnum):
    """Why somebody opens a person outside the own queue, or a full number. `other` needs a line of its own."""

    DUPLICATE = "duplicate"
    PERSON_ASKS = "person_asks"
    COMPLAINT = "complaint"
    INSPECTION = "inspection"
    SAME_NAME = "same_name"
    OTHER = "other"
