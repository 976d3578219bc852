"""May this person have this seat, what must a person look at, and which status follows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from training.courses.models import ClassRun, ClassStatus
from training.courses.rules import terms_of
from training.enrolments.lifecycle import MAY_CHANGE, TAKES_TIME, EnrolmentStatus
from training.enrolments.models import Flag, GroupSource
from training.institutions.models import InstitutionStatus
from training.people.models import Group
from training.people.rules import same_name
from training.policy.facts import Facts, History, facts_from_register
from training.policy.models import Family, Notice
from training.policy.rules import Finding, Reason, findings
from training.policy.service import Offers
from training.ports import Group as GroupWord
from training.ports import RegisteredPerson, RegistryAnswer

TUITION: Family = "tuition"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NO_WAY_ROUND = frozenset({"under_age", "deceased"})
SHARED_FROM = 10
CLASS_TAKES = (ClassStatus.ENROLLING, ClassStatus.FULL)


@dataclass(frozen=True)
class Candidate:
    """Who wants a seat, as far as it is known: what was typed, what the registry answered, what was declared.

    `phone_owners` counts the other people with the same phone; `by_hand` when a counsellor typed the person in;
    `is_frozen` while the person's "this was not me" is open.
    """

    name: str
    is_card: bool
    number: str
    answer: RegistryAnswer | None
    declared: Group | None = None
    phone_owners: int = 0
    has_possible_duplicate: bool = False
    by_hand: bool = False
    born_on: date | None = None
    is_frozen: bool = False

    @property
    def registered(self) -> RegisteredPerson | None:
        return self.answer.person if self.answer else None


@dataclass(frozen=True)
class Standing:
    """One of the person's live enrolments, as far as a new one must mind it."""

    class_id: str
    reference: str
    status: EnrolmentStatus
    idempotency_key: str
    overlaps: bool


@dataclass(frozen=True)
class Assessment:
    """What is known before the seat is taken: findings for each subsidy, reasons not to enrol, flags, group.

    `self_pay_helps` when paying would open the class, `pays_self` when that was also chosen: then no subsidy.
    """

    findings: tuple[Finding, ...]
    reasons: tuple[Reason, ...]
    flags: tuple[Flag, ...]
    group: Group | None
    group_source: GroupSource | None
    asks_group: bool
    self_pay_helps: bool
    pays_self: bool = False

    @property
    def is_refused(self) -> bool:
        return bool(self.refusal_codes)

    @property
    def refusal_codes(self) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.reasons if reason.met == "no")


def facts_of(candidate: Candidate, on: date) -> Facts:
    """What is known of the candidate on the day `on`; without a registry answer only what was declared."""
    declared: GroupWord | None = candidate.declared.value if candidate.declared else None
    if candidate.registered is not None:
        return facts_from_register(candidate.registered, on, declared)
    return Facts(birth_on=candidate.born_on)


def reasons_of_class(class_run: ClassRun, today: date) -> list[str]:
    """Why nobody can join this class today; empty: it takes people. Full is not a reason: there is a line."""
    reasons = []
    if class_run.course.institution.status in (
        InstitutionStatus.SUSPENDED,
        InstitutionStatus.DELISTED,
        InstitutionStatus.BLACKLISTED,
    ):
        reasons.append("school_suspended")
    if class_run.starts_on <= today:
        reasons.append("class_started")
    elif class_run.status not in CLASS_TAKES or class_run.opens_on > today:
        reasons.append("class_not_open")
    return reasons


def assess(
    candidate: Candidate,
    class_run: ClassRun,
    history: History | None,
    standing: Sequence[Standing],
    notice: Notice,
    today: date,
    *,
    self_pay: bool = False,
) -> Assessment:
    """Judge a candidate for a class on the day `today`. `history` is None where the person is not known."""
    facts, terms = facts_of(candidate, today), terms_of(class_run)
    past = history if candidate.registered is not None else (history or ())
    found = tuple(findings(facts, terms, past, notice, today))
    tuition = next(item for item in found if item.family == TUITION)
    group, source = _group(candidate, tuition)
    subsidy_reasons = _subsidy_reasons(candidate, tuition)
    helps = class_run.open_to_self_payers and any(
        reason.met == "no" and reason.code not in NO_WAY_ROUND for reason in subsidy_reasons
    )
    asks_group = candidate.registered is not None and not _is_proven(tuition)
    groupless = asks_group and candidate.declared is None
    pays_self = self_pay and class_run.open_to_self_payers and (helps or groupless)
    kept = [reason for reason in subsidy_reasons if reason.code in NO_WAY_ROUND or not pays_self]
    about_seat = _seat_reasons(class_run, standing, today)
    if candidate.is_frozen:
        about_seat.append(Reason("record_frozen", "no"))
    if any(reason.code == "already_in_class" for reason in about_seat):
        kept = []  # the subsidy held for this very class would speak against itself
    return Assessment(
        findings=found,
        reasons=tuple(about_seat + kept),
        flags=tuple(flags_of(candidate, group, source, pays_self)),
        group=group,
        group_source=source,
        asks_group=asks_group,
        self_pay_helps=helps,
        pays_self=pays_self,
    )


def status_after(
    assessment: Assessment, notice: Notice, *, is_drawn: bool, at_counter: bool
) -> EnrolmentStatus:
    """`enrolled` when everything agrees and the notice lets it pass by itself; else a person looks."""
    clean = not assessment.flags and not is_drawn and not at_counter
    if clean and notice.identity.automatic_pass.value:
        return EnrolmentStatus.ENROLLED
    return EnrolmentStatus.VERIFYING


def offer_end(at: datetime, starts_on: date, terms: Offers) -> datetime:
    """Until when a seat offered at `at` is kept: shorter near the start, never past the day on which it begins."""
    start = datetime.combine(starts_on, time(), SHANGHAI)
    near = start - at <= timedelta(days=terms.near_days)
    return min(start, at + timedelta(hours=terms.near_hours if near else terms.hours))


def reasons_not_to_change(
    status: EnrolmentStatus, is_proved: bool, old: ClassRun, new: ClassRun, today: date
) -> list[str]:
    """Why somebody cannot go from one class to another of the same course; empty: they may."""
    if status is EnrolmentStatus.OFFERED:
        return ["offer_open"]
    if status not in MAY_CHANGE or not is_proved:
        return ["no_change_now"]
    if old.starts_on <= today:
        return ["class_started"]
    if new.course_id != old.course_id or new.id == old.id:
        return ["other_course"]
    return reasons_of_class(new, today)


def without_code_share(seats: int, percent: int) -> int:
    """How many seats may be held by people without a code: a share of the class, at least one."""
    return max(1, seats * percent // 100)


def _subsidy_reasons(candidate: Candidate, tuition: Finding) -> list[Reason]:
    """The reasons of the tuition subsidy. A group that can still be declared does not refuse."""
    open_group = candidate.declared is None
    return [
        Reason(reason.code, "unknown", reason.values, reason.basis)
        if reason.code == "group_not_eligible" and reason.met == "no" and open_group
        else reason
        for reason in tuition.reasons
    ]


def _seat_reasons(class_run: ClassRun, standing: Sequence[Standing], today: date) -> list[Reason]:
    codes = [Reason(code, "no") for code in reasons_of_class(class_run, today)]
    here = next((row for row in standing if row.class_id == class_run.id), None)
    if here is not None:
        codes.append(Reason("already_in_class", "no", {"reference": here.reference}))
    elif any(row.overlaps and row.status in TAKES_TIME for row in standing):
        codes.append(Reason("overlapping_class", "no"))
    has_seat = class_run.seats_left > 0 and class_run.waiting == 0
    if not has_seat and not class_run.takes_waiting:
        codes.append(Reason("class_full", "no"))
    return codes


def _is_proven(tuition: Finding) -> bool:
    by_group = next(reason for reason in tuition.reasons if reason.code == "group_not_eligible")
    return by_group.met == "yes" and by_group.values.get("source") == "register"


def _group(candidate: Candidate, tuition: Finding) -> tuple[Group | None, GroupSource | None]:
    if _is_proven(tuition):
        return (Group(tuition.group) if tuition.group else None), GroupSource.REGISTER
    if candidate.declared is not None:
        return candidate.declared, GroupSource.DECLARED
    return None, None


def flags_of(
    candidate: Candidate, group: Group | None, source: GroupSource | None, self_pay: bool
) -> list[Flag]:
    """Why a person must look, given what is known and the group it rests on."""
    flags = flags_of_register(candidate)
    if candidate.registered is not None and source is not GroupSource.REGISTER and not self_pay:
        flags.append(Flag.GROUP_UNPROVEN)
    if candidate.phone_owners + 1 > SHARED_FROM:
        flags.append(Flag.PHONE_SHARED)
    if candidate.has_possible_duplicate:
        flags.append(Flag.POSSIBLE_DUPLICATE)
    if candidate.by_hand:
        flags.append(Flag.ENTERED_BY_HAND)
    if group is Group.UNEMPLOYED and source is GroupSource.DECLARED and _is_employed(candidate):
        flags.append(Flag.EMPLOYED)
    return flags


def flags_of_register(candidate: Candidate) -> list[Flag]:
    """What the register's answer, or its silence, gives a person to look at."""
    if candidate.answer is None or candidate.answer.outcome == "unreachable":
        return [Flag.REGISTRY_UNREACHABLE]
    if candidate.registered is None:
        return [Flag.NOT_FOUND]
    flags = [] if same_name(candidate.name, candidate.registered.name) else [Flag.NAME_DIFFERS]
    card = candidate.registered.card(candidate.number) if candidate.is_card else None
    if card is not None and card.state == "lost":
        flags.append(Flag.CARD_LOST)
    if card is not None and card.state in ("cancelled", "replaced"):
        flags.append(Flag.CARD_CANCELLED)
    return flags


def _is_employed(candidate: Candidate) -> bool:
    asked = candidate.answer.asked_at.astimezone(SHANGHAI).date() if candidate.answer else None
    return candidate.registered is not None and any(
        asked is not None and job.covers(asked) for job in candidate.registered.employed
    )
