"""What the templates of this desk ask for: codes and rows become words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l

from training.claims.lifecycle import TaskOutcome
from training.claims.models import Claim
from training.courses.models import Course
from training.institutions.models import Institution
from training.numbers import masked, masked_name
from training.policy.pack import Pack
from training.policy.queries import occupation, paper
from web.claim_words import EVENT, STAGE, TASK, claim_reason, exact, factor_words, task_sentence
from web.i18n import language
from web.labels import Words, word
from web.matter_words import desk_of

SOURCE: Words = {
    "card": _l("card reader"),
    "door": _l("door code"),
    "list": _l("teacher's list"),
    "": _l("nobody"),
}


def words_for(pack: Pack) -> dict[str, Any]:
    """The functions that the templates of claims use."""
    return {
        "exact": exact,
        "factor_words": factor_words,
        "task_sentence": task_sentence,
        "reasons_said": reasons_said,
        "listed": listed,
        "masked": masked,
        "masked_name": masked_name,
        "task_word": lambda code: word(TASK, code),
        "stage_word": lambda code: word(STAGE, code),
        "claim_event_word": lambda name: word(EVENT, name),
        "source_word": lambda source: word(SOURCE, source),
        "course_name": course_name,
        "school_name": school_name,
        "failed_tasks": failed_tasks,
        "desk_of_matter": lambda matter: desk_of(pack, matter),
        "occupation_name": lambda code: occupation(pack, code).name.said(language()),
        "written": lambda number: paper(pack, number).written.said(language()),
    }


def reasons_said(codes: Iterable[str]) -> str:
    """Why it was returned or refused, in one line."""
    return listed(*(claim_reason(code) for code in codes))


def listed(*parts: object) -> str:
    """Words one after the other, with the comma of the language."""
    return ("，" if language() == "zh" else ", ").join(str(part) for part in parts)


def course_name(course: Course) -> str:
    """The title in the reader's language, where the school gave one."""
    return (language() == "en" and course.title_en) or course.title


def school_name(school: Institution) -> str:
    """The school in the reader's language, where it has such a name."""
    return (language() == "en" and school.name_en) or school.name


def failed_tasks(claim: Claim) -> set[str]:
    """The tasks of a claim that are not met."""
    return {task.task for task in claim.tasks if task.outcome is TaskOutcome.FAILED}
