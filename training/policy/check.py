"""Is a pack ready to be used? What is missing, one sentence a line, for whoever prepares a province."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel

from training.errors import SettingsError
from training.policy.cases import differences
from training.policy.models import Amounts, Notice, Source, Value
from training.policy.pack import Pack
from training.policy.queries import paper, same_trade
from training.policy.reader import read_pack


def pack_problems(path: str | Path) -> list[str]:
    """What is wrong with the pack in the folder `path`; empty: it is ready."""
    try:
        pack = read_pack(Path(path))
    except SettingsError as error:
        return [str(error)]
    return [*_place_problems(pack), *_notice_problems(pack), *_case_problems(pack)]


def _place_problems(pack: Pack) -> Iterator[str]:
    for unit in pack.districts.values():
        if unit.successor is not None and unit.successor not in pack.districts:
            yield f"districts.csv: {unit.code} has an unknown successor {unit.successor}"
        if unit.valid_to is not None and unit.successor is None:
            yield f"districts.csv: {unit.code} ended and has no successor"
    interests = {interest.code for interest in pack.interests}
    for item in pack.occupations.values():
        if item.interest not in interests:
            yield f"occupations.csv: {item.code} has an unknown interest {item.interest}"
    yield from _renamed_problems(pack)
    for centre in pack.centres:
        if centre.district not in pack.districts:
            yield f"centres.csv: {centre.code} lies in an unknown district {centre.district}"
    served = {centre.district for centre in pack.centres}
    for unit in pack.districts.values():
        if unit.valid_to is None and unit.code not in served:
            yield f"centres.csv: no centre in {unit.code} {unit.name_zh}"
    if not pack.calendar.days:
        yield "calendar: no holidays"


def _renamed_problems(pack: Pack) -> Iterator[str]:
    """An old code leads to an occupation of today, and is none of them itself."""
    for code in pack.renamed:
        newest = same_trade(pack, code)
        if newest in pack.renamed:
            yield f"renamed_occupations.csv: {code} leads in a circle"
        elif newest not in pack.occupations:
            yield f"renamed_occupations.csv: {code} leads to an unknown occupation {newest}"
        if code in pack.occupations:
            yield f"renamed_occupations.csv: {code} is still an occupation of occupations.csv"


def _notice_problems(pack: Pack) -> Iterator[str]:
    yield from _gaps(pack)
    for number, notice in pack.notices.items():
        for code in notice.districts:
            if code not in pack.districts:
                yield f"{number}: unknown district {code}"
        yield from (f"{number}: {text}" for text in _unsourced(notice))
        for family, rule in notice.families.items():
            for code in _occupations(rule.amounts) - set(pack.occupations):
                yield f"{number}: {family} names an unknown occupation {code}"


def _gaps(pack: Pack) -> Iterator[str]:
    """Municipal notices must follow each other without a day between them and without an overlap."""
    municipal = sorted(
        (notice for notice in pack.notices.values() if notice.scope == "municipal"),
        key=lambda notice: notice.in_force_from,
    )
    if not municipal:
        yield "notices: no municipal notice"
    for earlier, later in pairwise(municipal):
        if earlier.in_force_to is None or earlier.in_force_to + timedelta(days=1) != later.in_force_from:
            yield f"notices: {later.number} does not begin the day after {earlier.number} ends"
        if later.replaces != earlier.number:
            yield f"notices: {later.number} does not say that it replaces {earlier.number}"


def _unsourced(notice: Notice) -> Iterator[str]:
    for path, value in values_of(notice):
        if value.status == "confirmed" and value.source not in notice.sources:
            yield f"{path} is confirmed without a source"
        if value.source and value.source not in notice.sources:
            yield f"{path} names an unknown source {value.source}"


def values_of(shape: object, path: str = "") -> Iterator[tuple[str, Value[object]]]:
    """Every value of a notice with its path, in order."""
    if isinstance(shape, Value):
        yield path, shape
    elif isinstance(shape, BaseModel) and not isinstance(shape, Source):
        for name in type(shape).model_fields:
            yield from values_of(getattr(shape, name), f"{path}.{name}".lstrip("."))
    elif isinstance(shape, Mapping):
        for name, inner in shape.items():
            yield from values_of(inner, f"{path}.{name}")


def _occupations(amounts: Amounts) -> set[str]:
    named = [standard.occupations.value for standard in amounts.standards.values()]
    named += [uplift.occupations.value for uplift in amounts.uplifts.values()]
    return {code for codes in named for code in codes}


def _case_problems(pack: Pack) -> Iterator[str]:
    known = {notice.numbers[-1] for notice in pack.notices.values()}
    for number, cases in pack.cases.items():
        if number not in known:
            yield f"notices/{number}.toml: no municipal notice is in force at the same time"
            continue
        if not cases:
            yield f"cases/{number}.toml: no worked cases"
        for case in cases:
            yield from (f"cases/{number}.toml: {text}" for text in differences(case, paper(pack, number)))
