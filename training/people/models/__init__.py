"""Real-name persons, how each identity was shown, and what their browsers and messages may do."""

from __future__ import annotations

from training.people.models.accounts import BankAccount
from training.people.models.acts import Act
from training.people.models.looks import LookCount
from training.people.models.phones import Letter, PhoneChange
from training.people.models.records import Card, Consent, Person, PersonKey, Phone, PossibleDuplicate
from training.people.models.told import Message
from training.people.models.visits import Draft, Evidence, OneTimeCode, VisitorSession
from training.people.models.words import (
    ActKind,
    AnswerOutcome,
    CardState,
    DuplicateAnswer,
    Group,
    LetterWay,
    LookPurpose,
    LookReason,
    PhoneChangeStatus,
    PhoneReason,
    PhoneSource,
    Purpose,
)

__all__ = [
    "Act",
    "ActKind",
    "AnswerOutcome",
    "BankAccount",
    "Card",
    "CardState",
    "Consent",
    "Draft",
    "DuplicateAnswer",
    "Evidence",
    "Group",
    "Letter",
    "LetterWay",
    "LookCount",
    "LookPurpose",
    "LookReason",
    "Message",
    "OneTimeCode",
    "Person",
    "PersonKey",
    "Phone",
    "PhoneChange",
    "PhoneChangeStatus",
    "PhoneReason",
    "PhoneSource",
    "PossibleDuplicate",
    "Purpose",
    "VisitorSession",
]
