"""The words of claims: lines of an amount, tasks with what they rest on, reasons, steps. For both doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _l

from web import labels, written
from web.i18n import language
from web.labels import Words, word
from web.reasons import code_sentence

_: Callable[..., str] = gettext
Values = Mapping[str, Any]

RETURN_REASON: Words = {
    "attendance_to_explain": _l("The attendance list has gaps that need to be explained"),
    "certificate_to_show": _l("The certificate is not in the register yet"),
    "result_to_show": _l("The marks of the exam are missing"),
    "group_to_prove": _l("The proof of the group is missing"),
    "amount_to_check": _l("The fee or the amount does not agree with the papers"),
    "account_to_clear": _l(
        "The bank account is in question: register one that is only yours, or come to a job centre with the card"
    ),
}
REFUSE_REASON: Words = {
    "exam_not_passed": _l("The exam was not passed"),
}
STAGE: Words = {
    "claimed": _l("Claim made"),
    "district_review": _l("Review in the district"),
    "municipal_review": _l("Review by the municipality"),
    "publicity": _l("Published for objection"),
    "paying": _l("Payment by the treasury"),
    "paid": _l("Paid"),
}
FACTOR: Words = {
    "standard": _l("Standard"),
    "days": _l("Days of training"),
    "group_share": _l("Share of the group"),
    "grade": _l("Grade of the school"),
    "uplift": _l("Added for scarce occupations"),
    "fee_limit": _l("Not more than the fee"),
}
TASK: Words = {
    "identity": _l("Identity"),
    "group": _l("Group"),
    "attendance": _l("Attendance"),
    "result": _l("Exam"),
    "certificate": _l("Certificate"),
    "not_paid_before": _l("Not paid before"),
    "yearly_cap": _l("How often"),
    "no_overlap": _l("Other subsidies"),
    "school": _l("School"),
    "amount": _l("Amount"),
    "account": _l("Bank account"),
    "amount_differs": _l("Another amount than the batch"),
    "attendance_differs": _l("Another attendance than the batch"),
}
# Why a person may not decide: four eyes are about persons, not about roles.
CLOSED: Words = {
    "enrolled_it": _l("You enrolled this person. Somebody else decides."),
    "verified_it": _l("You checked this person's identity. Somebody else decides."),
    "decided_it_before": _l("You decided this claim at the other desk. Somebody else decides."),
    "own_claim": _l("This is your own claim. Somebody else decides."),
    "other_desk": _l("This claim lies at the other desk."),
    "not_in_review": _l("There is nothing to decide now."),
    "changed_meanwhile": _l("Somebody changed this claim meanwhile. This is how it stands now."),
}
EVENT: Words = {
    "claim_proposed": _l("proposed it, without anybody applying"),
    "claim_submitted": _l("submitted it"),
    "claim_review_opened": _l("put it before the district"),
    "claim_agreed": _l("agreed"),
    "claim_returned": _l("returned it"),
    "claim_refused": _l("refused it"),
    "claim_withdrawn": _l("withdrew it"),
    "claim_expired": _l("let it lapse"),
    "claim_held": _l("put it on hold"),
    "claim_batched": _l("put it into a payment batch"),
    "claim_sent": _l("sent it to the bank"),
    "claim_paid": _l("paid it"),
}


def claim_reason(code: str) -> str:
    """Why a claim was returned or refused, for the person and for staff."""
    for words in (RETURN_REASON, REFUSE_REASON):
        if code in words:
            return str(words[code])
    return code_sentence(code)


def exact(fen: int) -> str:
    """`¥1,500.00`, always with two decimals: sums that somebody signs for."""
    sign = "−" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}¥{format_decimal(whole)}.{rest:02d}"


def factor_words(row: Values) -> str:
    """A line of an amount: `Share of the group: 100%`, `Days of training: 16 × ¥50`."""
    name, value = str(row["name"]), str(row["value"])
    said = word(FACTOR, name)
    if name == "days":
        days, each = value.split(" × ")
        return _("%(what)s: %(value)s", what=said, value=f"{days} × {written.yuan(int(each))}")
    if value.endswith("%"):
        return _("%(what)s: %(value)s", what=said, value=value)
    return said


def task_sentence(task: str, outcome: str, values: Values) -> str:
    """What was found about a task, with the values it rests on."""
    return _TASKS[task](outcome, values)


def _day(value: Any) -> str:
    return written.day(date.fromisoformat(value)) if value else ""


def _identity(outcome: str, v: Values) -> str:
    if outcome == "failed":
        return _("Nobody has certified the identity")
    if v.get("who"):
        return _("Identity certified on %(day)s, %(who)s", day=_day(v.get("on")), who=v["who"])
    return _("Identity certified on %(day)s, agrees with the register", day=_day(v.get("on")))


def _group(outcome: str, v: Values) -> str:
    said = {"group": word(labels.GROUP, v["group"]) if v.get("group") else "–", "day": _day(v.get("on"))}
    if outcome == "passed":
        return _("%(group)s on %(day)s, the first day of the class", **said)
    if outcome == "failed":
        return _("%(group)s: does not count on %(day)s, the first day of the class", **said)
    return _("%(group)s is the person's own statement; look at the proof", **said)


def _attendance(outcome: str, v: Values) -> str:
    if v.get("missing"):
        return _("No attendance on record; look at the school's list")
    hours = {"present": _hours(v["present"]), "scheduled": _hours(v["scheduled"])}
    said = {"percent": v["percent"], "least": v["least"], **hours}
    if outcome == "failed":
        return _("Attendance %(percent)s%% (%(present)s of %(scheduled)s hours), %(least)s%% needed", **said)
    if v.get("unrecorded"):
        return _(
            "Attendance %(percent)s%% (%(present)s of %(scheduled)s hours); %(lessons)s lessons without a record",
            lessons=v["unrecorded"],
            **said,
        )
    return _("Attendance %(percent)s%% (%(present)s of %(scheduled)s hours)", **said)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def _result(outcome: str, v: Values) -> str:
    if v.get("missing"):
        return _("No marks on record")
    return _("Exam passed") if outcome == "passed" else _("Exam not passed")


def _certificate(outcome: str, v: Values) -> str:
    if v.get("tail"):
        return _("Certificate ending in %(tail)s, issued on %(day)s", tail=v["tail"], day=_day(v.get("on")))
    if outcome == "passed":
        return _("No certificate needed")
    return _("No certificate of this occupation and level in the register")


def _past(fine: Callable[[], str]) -> Callable[[str, Values], str]:
    def say(outcome: str, v: Values) -> str:
        if outcome == "passed":
            return fine()
        said = code_sentence(str(v["code"]))
        if v.get("on"):
            return _("%(said)s (since %(day)s)", said=said, day=_day(v["on"]))
        return said

    return say


def _school(outcome: str, v: Values) -> str:
    grade = v["grade"] if v["grade"] != "none" else "–"
    status = word(labels.INSTITUTION_STATUS, v["status"])
    return _("School: grade %(grade)s, %(status)s", grade=grade, status=status.lower())


def _amount(outcome: str, v: Values) -> str:
    if outcome == "passed":
        return _("Recalculated, same result: %(amount)s", amount=exact(v["again"]))
    return _("Recalculated %(again)s, claimed %(stored)s", again=exact(v["again"]), stored=exact(v["stored"]))


def _account(outcome: str, v: Values) -> str:
    if outcome == "passed":
        if v.get("on"):
            return _("Bank account registered on %(day)s, nobody else's", day=_day(v["on"]))
        return _("No bank account is registered")
    said = []
    if v.get("shared_with"):
        said.append(
            ngettext(
                "The account is also that of %(num)d other person. Ask whose it is; return the claim until each has their own",
                "The account is also that of %(num)d other people. Ask whose it is; return the claim until each has their own",
                v["shared_with"],
            )
        )
    if v.get("changed_on"):
        changed = {"day": _day(v["changed_on"])}
        said.append(
            _("Account changed on %(day)s, after the claim was put forward. Call the person first", **changed)
        )
    return ("。" if language() == "zh" else ". ").join(said)


_TASKS: dict[str, Callable[[str, Values], str]] = {
    "identity": _identity,
    "group": _group,
    "attendance": _attendance,
    "result": _result,
    "certificate": _certificate,
    "not_paid_before": _past(lambda: _("Not paid before for this occupation and level")),
    "yearly_cap": _past(lambda: _("Within the number of subsidies allowed")),
    "no_overlap": _past(lambda: _("No other subsidy for the same course")),
    "school": _school,
    "amount": _amount,
    "account": _account,
}
