"""The ten questions of the help pages. Their answers stand in templates/portal/about/help/."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from training.errors import NotThere


@dataclass(frozen=True)
class Topic:
    """A question, its short answer, and the picture beside it."""

    name: str
    picture: str
    question: LazyString
    short: LazyString


BEFORE = (
    Topic(
        "number",
        "card",
        _l("Which number is on my card?"),
        _l("Bottom left of the card, 9 characters; 18 digits work too"),
    ),
    Topic(
        "no_phone",
        "phone",
        _l("The register has no phone of mine. What now?"),
        _l("Submit without a code; quickest is to bring your card to a job centre"),
    ),
    Topic(
        "rare_name",
        "pen",
        _l("My name has a rare character"),
        _l("Write it as you can. Staff compare it with the register"),
    ),
    Topic("who_pays", "coin", _l("Who pays?"), _l("The government pays the school if you qualify")),
    Topic(
        "large_type",
        "text",
        _l("The letters are too small"),
        _l("One press at the top right makes them larger on every page"),
    ),
)
AFTER = (
    Topic(
        "after",
        "clock",
        _l("What happens after I enrol?"),
        _l("You know at once, or when your identity has been checked"),
    ),
    Topic(
        "full",
        "list",
        _l("The class is full"),
        _l("Join the line. A seat that becomes free goes to the first in it"),
    ),
    Topic(
        "withdraw",
        "undo",
        _l("I cannot come. How do I withdraw?"),
        _l("Any time before the class starts. You lose nothing"),
    ),
)
WRONG = (
    Topic(
        "not_me",
        "lock",
        _l("Someone used my number"),
        _l("Call 12333 or go to a job centre. We stop it"),
    ),
    Topic(
        "complain",
        "talk",
        _l("How do I complain or appeal?"),
        _l("Call 12333 or go to a job centre, with your reference"),
    ),
)
GROUPS = (
    (_l("Before you enrol"), BEFORE),
    (_l("After you enrol"), AFTER),
    (_l("Something is wrong"), WRONG),
)
_TOPICS = {topic.name: topic for topic in (*BEFORE, *AFTER, *WRONG)}


def topic_named(name: str) -> Topic:
    """The topic with this name. Raises NotThere."""
    if name not in _TOPICS:
        raise NotThere(name)
    return _TOPICS[name]


def others(topic: Topic) -> list[Topic]:
    """Three more questions to go on with."""
    rest = [other for other in _TOPICS.values() if other is not topic]
    at = list(_TOPICS).index(topic.name)
    return [rest[(at + step) % len(rest)] for step in range(3)]
