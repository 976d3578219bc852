"""How the province runs its service: periods and shares that no notice sets. Tables of pack.toml, one shape each."""

from __future__ import annotations

from pydantic import Field

from training.policy.models import Shape


class SavedChecks(Shape):
    """How long the answers of a check are kept under their code, in days, and still known to have run out."""

    kept_days: int = Field(ge=1, le=365)
    known_days: int = Field(ge=1, le=730)


class Alerts(Shape):
    """Saved searches: for how many days one is kept, how many one person may have, and between which hours of
    the day messages go out (Asia/Shanghai)."""

    kept_days: int = Field(ge=1, le=730)
    a_person: int = Field(ge=1, le=20)
    from_hour: int = Field(ge=0, le=23)
    to_hour: int = Field(ge=1, le=24)


class Objections(Shape):
    """The desk of objections and appeals, in working days.

    `answer`: how long it has for each kind of matter, by its word; `appeal_within`: how long a refusal may be
    appealed, counted from the day after it; `home`: the district whose desk has what names no district.
    """

    home: str
    appeal_within: int = Field(ge=1, le=120)
    answer: dict[str, int]


class CounterTerms(Shape):
    """The counter: enrolments of one counsellor in a day, the share drawn for a closer look; for how many days a
    person may say "this was not me", and for how many a slip's code is good."""

    a_day: int = Field(ge=1, le=1000)
    sample_percent: int = Field(ge=0, le=100)
    not_me_days: int = Field(ge=1, le=60)
    slip_days: int = Field(ge=1, le=365)


class PhoneTerms(Shape):
    """A phone registered at a counter: hours until it opens level 2 and until the hold on money ends, hours a request
    waits for the second person; above how many people the phone is noted, and needs a verifier."""

    level_two_after_hours: int = Field(ge=0, le=240)
    money_hold_hours: int = Field(ge=0, le=240)
    request_hours: int = Field(ge=1, le=240)
    noted_above: int = Field(ge=1, le=50)
    verifier_above: int = Field(ge=1, le=100)


class Sharing(Shape):
    """How work is shared out among those at one desk.

    One person holds at most `held_at_most` cases at once. Whoever made more than `share_percent` of the decisions on
    one school's cases in the last `days` days, of at least `of_at_least`, is given another school's next, if one is
    among the `among_oldest` that wait longest. Where cases are decided together, the attendance of one stands out
    when it is more than `apart_points` percentage points from the middle of at least `apart_of_at_least`.
    """

    held_at_most: int = Field(ge=1, le=100)
    share_percent: int = Field(ge=34, le=100)
    of_at_least: int = Field(ge=2, le=1000)
    days: int = Field(ge=1, le=366)
    among_oldest: int = Field(ge=2, le=100)
    apart_points: int = Field(ge=1, le=100)
    apart_of_at_least: int = Field(ge=3, le=100)


class Accounts(Shape):
    """A bank account that money may go to: how many hours nothing is paid to a new one."""

    hold_hours: int = Field(ge=1, le=720)


class Retention(Shape):
    """How long what is known of a person is kept, each counted from the last thing that happened.

    `claim_years`: after money was paid; `finished_years`: after a class without a claim; `closed_years`: after an
    enrolment that came to nothing; `nothing_days`: a record without an enrolment. `account_days`, `message_days`
    and `visit_days` are for single rows; `notice_days`: how long before the end the person is told; `example`: no
    notice has fixed them.
    """

    claim_years: int = Field(ge=1, le=30)
    finished_years: int = Field(ge=1, le=30)
    closed_years: int = Field(ge=1, le=30)
    nothing_days: int = Field(ge=30, le=3660)
    account_days: int = Field(ge=30, le=3660)
    message_days: int = Field(ge=30, le=3660)
    visit_days: int = Field(ge=1, le=3660)
    notice_days: int = Field(ge=1, le=180)
    example: bool


class Looks(Shape):
    """How many people one member of staff may open in a day before somebody asks.

    Above `a_day` looks or `full_numbers_a_day` a day stands out; so does one, of `at_least` looks, that lies more
    than `deviations` median distances above the median of the desk's days in the last `days` days.
    """

    a_day: int = Field(ge=1, le=5000)
    full_numbers_a_day: int = Field(ge=1, le=5000)
    at_least: int = Field(ge=1, le=5000)
    deviations: int = Field(ge=1, le=20)
    days: int = Field(ge=7, le=366)


class Exports(Shape):
    """A list with people in it that is taken out: at most `max_rows`, to be downloaded `downloads` times within
    `hours` after it was agreed to."""

    max_rows: int = Field(ge=1, le=100_000)
    hours: int = Field(ge=1, le=168)
    downloads: int = Field(ge=1, le=20)


class Offers(Shape):
    """A freed seat is kept for who is asked for `hours`, in the last `near_days` before the class for `near_hours`.

    Whoever lets `misses` offers pass leaves the line. History of how many seats come free: classes that began in
    the last `history_days`, told only where there were `history_classes` of them.
    """

    hours: int = Field(ge=1, le=168)
    near_days: int = Field(ge=0, le=30)
    near_hours: int = Field(ge=1, le=168)
    misses: int = Field(ge=1, le=10)
    history_days: int = Field(ge=30, le=1500)
    history_classes: int = Field(ge=1, le=50)
