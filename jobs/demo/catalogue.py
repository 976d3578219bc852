"""Invented institutions, their courses, and classes of the next months; the class cases of contract §5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from jobs.demo.chance import Chance
from jobs.demo.timetable import first_day, last_day
from jobs.demo.words import CourseWords, SchoolLine
from training.courses.models import ClassRun, ClassStatus, Course, Level, PastClass, Rhythm
from training.institutions.models import Grade, GradeLetter, Institution, InstitutionStatus, Nature
from training.policy.pack import Occupation, Pack
from training.policy.queries import occupations_of

HOME, ELSEWHERE = "500106", "500107"
HOURS: Mapping[str, int] = {"special": 60, "5": 96, "4": 120, "3": 150, "2": 180, "1": 200}
FEES: Mapping[str, int] = {"special": 80000, "5": 150000, "4": 200000, "3": 300000, "2": 400000, "1": 550000}
SCORES: Mapping[str, tuple[int, int]] = {"A": (90, 99), "B": (75, 89), "C": (60, 74), "D": (40, 59)}
COMMON = ("5", "5", "5", "4", "4", "3")
OPEN_DAYS = 75
COURSES_OF_EACH = 4
RUNS_AHEAD = 3
REGISTERED = {Nature.SCHOOL: "52", Nature.PUBLIC: "12", Nature.ENTERPRISE: "91"}


@dataclass(frozen=True)
class ClassCase:
    """One of the classes that outside checks look for."""

    case: str
    school: int
    occupation: str
    level: str
    seats: int
    starts_in: int
    status: ClassStatus = ClassStatus.ENROLLING
    opens_in: int = -30
    open_to_self_payers: bool = False


CASES = (
    ClassCase("open", 0, "6-31-01-03", "5", 200, 19),
    ClassCase("self_pay", 1, "4-10-01-05", "5", 80, 20, open_to_self_payers=True),
    ClassCase("one_seat", 2, "4-03-02-02", "5", 24, 19),
    ClassCase("full", 1, "4-10-01-01", "5", 20, 18),
    ClassCase("not_yet_open", 3, "6-18-01-01", "5", 30, 54, ClassStatus.PUBLISHED, opens_in=21),
    ClassCase("started", 0, "6-18-02-04", "5", 24, -9, ClassStatus.RUNNING, opens_in=-60),
    ClassCase("suspended_school", 5, "6-29-01-01", "5", 30, 21),
)

EARLIER = (
    ClassCase("closed", 1, "4-10-01-06", "5", 30, -160, ClassStatus.CLOSED, opens_in=-220),
    ClassCase("claimed", 0, "6-29-03-05", "5", 30, -85, ClassStatus.CLAIMED, opens_in=-140),
    ClassCase("certified", 3, "6-18-01-02", "5", 24, -60, ClassStatus.CERTIFIED, opens_in=-120),
    ClassCase("exam_done", 2, "4-03-02-01", "5", 24, -45, ClassStatus.EXAM_DONE, opens_in=-100),
    ClassCase("finished", 2, "4-03-02-04", "5", 20, -30, ClassStatus.FINISHED, opens_in=-90),
)


@dataclass
class Catalogue:
    """Everything that is taught. `cases` are the classes of contract §5, `earlier` those that have ended, by word."""

    institutions: list[Institution]
    courses: list[Course]
    classes: list[ClassRun]
    cases: dict[str, ClassRun]
    earlier: dict[str, ClassRun]
    past: list[PastClass]
    grades: list[Grade]


class Planner:
    """Plans schools and classes around `day`."""

    def __init__(self, chance: Chance, pack: Pack, words: CourseWords, day: date) -> None:
        self.chance, self.pack, self.words, self.day = chance, pack, words, day
        self._place = 0

    def catalogue(self, lines: list[SchoolLine]) -> Catalogue:
        """All of it, in the order of the list of schools."""
        made = [(line, self.institution(line)) for line in lines]
        courses = [course for line, school in made for course in self.courses(line, school)]
        schools = [school for _, school in made]
        here = [school for school in schools if school.district == HOME]
        cases, earlier = (
            {case.case: self.case(case, here[case.school], courses) for case in kind}
            for kind in (CASES, EARLIER)
        )
        taking = [course for course in courses if course.institution.takes_new_classes]
        ahead = [run for course in taking for run in self.ahead(course)]
        return Catalogue(
            institutions=schools,
            courses=courses,
            classes=[*cases.values(), *earlier.values(), *ahead],
            cases=cases,
            earlier=earlier,
            past=[row for school in schools for row in self.past(school, courses)],
            grades=[row for school in schools for row in self.grades(school)],
        )

    def institution(self, line: SchoolLine) -> Institution:
        nature, place = Nature(line.nature), self.pack.districts[line.district]
        status = InstitutionStatus(line.status)
        self._place += 1
        return Institution(
            id=self.chance.id(),
            name=line.name.zh,
            name_en=line.name.en,
            nature=nature,
            status=status,
            status_since=self.day - timedelta(days=self.chance.randint(20, 900)),
            status_reason=REASONS.get(status, ""),
            district=line.district,
            credit_code=self.chance.credit_code(REGISTERED[nature], _registered_in(line.district)),
            licence=f"人社民{self.day.year - self.chance.randint(2, 9)}{_registered_in(line.district)}{self._place:04d}号",
            licence_until=self.day + timedelta(days=self.chance.randint(200, 1400)),
            address=f"{place.name_zh}{line.street} {self.chance.randint(2, 188)} 号 {self.chance.randint(1, 5)} 楼",
            phone=f"023-0000 2{self._place:03d}",
            grade=GradeLetter(line.grade),
        )

    def grades(self, school: Institution) -> Iterator[Grade]:
        """The grade in force and the one before it; none where the school has none."""
        if school.grade is GradeLetter.NONE:
            return
        for years in (1, 0):
            low, high = SCORES[school.grade.value]
            yield Grade(
                id=self.chance.id(),
                institution_id=school.id,
                letter=school.grade,
                score=self.chance.randint(low, high),
                from_on=date(self.day.year - years, 1, 1),
                basis=f"{self.day.year - years - 1}",
            )

    def courses(self, line: SchoolLine, school: Institution) -> Iterator[Course]:
        """Lower and middle levels of what the school is about; one single ability where there is one."""
        taught = [trade for interest in line.interests for trade in self._trades(interest)]
        for trade in self.chance.sample(taught, min(COURSES_OF_EACH, len(taught))):
            level = self.chance.choice([one for one in COMMON if one in trade.levels])
            yield self.course(school, trade, level)
        abilities = [(code, name) for code, name in self.words.special if self._trade(code) in taught]
        if abilities and self.chance.random() < 0.4:
            code, name = self.chance.choice(abilities)
            yield self.course(school, self._trade(code), "special", (name.zh, name.en))

    def _trades(self, interest: str) -> list[Occupation]:
        return [trade for trade in occupations_of(self.pack, interest) if {"5", "4", "3"} & set(trade.levels)]

    def _trade(self, code: str) -> Occupation:
        return self.pack.occupations[code]

    def course(
        self, school: Institution, trade: Occupation, level: str, title: tuple[str, str] | None = None
    ) -> Course:
        words = self.words
        learn = words.learn[trade.interest]
        said = words.levels.get(level, ["", ""])
        zh, en = title or (f"{trade.name_zh}（{said[0]}）", f"{trade.name_en}, {said[1]}")
        health = words.health if trade.interest in words.needs_health else None
        return Course(
            id=self.chance.id(),
            institution=school,
            institution_id=school.id,
            title=zh,
            title_en=en,
            occupation=trade.code,
            level=Level(level),
            hours=HOURS[level],
            fee_fen=FEES[level] + self.chance.choice((0, 0, 0, 0, 20000, -20000)),
            learn=f"{learn.zh}\n{words.then.zh}",
            learn_en=f"{learn.en}\n{words.then.en}",
            bring="\n".join(text.zh for text in (words.bring, health) if text),
            bring_en="\n".join(text.en for text in (words.bring, health) if text),
        )

    def case(self, case: ClassCase, school: Institution, courses: list[Course]) -> ClassRun:
        """A class of contract §5, of a course of its own."""
        course = self.course(school, self._trade(case.occupation), case.level)
        course.fee_fen = FEES[case.level]
        courses.append(course)
        starts_on = first_day(self.pack.calendar, self.day + timedelta(days=case.starts_in), Rhythm.DAYTIME)
        run = self.run(course, starts_on, Rhythm.DAYTIME, case.seats)
        run.status, run.opens_on = case.status, self.day + timedelta(days=case.opens_in)
        run.open_to_self_payers = case.open_to_self_payers
        return run

    def ahead(self, course: Course) -> Iterator[ClassRun]:
        """The next runs of a course: spread over four months."""
        for number in range(RUNS_AHEAD):
            rhythm = self.chance.choice((Rhythm.DAYTIME, Rhythm.DAYTIME, Rhythm.EVENINGS, Rhythm.WEEKENDS))
            starts_in = 3 + number * 38 + self.chance.randrange(36)
            starts_on = first_day(self.pack.calendar, self.day + timedelta(days=starts_in), rhythm)
            run = self.run(course, starts_on, rhythm)
            run.open_to_self_payers = self.chance.random() < 0.3
            yield run

    def run(self, course: Course, starts_on: date, rhythm: Rhythm, seats: int | None = None) -> ClassRun:
        school, seats = course.institution, seats or self.chance.choice((20, 24, 30, 30, 36, 40))
        opens_on = starts_on - timedelta(days=OPEN_DAYS)
        words = self.words.timetable[rhythm.value]
        return ClassRun(
            id=self.chance.id(),
            course=course,
            course_id=course.id,
            district=school.district,
            status=ClassStatus.ENROLLING if opens_on <= self.day else ClassStatus.PUBLISHED,
            opens_on=opens_on,
            starts_on=starts_on,
            ends_on=last_day(self.pack.calendar, starts_on, rhythm, course.hours),
            rhythm=rhythm,
            timetable=words.zh,
            timetable_en=words.en,
            address=school.address,
            seats=seats,
            seats_left=seats,
            waiting=0,
            last_place=0,
            held_without_code=0,
            takes_waiting=True,
            open_to_self_payers=False,
        )

    def past(self, school: Institution, courses: list[Course]) -> Iterator[PastClass]:
        """How earlier classes went; nothing for schools that are new."""
        if school.grade is GradeLetter.NONE:
            return
        for course in (one for one in courses if one.institution is school):
            good = {"A": 0.95, "B": 0.88, "C": 0.76, "D": 0.6}[school.grade.value]
            for number in range(self.chance.choice((0, 2, 3, 4))):
                enrolled = self.chance.randint(16, 36)
                examined = enrolled - self.chance.randint(0, 3)
                passed = min(examined, round(examined * (good + self.chance.uniform(-0.06, 0.05))))
                ended_on = self.day - timedelta(days=60 + 90 * number + self.chance.randrange(60))
                has_jobs = (self.day - ended_on).days > 200
                placed = round(passed * self.chance.uniform(0.5, 0.85)) if has_jobs else None
                yield PastClass(
                    id=self.chance.id(),
                    institution_id=school.id,
                    occupation=course.occupation,
                    level=course.level,
                    ended_on=ended_on,
                    enrolled=enrolled,
                    examined=examined,
                    passed=passed,
                    placed=placed,
                )


REASONS = {
    InstitutionStatus.SUSPENDED: "检查发现签到名单和到课的人对不上，整改期间不开新班。",
    InstitutionStatus.RECTIFYING: "消防通道被占用，限期整改。",
    InstitutionStatus.DELISTED: "办学许可证到期未延续。",
}


def _registered_in(district: str) -> str:
    """The area code of a registration, which is older than the newest districts and zones."""
    return {"500157": "500112", "X50001": "500107", "X50002": "500110"}.get(district, district)
