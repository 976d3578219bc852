"""The words that invented people, schools and courses are made of: packs/<province>/demo/."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.policy.models import Words


@dataclass(frozen=True)
class Names:
    """Pieces of people's names, whole names that are hard on forms, and area codes of identity numbers."""

    surnames: str
    double_surnames: list[str]
    male: str
    female: str
    rare: list[str]
    variants: list[list[str]]
    hong_kong: list[str]
    old_areas: list[str]
    new_areas: list[str]


@dataclass(frozen=True)
class SchoolLine:
    """An invented institution as the list has it; `interests` say what it teaches."""

    district: str
    name: Words
    nature: str
    interests: tuple[str, ...]
    grade: str
    status: str
    street: str


@dataclass(frozen=True)
class CourseWords:
    """What courses teach, by interest, and what to bring; `special` are single abilities of an occupation."""

    levels: Mapping[str, list[str]]
    bring: Words
    health: Words
    needs_health: list[str]
    then: Words
    learn: Mapping[str, Words]
    special: list[tuple[str, Words]]
    timetable: Mapping[str, Words]


def names(pack: Path) -> Names:
    """The words for people."""
    return Names(**_toml(pack / "demo" / "names.toml"))


def schools(pack: Path) -> list[SchoolLine]:
    """The invented institutions, in the order of the list."""
    with (pack / "demo" / "institutions.csv").open(encoding="utf-8", newline="") as file:
        return [
            SchoolLine(
                district=row["district"],
                name=Words(zh=row["name_zh"], en=row["name_en"]),
                nature=row["nature"],
                interests=tuple(row["interests"].split("|")),
                grade=row["grade"],
                status=row["status"],
                street=row["street"],
            )
            for row in csv.DictReader(file)
        ]


def courses(pack: Path) -> CourseWords:
    """The words for courses."""
    raw = _toml(pack / "demo" / "courses.toml")
    return CourseWords(
        levels=raw["levels"],
        bring=Words(**raw["bring"]),
        health=Words(**raw["health"]),
        needs_health=raw["needs_health"],
        then=Words(**raw["then"]),
        learn={interest: Words(**words) for interest, words in raw["learn"].items()},
        special=[(item["occupation"], Words(**item["name"])) for item in raw["special"]],
        timetable={rhythm: Words(**words) for rhythm, words in raw["timetable"].items()},
    )


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
