"""Putting classes into the catalogue: what they are found by, what they bring, how they went.

Steps: they work inside the caller's transaction. Nothing here is about a person, so the trail holds none of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import cast

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from training.courses.models import CatalogueVersion, ClassRun, Course, PastClass
from training.courses.rules import Spell, search_words, share_of, terms_of
from training.courses.seats import touch_catalogue
from training.errors import NotThere
from training.policy.models import Family
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.policy.rules import amount_due

TUITION: Family = "tuition"
Taught = tuple[str, str, str]


def publish_classes(session: Session, pack: Pack, runs: Iterable[ClassRun]) -> None:
    """Save classes with what the catalogue shows of them: search words, subsidy, pass rate.

    To be called whenever a class, its course, its school or the results of past classes were changed. Each class
    must know its course, and the course its institution; all are added to the session.
    """
    classes = list(runs)
    session.add_all(classes)
    session.flush()
    spell = speller(pack)
    rates = _pass_rates(session, {_taught(run.course) for run in classes})
    for run in classes:
        run.search_words = search_words(_texts(pack, run), spell)
        run.subsidy_fen = highest_tuition(pack, run)
        run.pass_rate = rates.get(_taught(run.course))
    session.flush()
    _touch(session, [run.id for run in classes])


def recount_results(session: Session, institution_id: str) -> None:
    """Count the pass rates of an institution's classes again, after rows of past classes were added."""
    session.flush()
    mine = select(ClassRun).join(ClassRun.course).where(Course.institution_id == institution_id)
    classes = session.scalars(mine).all()
    rates = _pass_rates(session, {_taught(run.course) for run in classes})
    for run in classes:
        run.pass_rate = rates.get(_taught(run.course))
    session.flush()
    _touch(session, [institution_id])


def _touch(session: Session, ids: Sequence[str]) -> None:
    if len(ids) == 1:
        touch_catalogue(session, ids[0])
    elif ids:
        every = update(CatalogueVersion).values(n=CatalogueVersion.n + 1)
        session.execute(every.execution_options(synchronize_session=False))


def highest_tuition(pack: Pack, run: ClassRun) -> int:
    """What the notice in force on the day the class starts pays at most for it, in fen; 0 for nothing."""
    try:
        notice = notice_for(pack, run.district, run.starts_on)
    except NotThere:
        return 0
    family = notice.families.get(TUITION)
    return amount_due(family, terms_of(run), None).fen if family else 0


def speller(pack: Pack) -> Spell:
    """Readings of Chinese text. pypinyin is loaded here, when something is saved, and never by a search."""
    names = pack.pronunciation
    return _speller(tuple(names.surnames.items()), tuple((names.places | names.words).items()))


@lru_cache(maxsize=4)
def _speller(surnames: tuple[tuple[str, str], ...], phrases: tuple[tuple[str, str], ...]) -> Spell:
    """Kept for the process: pypinyin counts its whole dictionary anew for each set of phrases it learns."""
    from pypinyin import Style, lazy_pinyin, load_phrases_dict

    double = [(name, said) for name, said in surnames if len(name) > 1]
    load_phrases_dict({name: [[one] for one in said.split()] for name, said in (*phrases, *double)})
    single = {name: [_plain(said)] for name, said in surnames if len(name) == 1}

    @lru_cache(maxsize=4096)
    def spell(text: str) -> Sequence[Sequence[str]]:
        said = lazy_pinyin(text, style=Style.NORMAL)
        as_name = single.get(text[:1], said[:1])
        return [said] if as_name == said[:1] else [said, as_name + said[1:]]

    return cast(Spell, spell)


def _plain(said: str) -> str:
    decomposed = unicodedata.normalize("NFD", said)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _texts(pack: Pack, run: ClassRun) -> list[str]:
    course, school = run.course, run.course.institution
    texts = [course.title, course.title_en, school.name, school.name_en]
    if trade := pack.occupations.get(course.occupation):
        texts += [trade.name_zh, trade.name_en, *trade.aliases]
    if place := pack.districts.get(run.district):
        texts += [place.name_zh, place.name_en]
    return texts


def _taught(course: Course) -> Taught:
    return course.institution_id or course.institution.id, course.occupation, course.level.value


def _pass_rates(session: Session, taught: Collection[Taught]) -> dict[Taught, int]:
    """Whole per cent by institution, occupation and level; nothing where fewer than ten were examined."""
    what = (PastClass.institution_id, PastClass.occupation, PastClass.level)
    counts = select(*what, func.sum(PastClass.passed), func.sum(PastClass.examined)).group_by(*what)
    schools = sorted({institution for institution, _, _ in taught})
    rows = session.execute(counts.where(PastClass.institution_id.in_(schools)))
    shares = {
        (one, trade, level.value): share_of(int(passed), int(of)) for one, trade, level, passed, of in rows
    }
    return {key: share.percent for key, share in shares.items() if share is not None}
