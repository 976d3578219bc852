"""The words of each reason code: met, not met, still to be confirmed; and what a person can do about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

Three = tuple[LazyString, LazyString, LazyString]

# Each code: met, not met, still to be confirmed.
PLAIN: dict[str, Three] = {
    "under_age": (
        _l("You are old enough"),
        _l("You are not old enough yet"),
        _l("Your age is still to be confirmed"),
    ),
    "deceased": (
        _l("The register knows of no death"),
        _l("The register says that this person has died"),
        _l("The register is still to be asked"),
    ),
    "draws_pension": (
        _l("You do not draw a pension"),
        _l("You already draw a pension"),
        _l("Whether you already draw a pension is still to be confirmed"),
    ),
    "full_time_student": (
        _l("You are not a full-time student"),
        _l("You are a full-time student"),
        _l("Whether you study full time is still to be confirmed"),
    ),
    "public_payroll": (
        _l("You are not on the public payroll"),
        _l("You are on the public payroll"),
        _l("Whether you are on the public payroll is still to be confirmed"),
    ),
    "draws_unemployment_benefit": (
        _l("You do not draw unemployment benefit"),
        _l("You draw unemployment benefit, which covers living costs already"),
        _l("Whether you draw unemployment benefit is still to be confirmed"),
    ),
    "group_not_eligible": (
        _l("You are one of the people who get this"),
        _l("You are not one of the people who get this"),
        _l("Whether you are one of the people who get this is still to be confirmed"),
    ),
    "cap_reached": (
        _l("You may still have this subsidy"),
        _l("You have already had this subsidy as often as the rules allow"),
        _l("Whether you may still have this subsidy is still to be confirmed"),
    ),
    "already_paid_same_level": (
        _l("Not paid before for this occupation and level"),
        _l("Already paid for this occupation and level"),
        _l("Whether it was paid before for this occupation and level is still to be confirmed"),
    ),
    "higher_level_held": (
        _l("You hold no higher level of this occupation"),
        _l("You already hold a higher level of this occupation"),
        _l("Whether you hold a higher level is still to be confirmed"),
    ),
    "paid_from_other_fund": (
        _l("Not paid from another fund"),
        _l("Already paid from another fund"),
        _l("Whether another fund has paid is still to be confirmed"),
    ),
    "class_too_short": (
        _l("The class is long enough"),
        _l("The class has too few hours"),
        _l("How long your class is, we know when you have chosen one"),
    ),
    "level_not_paid": (
        _l("The notice pays for this level"),
        _l("The notice pays nothing for this level"),
        _l("Whether the notice pays for this level depends on the class"),
    ),
    "grade_too_low": (
        _l("The grade of the school is high enough"),
        _l("The notice pays nothing for a school of this grade"),
        _l("The grade of the school is still to be confirmed"),
    ),
    "certificate_missing": (
        _l("The certificate is there"),
        _l("The certificate is missing"),
        _l("You need the certificate first, then you apply"),
    ),
    "attendance_too_low": (
        _l("You attended enough hours"),
        _l("You attended too few hours"),
        _l("The hours you attended are still being counted"),
    ),
    "only_with_other_subsidy": (
        _l("You get the other subsidy that it goes with"),
        _l("You do not get the other subsidy that it goes with"),
        _l("Depends on another subsidy that is still to be confirmed"),
    ),
    "already_in_class": (
        _l("You are not in this class yet"),
        _l("You are already in this class"),
        _l("Whether you are already in this class is still to be confirmed"),
    ),
    "class_full": (
        _l("The class has seats left"),
        _l("The class is full and its waiting list is closed"),
        _l("The seats left are still being counted"),
    ),
    "class_started": (
        _l("The class has not begun"),
        _l("The class has already begun"),
        _l("Whether the class has begun is still to be confirmed"),
    ),
    "class_not_open": (
        _l("The class takes enrolments"),
        _l("The class does not take enrolments now"),
        _l("When the class takes enrolments is still to be confirmed"),
    ),
    "school_suspended": (
        _l("The school may begin classes"),
        _l("The school may begin no new classes for now"),
        _l("Whether the school may begin classes is still to be confirmed"),
    ),
    "overlapping_class": (
        _l("No other class of yours is at the same time"),
        _l("Another class of yours is at the same time"),
        _l("Whether another class of yours is at the same time is still to be confirmed"),
    ),
    "not_returned": (
        _l("It came back to be corrected"),
        _l("Nothing in this enrolment is to be corrected now. See how it stands in “Mine”"),
        _l("Whether something is to be corrected is still to be confirmed"),
    ),
    "number_missing": (
        _l("The 18-digit number is known"),
        _l("Only a card number is known. Return the case for the 18-digit number, or wait for the register"),
        _l("The 18-digit number is still to be confirmed"),
    ),
    "number_left": (
        _l("The number of this case is the person's own"),
        _l("This number was taken out of this record. Return the case for the right number"),
        _l("Whether the number is the person's own is still to be confirmed"),
    ),
    "holds_enough": (
        _l("You hold few enough cases to take another"),
        _l(
            "You hold as many cases as one person may. Decide one of yours, or put one back, then take the next"
        ),
        _l("How many cases you hold is still to be counted"),
    ),
    "record_frozen": (
        _l("Nothing in this record waits to be looked into"),
        _l("“This was not me” was said here. Nothing goes on until that is decided"),
        _l("Whether something is being looked into is still to be confirmed"),
    ),
    "not_at_counter": (
        _l("It was made at a counter"),
        _l("The person's own phone made this enrolment. They sign in to withdraw, or complain"),
        _l("Where it was made is still to be confirmed"),
    ),
    "not_theirs": (
        _l("The person was in this class"),
        _l("“This was not me” was upheld: the person was never in this class"),
        _l("Whether the person was in this class is being looked into"),
    ),
    "day_limit": (
        _l("There is room in this counsellor's day"),
        _l("You have enrolled as many people today as one counsellor may. A colleague enrols this person"),
        _l("How many people were enrolled today is still being counted"),
    ),
    "offer_over": (
        _l("The seat is still kept"),
        _l("The seat was answered for already, or its time is over"),
        _l("Whether the seat is still kept is to be confirmed"),
    ),
    "offer_open": (
        _l("No offered seat waits for an answer"),
        _l("A seat is offered: answer that first"),
        _l("Whether a seat is offered is still to be confirmed"),
    ),
    "no_change_now": (
        _l("The class can be changed"),
        _l("The class cannot be changed as it stands now"),
        _l("Whether the class can be changed is still to be confirmed"),
    ),
    "other_course": (
        _l("It is another class of the same course"),
        _l("Only another class of the same course can be chosen"),
        _l("Whether it is the same course is still to be confirmed"),
    ),
    "no_other_class": (
        _l("There is another class of the course"),
        _l("There is no other class of this course now"),
        _l("Whether there is another class is still to be confirmed"),
    ),
    "no_open_offer": (
        _l("An offer waits for an answer"),
        _l("No offer waits for an answer"),
        _l("Whether an offer waits is still to be confirmed"),
    ),
    "choose_one": (
        _l("One is chosen"),
        _l("Choose one"),
        _l("Which one is meant is still to be confirmed"),
    ),
    "no_seat_there": (
        _l("A seat is free there"),
        _l("No seat is free there; the seat you have stays yours"),
        _l("Whether a seat is free there is still to be confirmed"),
    ),
    "no_free_seat": (
        _l("A seat is free"),
        _l("No seat is free"),
        _l("Whether a seat is free is still to be confirmed"),
    ),
    "nobody_in_line": (
        _l("Somebody stands in line"),
        _l("Nobody stands in line who could be asked"),
        _l("Who stands in line is still to be confirmed"),
    ),
    "class_cancelled": (
        _l("The class will be held"),
        _l("The class will not be held"),
        _l("Whether the class will be held is still to be confirmed"),
    ),
    "staff_phone": (
        _l("The phone number is your own"),
        _l("This phone number belongs to a member of staff"),
        _l("Whose phone number this is, is still to be confirmed"),
    ),
}

HINTS: dict[str, LazyString] = {
    "under_age": _l("You can come back when you are old enough."),
    "draws_pension": _l("If this is wrong, bring your papers to a job centre."),
    "full_time_student": _l(
        "You can come back when your studies are over. Your school may offer classes too."
    ),
    "public_payroll": _l("Ask your employer about training at work."),
    "group_not_eligible": _l("If you belong to another group, bring the proof to a job centre."),
    "cap_reached": _l("You may learn at your own cost, or wait until it counts afresh."),
    "already_paid_same_level": _l("Choose a higher level or another occupation."),
    "higher_level_held": _l("Choose a higher level or another occupation."),
    "paid_from_other_fund": _l("Choose another occupation or level, or ask the office that paid."),
    "class_too_short": _l("Choose a longer class."),
    "level_not_paid": _l("Choose another level."),
    "grade_too_low": _l("Choose another school."),
    "certificate_missing": _l("Apply once you have the certificate."),
    "already_in_class": _l("Open your enrolment to see where it is."),
    "class_full": _l("Choose another class."),
    "class_started": _l("Choose the next class."),
    "class_not_open": _l("Choose a class that is open."),
    "school_suspended": _l("Choose a class at another school."),
    "overlapping_class": _l("Choose a class at another time, or withdraw from the other one."),
    "staff_phone": _l("Give your own number, or none."),
    "record_frozen": _l("The answer comes by message. Call 12333 if you did not say it."),
    "attendance_too_low": _l("Look at your hours. If one is wrong, tell us."),
}

# Whom a notice leaves out.
LEFT_OUT: dict[str, LazyString] = {
    "deceased": _l("Not for people who have died"),
    "draws_pension": _l("Not for people who draw a pension"),
    "full_time_student": _l("Not for full-time students"),
    "public_payroll": _l("Not for people on the public payroll"),
    "draws_unemployment_benefit": _l("Not for people who draw unemployment benefit"),
}
