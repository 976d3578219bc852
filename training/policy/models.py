"""What a pack holds: the map, the notices, the worked cases. Frozen shapes of files; there are no tables.

Every value of a notice carries its mark (`confirmed` or `example`), its source and its clause, so that a page
can show the paper behind each number. Money is integer fen, shares are whole per cent, levels are strings.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from training.ports import Group

T = TypeVar("T")

Level = Literal["5", "4", "3", "2", "1", "special"]
Grade = Literal["A", "B", "C", "D", "none"]
Payee = Literal["institution", "person", "enterprise"]
Family = Literal[
    "tuition",
    "on_the_job",
    "labour_reserve",
    "startup",
    "job_readiness",
    "apprenticeship",
    "project",
    "assessment",
    "living_allowance",
    "unemployment_insurance_skill",
]
Exclusion = Literal[
    "deceased", "draws_pension", "full_time_student", "public_payroll", "draws_unemployment_benefit"
]
Window = Literal["calendar_year", "rolling_12m", "lifetime"]
Scope = Literal["all", "family", "family_occupation", "family_occupation_level"]
CountedAt = Literal["enrolment", "claim", "payment"]
Counts = Literal["as_registered", "calendar_year", "months_after"]
Fen = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(ge=0, le=100)]
Days = Annotated[int, Field(ge=0)]

RANK: dict[str, int] = {"special": 0, "5": 1, "4": 2, "3": 3, "2": 4, "1": 5}
"""The sort rank of a level: a higher number is a higher skill, while 五级 (5) is the lowest level."""


class Shape(BaseModel):
    """Nothing unknown is let in, nothing is changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Shape):
    """The same words in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def said(self, locale: str) -> str:
        """The words for a locale such as `zh_Hans_CN`, `zh` or `en`."""
        return self.zh if locale.startswith("zh") else self.en


class Value(Shape, Generic[T]):
    """A value of a notice. `source` is an id of the notice's sources, `notice` the number it was read from."""

    value: T
    status: Literal["confirmed", "example"]
    source: str = ""
    clause: str = ""
    notice: str = ""

    @property
    def is_example(self) -> bool:
        return self.status == "example"


class Source(Shape):
    """Where a confirmed value can be read. `grade`: official, mirror, press or weak."""

    title: Words
    address: str
    grade: Literal["official", "mirror", "press", "weak"]


class GroupRule(Shape):
    """A group and the days on which it counts, judged on the day the class starts.

    `as_registered`: the days of the register; `calendar_year`: 1 January to 31 December of the year of the
    event; `months_after`: from the event for `months` months.
    """

    name: Words
    meaning: Words
    counts: Value[Counts]
    months: Value[int] | None = None
    ends_with_job: Value[bool] | None = None

    @model_validator(mode="after")
    def _months_where_needed(self) -> GroupRule:
        if (self.counts.value == "months_after") != (self.months is not None):
            raise ValueError("months stands with months_after and only there")
        return self


class ExclusionRule(Shape):
    """People who get nothing. From `doubt_from_age` on, not knowing counts as not knowing, else as no."""

    applies: Value[bool]
    doubt_from_age: Value[int] | None = None


class Cap(Shape):
    """At most `count` within `window`, counting subsidies of the same `scope`, each on its day `counted_at`.

    A cap of a lifetime asks no day.
    """

    count: Value[Annotated[int, Field(ge=0)]]
    window: Value[Window]
    scope: Value[Scope]
    counted_at: Value[CountedAt] | None = None

    @model_validator(mode="after")
    def _day_where_needed(self) -> Cap:
        if (self.window.value == "lifetime") != (self.counted_at is None):
            raise ValueError("counted_at stands with a window that ends and only there")
        return self

    def day(self, on: date, claimed_on: date | None, paid_on: date | None) -> date:
        """The day on which a subsidy enrolled `on`, claimed and paid then, counts; `on` where that is not known."""
        counted_at = self.counted_at.value if self.counted_at else "enrolment"
        return {"enrolment": on, "claim": claimed_on, "payment": paid_on}[counted_at] or on

    @property
    def code(self) -> str:
        """The refusal code of contract §3 that this cap gives."""
        whole = (self.count.value, self.window.value, self.scope.value)
        same = whole == (1, "lifetime", "family_occupation_level")
        return "already_paid_same_level" if same else "cap_reached"


class Exclude(Shape):
    """Not together with `family`: for the same occupation and level, or within the same calendar year."""

    family: Value[Family]
    on: Value[Literal["occupation_level", "period"]]


class Standard(Shape):
    """A table of amounts in fen by level, for the occupations named."""

    name: Words
    occupations: Value[tuple[str, ...]]
    by_level: dict[Level, Value[Fen]]


class Uplift(Shape):
    """Added to the amount for these occupations and levels, in fen."""

    name: Words
    occupations: Value[tuple[str, ...]]
    levels: Value[tuple[Level, ...]]
    fen: Value[Fen]


class Daily(Shape):
    """An amount a day: class hours divided by `hours_a_day`, rounded up, at most `max_days`."""

    fen: Value[Fen]
    hours_a_day: Value[Annotated[int, Field(ge=1)]]
    max_days: Value[Days]


class Amounts(Shape):
    """`standards` in order of precedence (the last that names occupation and level wins), else `by_level`."""

    by_level: dict[Level, Value[Fen]] = {}
    standards: dict[str, Standard] = {}
    uplifts: dict[str, Uplift] = {}
    daily: Daily | None = None
    by_grade: dict[Grade, Value[Percent]] = {}
    up_to_fee: Value[bool] | None = None


class Paper(Shape):
    """Something to bring. `proves` is the reason code it settles; without one everybody brings it."""

    name: Words
    needed: Value[Literal["enrolment", "claim"]]
    proves: Value[str] | None = None


class FamilyRule(Shape):
    """One subsidy: for whom, how much, how often, to whom. `groups` gives each group's share in per cent."""

    name: Words
    summary: Words
    payee: Value[Payee]
    automatic: Value[bool]
    begins_with: Value[Literal["class", "certificate"]]
    certificate: Value[bool]
    groups: dict[Group, Value[Percent]]
    amounts: Amounts
    caps: dict[str, Cap] = {}
    excludes: dict[str, Exclude] = {}
    exclusions: dict[Exclusion, ExclusionRule] = {}
    higher_level_blocks_lower: Value[bool] | None = None
    only_with: Value[Family] | None = None
    min_hours: Value[int] | None = None
    min_attendance_percent: Value[Percent] | None = None
    papers: dict[str, Paper] = {}


class Identity(Shape):
    """How an enrolment is checked. Working days and per cent."""

    automatic_pass: Value[bool]
    sample_percent: Value[Percent]
    hold_working_days: Value[Days]
    without_code_percent: Value[Percent]
    correction_working_days: Value[Days]


class Step(Shape):
    """A step of the road: how many working days it usually takes, and the most it may take."""

    usual_working_days: Value[Days]
    at_most_working_days: Value[Days]


class Notice(Shape):
    """A notice as it is in force: a municipal one, or a municipal one with a district's laid over it.

    `number` names the whole (`cq-2026-18+spb-2026-3`), `numbers` its papers; claims store `number`.
    """

    number: str
    scope: Literal["municipal", "district"]
    districts: tuple[str, ...] = ()
    written: Words
    title: Words
    issuer: Words
    in_force_from: date
    in_force_to: date | None = None
    replaces: str | None = None
    sources: dict[str, Source]
    min_age: Value[int]
    groups: dict[Group, GroupRule]
    exclusions: dict[Exclusion, ExclusionRule]
    identity: Identity
    steps: dict[str, Step]
    papers: dict[str, Paper] = {}
    families: dict[Family, FamilyRule]

    @model_validator(mode="after")
    def _refers_to_what_stands_before(self) -> Notice:
        before: set[Family] = set()
        for name, family in self.families.items():
            if family.only_with is not None and family.only_with.value not in before:
                raise ValueError(f"{name} must stand after {family.only_with.value}")
            if not set(family.groups) <= set(self.groups):
                raise ValueError(f"{name} names a group that the notice does not define")
            before.add(name)
        return self

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(self.number.split("+"))

    def is_in_force(self, on: date) -> bool:
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)
