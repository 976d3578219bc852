"""Reads for everybody who asks the law: the pack, the notice in force, places, occupations, centres."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from unicodedata import normalize

from training.errors import NotThere
from training.policy.cases import Case
from training.policy.facts import Wanted
from training.policy.models import Notice
from training.policy.pack import Centre, District, Occupation, Pack
from training.policy.reader import read_pack

EARTH_KM = 6371.0


@lru_cache(maxsize=4)
def load_pack(path: str | Path) -> Pack:
    """The pack in the folder `path`, read once a process. Raises SettingsError when it cannot be read."""
    return read_pack(Path(path))


def notice_for(pack: Pack, district: str, on: date) -> Notice:
    """The notice in force in `district` on `on`: the municipal one, with the district's laid over it.

    The only door to a rule: for a class, `on` is the day it starts. Raises NotThere where none is in force.
    """
    in_force = [notice for notice in pack.notices.values() if notice.is_in_force(on)]
    here = [notice for notice in in_force if district in notice.districts]
    everywhere = [notice for notice in in_force if notice.scope == "municipal"]
    for notice in (*here, *everywhere):
        return notice
    raise NotThere(f"no notice in force on {on}")


def notice_numbered(pack: Pack, number: str) -> Notice:
    """The notice stored with a claim, in force or not. Raises NotThere."""
    if number not in pack.notices:
        raise NotThere(number)
    return pack.notices[number]


def paper(pack: Pack, number: str) -> Notice:
    """The paper with this number as it stands in its notice: for a district's, laid over the municipal one.

    A reason's basis names papers. Raises NotThere.
    """
    found = [notice for notice in pack.notices.values() if notice.numbers[-1] == number]
    if not found:
        raise NotThere(number)
    return found[-1]


def papers(pack: Pack) -> list[Notice]:
    """Every paper of the pack, newest first: in force, to come, or ended."""
    return [paper(pack, number) for number in reversed(pack.papers)]


def successor_of(pack: Pack, notice: Notice) -> Notice | None:
    """The notice that replaced this one; None while it stands."""
    return next((other for other in pack.notices.values() if other.replaces == notice.numbers[-1]), None)


def cases_of(pack: Pack, notice: Notice) -> tuple[Case, ...]:
    """The worked cases of the papers that make `notice`, the last paper's own first."""
    return tuple(case for number in reversed(notice.numbers) for case in pack.cases[number])


def district(pack: Pack, code: str) -> District:
    """The unit with this code, in force or gone. Raises NotThere."""
    if code not in pack.districts:
        raise NotThere(code)
    return pack.districts[code]


def districts_on(pack: Pack, on: date) -> list[District]:
    """The units that exist on `on`, development zones last."""
    existing = [unit for unit in pack.districts.values() if unit.exists(on)]
    return sorted(existing, key=lambda unit: (unit.kind == "development_zone", unit.code))


def district_now(pack: Pack, code: str, on: date) -> District:
    """The unit that stands for `code` on `on`: itself, or the one that took over. Raises NotThere."""
    unit = district(pack, code)
    while not unit.exists(on) and unit.successor is not None:
        unit = district(pack, unit.successor)
    if not unit.exists(on):
        raise NotThere(code)
    return unit


def occupation(pack: Pack, code: str) -> Occupation:
    """The occupation with this code. Raises NotThere."""
    if code not in pack.occupations:
        raise NotThere(code)
    return pack.occupations[code]


def same_trade(pack: Pack, code: str) -> str:
    """The one code that counts for an occupation, whatever it was called when something was paid for it: the newest.

    A code that was never renamed, or is unknown, stands for itself.
    """
    passed = {code}
    while code in pack.renamed and pack.renamed[code].new_code not in passed:
        code = pack.renamed[code].new_code
        passed.add(code)
    return code


def codes_of_trade(pack: Pack, code: str) -> frozenset[str]:
    """Every code that the occupation behind `code` has or had."""
    newest = same_trade(pack, code)
    return frozenset({newest, code, *(old for old in pack.renamed if same_trade(pack, old) == newest)})


def occupations_of(pack: Pack, interest: str) -> list[Occupation]:
    """The occupations of an interest (`wants`); for `undecided` all."""
    return [item for item in pack.occupations.values() if interest in {item.interest, "undecided"}]


def wanted(pack: Pack, interest: str) -> Wanted:
    """What somebody with this interest may choose first: each occupation at its lowest level."""
    return Wanted(
        tuple((item.code, item.levels[0]) for item in occupations_of(pack, interest) if item.levels)
    )


def distance_km(one: District | Centre, other: District | Centre) -> float:
    """The distance over ground between two places, in kilometres."""
    lat1, lat2 = radians(one.lat), radians(other.lat)
    half_lat, half_lon = (lat2 - lat1) / 2, radians(other.lon - one.lon) / 2
    return 2 * EARTH_KM * asin(sqrt(sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2))


def districts_near(pack: Pack, code: str) -> tuple[str, ...]:
    """The codes of all districts, the nearest to this one first."""
    middle = pack.districts[code]
    near = sorted(pack.districts.values(), key=lambda other: (distance_km(middle, other), other.code))
    return tuple(other.code for other in near)


def centres_in(pack: Pack, code: str) -> list[Centre]:
    """The centres of a district."""
    return [centre for centre in pack.centres if centre.district == code]


def centres_named(pack: Pack, words: str) -> list[Centre]:
    """The centres with these words in their name or address, in either language; all of them without words."""
    sought = normalize("NFKC", words).casefold().split()
    return [centre for centre in pack.centres if all(word in _said_of(centre) for word in sought)]


def _said_of(centre: Centre) -> str:
    said = (centre.name_zh, centre.name_en, centre.address_zh, centre.address_en)
    return normalize("NFKC", " ".join(said)).casefold()


def centres_near(pack: Pack, code: str) -> list[tuple[Centre, float]]:
    """All centres with their distance in km from the middle of the district, nearest first."""
    middle = district(pack, code)
    return sorted(
        ((centre, distance_km(middle, centre)) for centre in pack.centres), key=lambda near: near[1]
    )
