"""The verbs about a person in a class, by errand."""

from training.enrolments.operations.cases import (
    put_back,
    renew,
    save_draft_decision,
    show_full_number,
    take,
    take_next,
)
from training.enrolments.operations.counter import ask_registry, print_slip, take_over
from training.enrolments.operations.duplicates import answer_duplicate, duplicates_of, open_duplicates
from training.enrolments.operations.enrol import assess_draft, enrol
from training.enrolments.operations.lookup import (
    answer_for,
    forget_answers,
    look_up,
    print_slip_for,
    slip_code_of,
)
from training.enrolments.operations.own import (
    Correction,
    correct,
    correct_at_counter,
    sign_in_with_slip,
    withdraw,
)
from training.enrolments.operations.place import Choice, class_with_course
from training.enrolments.operations.receive import submit_without_code
from training.enrolments.operations.seats import free_seat, lapse_corrections, lapse_holds
from training.enrolments.operations.verify import (
    Decision,
    pass_identity,
    refuse_identity,
    return_for_correction,
)
from training.enrolments.operations.walk_in import Counter, assess_at_counter, enrol_at_counter

__all__ = [
    "Choice",
    "Correction",
    "Counter",
    "Decision",
    "answer_duplicate",
    "answer_for",
    "ask_registry",
    "assess_at_counter",
    "assess_draft",
    "class_with_course",
    "correct",
    "correct_at_counter",
    "duplicates_of",
    "enrol",
    "enrol_at_counter",
    "forget_answers",
    "free_seat",
    "lapse_corrections",
    "lapse_holds",
    "look_up",
    "open_duplicates",
    "pass_identity",
    "print_slip",
    "print_slip_for",
    "put_back",
    "refuse_identity",
    "renew",
    "return_for_correction",
    "save_draft_decision",
    "show_full_number",
    "sign_in_with_slip",
    "slip_code_of",
    "submit_without_code",
    "take",
    "take_next",
    "take_over",
    "withdraw",
]
