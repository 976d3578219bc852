"""The verbs about a person in a class, by errand."""

from training.enrolments.operations.cancel import CAN_BE_CANCELLED, cancel_class
from training.enrolments.operations.cases import (
    put_back,
    renew,
    save_draft_decision,
    show_full_number,
    take,
    take_next,
)
from training.enrolments.operations.counter import ask_registry, print_slip, take_over
from training.enrolments.operations.doubt import clear_duplicate_flag, doubt, doubt_all
from training.enrolments.operations.duplicates import answer_duplicate, duplicates_of, open_duplicates
from training.enrolments.operations.enrol import assess_draft, enrol
from training.enrolments.operations.lapses import (
    end_lines,
    lapse_corrections,
    lapse_holds,
    offer_free_seats,
    pass_on_offers,
)
from training.enrolments.operations.lookup import (
    answer_for,
    forget_answers,
    look_up,
    print_slip_for,
    slip_of,
)
from training.enrolments.operations.moves import Change, change_class
from training.enrolments.operations.offers import (
    Answer,
    answer_by_link,
    answer_offer,
    offer_next,
    release_offer,
)
from training.enrolments.operations.offers import answer_for as answer_offer_for
from training.enrolments.operations.own import (
    Correction,
    correct,
    correct_at_counter,
    sign_in_with_slip,
    withdraw,
)
from training.enrolments.operations.place import Choice, class_with_course
from training.enrolments.operations.receive import submit_without_code
from training.enrolments.operations.reopen import reopen
from training.enrolments.operations.searching import last_search, search
from training.enrolments.operations.seats import free_seat
from training.enrolments.operations.verify import (
    Decision,
    pass_identity,
    refuse_identity,
    return_for_correction,
)
from training.enrolments.operations.walk_in import Counter, assess_at_counter, enrol_at_counter

__all__ = [
    "CAN_BE_CANCELLED",
    "Answer",
    "Change",
    "Choice",
    "Correction",
    "Counter",
    "Decision",
    "answer_by_link",
    "answer_duplicate",
    "answer_for",
    "answer_offer",
    "answer_offer_for",
    "ask_registry",
    "assess_at_counter",
    "assess_draft",
    "cancel_class",
    "change_class",
    "class_with_course",
    "clear_duplicate_flag",
    "correct",
    "correct_at_counter",
    "doubt",
    "doubt_all",
    "duplicates_of",
    "end_lines",
    "enrol",
    "enrol_at_counter",
    "forget_answers",
    "free_seat",
    "lapse_corrections",
    "lapse_holds",
    "last_search",
    "look_up",
    "offer_free_seats",
    "offer_next",
    "open_duplicates",
    "pass_identity",
    "pass_on_offers",
    "print_slip",
    "print_slip_for",
    "put_back",
    "refuse_identity",
    "release_offer",
    "renew",
    "reopen",
    "return_for_correction",
    "save_draft_decision",
    "search",
    "show_full_number",
    "sign_in_with_slip",
    "slip_of",
    "submit_without_code",
    "take",
    "take_next",
    "take_over",
    "withdraw",
]
