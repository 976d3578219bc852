"""Reads a pack from its folder. The only file of this subject that opens files (docs/decisions/0003)."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from training.errors import SettingsError
from training.policy.calendar import Calendar, CalendarDay
from training.policy.cases import Case
from training.policy.models import RANK, Notice, Words
from training.policy.pack import Centre, District, Occupation, Pack, Pronunciation, Renamed
from training.policy.privacy import PrivacyNotice

Table = dict[str, Any]
Row = dict[str, str]
T = TypeVar("T")


def read_pack(folder: Path) -> Pack:
    """The pack in `folder`. Raises SettingsError with the file and the first thing wrong in it."""
    papers = {path.stem: paper(path) for path in sorted((folder / "notices").glob("*.toml"))}
    plain = _toml(folder / "pack.toml")
    try:
        return Pack(
            **plain,
            privacy=tuple(_privacy(path) for path in sorted((folder / "privacy").glob("*.toml"))),
            districts={item.code: item for item in _each(folder / "districts.csv", _district)},
            occupations={item.code: item for item in _each(folder / "occupations.csv", _occupation)},
            renamed=_renamed_of(folder / "renamed_occupations.csv"),
            centres=tuple(_each(folder / "centres.csv", _centre)),
            calendar=Calendar(days={day.day: day for day in _calendar(folder / "calendar")}),
            pronunciation=_read(Pronunciation, folder / "names.toml"),
            papers=tuple(sorted(papers, key=lambda number: (str(papers[number]["in_force_from"]), number))),
            notices={notice.number: notice for notice in notices_of(papers)},
            cases={number: _cases(folder / "cases" / f"{number}.toml") for number in papers},
        )
    except ValidationError as error:
        raise _unreadable(folder / "pack.toml", error) from error


def paper(path: Path) -> Table:
    """A notice as written, each value stamped with the notice's number (the name of the file)."""
    table = _toml(path)
    if table.get("number") != path.stem:
        raise SettingsError(f"{path.name}: number is not the name of the file")
    return _stamped(table, path.stem)


def notices_of(papers: Mapping[str, Table]) -> Iterator[Notice]:
    """Every notice that may be in force: each municipal one, and each with a district's laid over it."""
    for number, table in papers.items():
        if table.get("scope") != "municipal":
            continue
        yield _notice(number, table)
        for over, other in papers.items():
            if other.get("scope") == "district" and _overlap(table, other):
                yield _notice(f"{number}+{over}", merged(table, other))


def merged(municipal: Table, district: Table) -> Table:
    """The municipal notice with the district's values in place of its own; in force while both are."""
    ends = [table["in_force_to"] for table in (municipal, district) if "in_force_to" in table]
    whole = _laid_over(municipal, district)
    whole["number"] = f"{municipal['number']}+{district['number']}"
    whole["in_force_from"] = max(municipal["in_force_from"], district["in_force_from"])
    whole["replaces"] = district.get("replaces")
    return whole | ({"in_force_to": min(ends)} if ends else {})


def _laid_over(below: Table, above: Table) -> Table:
    whole = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(whole.get(key), dict) and "value" not in value
        whole[key] = _laid_over(whole[key], value) if both else value
    return whole


def _overlap(one: Table, other: Table) -> bool:
    return bool(
        one["in_force_from"] <= other.get("in_force_to", date.max)
        and other["in_force_from"] <= one.get("in_force_to", date.max)
    )


def _stamped(table: Table, number: str) -> Table:
    if "value" in table and "status" in table:
        return table | {"notice": number}
    return {
        key: _stamped(value, number) if isinstance(value, dict) else value for key, value in table.items()
    }


def _notice(number: str, table: Table) -> Notice:
    try:
        return Notice.model_validate(table)
    except ValidationError as error:
        raise _unreadable(Path(f"notices/{number}.toml"), error) from error


def _privacy(path: Path) -> PrivacyNotice:
    try:
        return PrivacyNotice.model_validate(_toml(path))
    except ValidationError as error:
        raise _unreadable(path, error) from error


def _cases(path: Path) -> tuple[Case, ...]:
    if not path.exists():
        return ()
    try:
        return tuple(Case.model_validate(case) for case in _toml(path)["cases"])
    except ValidationError as error:
        raise _unreadable(path, error) from error


def _toml(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _unreadable(path: Path, error: ValidationError) -> SettingsError:
    first = error.errors()[0]
    return SettingsError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}")


def _read(shape: type[Pronunciation], path: Path) -> Pronunciation:
    try:
        return shape.model_validate(_toml(path))
    except ValidationError as error:
        raise _unreadable(path, error) from error


def _each(path: Path, make: Callable[[Row], T]) -> Iterator[T]:
    """One thing a line. Raises SettingsError with the line that cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            yield make(row)
        except (KeyError, ValueError, AttributeError) as error:
            raise SettingsError(f"{path}: line {number}: {error}") from error


def _district(row: Row) -> District:
    return District(
        code=row["code"],
        kind=row["kind"],  # type: ignore[arg-type]  # checked by the shape
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        valid_from=_date(row["valid_from"]),
        valid_to=_date(row["valid_to"]),
        successor=row["successor"] or None,
        code_status=row["code_status"],  # type: ignore[arg-type]
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        column=int(row["column"]) if row["column"] else None,
        row=int(row["row"]) if row["row"] else None,
        phone=row["phone"],
        note=row["note"],
    )


def _occupation(row: Row) -> Occupation:
    return Occupation(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        levels=_levels(row["levels"]),
        digital=row["digital"] == "1",
        green=row["green"] == "1",
        aliases=tuple(row["alias_zh"].split("|")) if row["alias_zh"] else (),
        edition=row["edition"],
        certainty=row["certainty"],
        interest=row["interest"],
    )


def _renamed_of(path: Path) -> dict[str, Renamed]:
    found: dict[str, Renamed] = {}
    for item in _each(path, _renamed):
        if item.old_code in found:
            raise SettingsError(f"{path}: {item.old_code} stands there twice")
        found[item.old_code] = item
    return found


def _renamed(row: Row) -> Renamed:
    since = date.fromisoformat(row["from"])
    return Renamed(old_code=row["old_code"], new_code=row["new_code"], since=since, note=row["note"])


def _levels(text: str) -> tuple[Any, ...]:
    """`5-3` → 5, 4, 3; `-`: the occupation has no levels."""
    if text == "-":
        return ()
    lowest, highest = text.split("-")
    between = range(RANK[lowest], RANK[highest] + 1)
    return tuple(level for level, rank in RANK.items() if rank in between)


def _centre(row: Row) -> Centre:
    return Centre(
        **{name: row[name] for name in _CENTRE_TEXT},
        days=tuple(int(day) for day in row["days"]),
        saturday_closes=row["saturday_closes"] or None,
        counters=int(row["counters"]),
        lift=row["lift"] == "1",
        lat=float(row["lat"]),
        lon=float(row["lon"]),
    )


_CENTRE_TEXT = (
    "code",
    "district",
    "name_zh",
    "name_en",
    "address_zh",
    "address_en",
    "phone",
    "opens",
    "closes",
)


def _calendar(folder: Path) -> Iterator[CalendarDay]:
    for path in sorted(folder.glob("*.csv")):
        yield from _each(path, _calendar_day)


def _calendar_day(row: Row) -> CalendarDay:
    return CalendarDay(
        day=date.fromisoformat(row["date"]),
        kind=row["kind"],  # type: ignore[arg-type]
        name=Words(zh=row["name_zh"], en=row["name_en"]),
        status=row["status"],  # type: ignore[arg-type]
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
