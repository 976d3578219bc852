"""What the page of the job centres shows for a district and a word."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from babel.dates import get_day_names
from flask_babel import get_locale, gettext, pgettext

from training.errors import NotThere
from training.policy.pack import Centre, District, Pack
from training.policy.queries import centres_in, centres_named, centres_near, district_now, districts_on

Near = tuple[Centre, int]
NEIGHBOURS = 2


@dataclass(frozen=True)
class Found:
    """`here` the centres found; `near` those of other districts with their distance in whole km.

    `without_word` where the word finds nothing: the centres of the district all the same. `counts` by district.
    """

    district: District | None
    words: str
    unreadable: bool
    here: list[Centre]
    without_word: list[Centre]
    near: list[Near]
    districts: list[District]
    counts: Counter[str]


def find_centres(pack: Pack, district: str, words: str, on: date) -> Found:
    """The centres of a district (empty: of the city) with `words` in name or address."""
    unit = _unit(pack, district, on)
    named = centres_named(pack, words)
    here = [centre for centre in named if unit is None or centre.district == unit.code]
    return Found(
        district=unit,
        words=words,
        unreadable=bool(district) and unit is None,
        here=here,
        without_word=centres_in(pack, unit.code) if unit and not here else [],
        near=_neighbours(pack, unit) if unit else [],
        districts=districts_on(pack, on),
        counts=Counter(centre.district for centre in pack.centres),
    )


def opening_hours(centre: Centre) -> str:
    """`周一至周五 09:00–17:00` / `Mon–Fri 09:00–17:00`, and Saturday morning where there is one."""
    hours = f"{_weekdays(centre.days)} {centre.opens}–{centre.closes}"
    if not centre.saturday_closes:
        return hours
    return str(gettext("%(hours)s, Saturday until %(closes)s", hours=hours, closes=centre.saturday_closes))


def _weekdays(days: tuple[int, ...]) -> str:
    names = get_day_names("abbreviated", locale=get_locale())
    said = [names[number - 1] for number in days]
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return str(gettext("%(first)s–%(last)s", first=said[0], last=said[-1]))
    return str(pgettext("list", ", ")).join(said)


def _unit(pack: Pack, code: str, on: date) -> District | None:
    try:
        return district_now(pack, code, on)
    except NotThere:
        return None


def _neighbours(pack: Pack, unit: District) -> list[Near]:
    others = [(centre, km) for centre, km in centres_near(pack, unit.code) if centre.district != unit.code]
    return [(centre, max(1, round(km))) for centre, km in others[:NEIGHBOURS]]
