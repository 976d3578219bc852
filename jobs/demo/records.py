"""Two files of old payments, so that their desk is alive: one that is in, one that waits for somebody.

They go the way of every file: sent, read, and the first one imported. The same day makes the same files, so that a
second try finds them there.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from stdnum.cn import ric

from jobs.demo import words
from jobs.demo.chance import SEED
from training.audit import Actor, ActorKind
from training.database import db
from training.policy.pack import Pack
from training.records import operations
from training.records.models import ImportStatus
from training.records.queries import one_import
from training.staff.models import StaffAccount

AREA = "512325"  # an old code under which nobody else of the demo was born
SENDER = "reviewer-municipal-1"
JIANGJIN, WANZHOU = "江津区2021年已付培训补贴.csv", "万州2019-2023已付补贴.csv"
FIRST, SECOND = (34, date(2021, 3, 1)), (140, date(2019, 2, 11))
LEVELS = ("五级", "四级", "三级")
OLD_LEVELS = {"五级": "初级", "四级": "中级", "三级": "高级"}
TRADES = ("中式烹调师", "家政服务员", "电工", "焊工", "保育师", "中式面点师")
OWN_WORDS = {7: "家政护理", 19: "灶上活", 33: "家政护理", 51: "看护", 80: "灶上活", 101: "家政护理"}
Row = list[str]


@dataclass(frozen=True)
class Line:
    """One payment of a district's book."""

    name: str
    number: str
    trade: str
    level: str
    yuan: int
    on: date


def file_records(pack: Pack, folder: Path) -> None:
    """Send both files as the municipal reviewer, have them read, and let the first one in. Safe to do again."""
    account = db.session().scalars(select(StaffAccount).where(StaffAccount.username == SENDER)).one()
    actor = Actor(ActorKind.STAFF, account.id, account.office, None)
    jiangjin, wanzhou = _files(folder)
    first = _sent(actor, JIANGJIN, jiangjin, pack)
    if first == ImportStatus.CHECKED:
        operations.ask_import(_id_of(actor, JIANGJIN, jiangjin, pack), actor)
        _work(pack)
    _sent(actor, WANZHOU, wanzhou, pack)


def _sent(actor: Actor, name: str, content: bytes, pack: Pack) -> str:
    import_id = _id_of(actor, name, content, pack)
    _work(pack)
    return one_import(db.session(), import_id).status.value


def _id_of(actor: Actor, name: str, content: bytes, pack: Pack) -> str:
    return operations.upload(actor, name, io.BytesIO(content), pack).record.id


def _work(pack: Pack) -> None:
    while operations.work_once(pack):
        pass


def _files(folder: Path) -> tuple[bytes, bytes]:
    chance, names = random.Random(SEED + 9), words.names(folder)
    people = [(_name(chance, names), _number(n)) for n in range(FIRST[0] + SECOND[0])]
    here = list(_lines(chance, people[: FIRST[0]], FIRST[1], 280))
    there = list(_lines(chance, people[FIRST[0] :], SECOND[1], 1700))
    return _csv(_jiangjin(here)), _csv(_wanzhou(here, there))


def _lines(chance: random.Random, people: list[tuple[str, str]], begin: date, days: int) -> Iterator[Line]:
    for name, number in people:
        on = begin + timedelta(days=chance.randrange(days))
        yield Line(
            name, number, chance.choice(TRADES), chance.choice(LEVELS), chance.randrange(9, 25) * 100, on
        )


def _jiangjin(lines: Sequence[Line]) -> Iterator[Row]:
    yield ["姓名", "身份证号码", "工种", "等级", "补贴金额（元）", "付款日期"]
    for one in lines:
        yield [one.name, one.number, one.trade, one.level, f"{one.yuan:,}.00", f"{one.on:%Y-%m-%d}"]


def _wanzhou(known: Sequence[Line], lines: Sequence[Line]) -> Iterator[Row]:
    """A title above, amounts in ten thousands, old levels and old numbers, words of their own, four mistakes, people
    of Jiangjin paid again, and two payments that stand there twice."""
    yield ["万州区 2019 至 2023 年已付培训补贴", "", "", "", "", "单位：万元"]
    yield ["学员姓名", "身份证", "培训专业", "级别", "补贴（万元）", "拨付时间"]
    again = [Line(k.name, k.number, k.trade, k.level, k.yuan, k.on + timedelta(days=200)) for k in known[:4]]
    rows = [_old_row(n, one) for n, one in enumerate([*lines, *again, *lines[40:42]])]
    rows[21][1], rows[45][5], rows[66][4], rows[90][0] = "5123251987022", "2021-02-30", "1500", ""
    yield from rows


def _old_row(n: int, one: Line) -> Row:
    number = one.number[:6] + one.number[8:17] if n % 6 == 0 else one.number
    trade = OWN_WORDS.get(n, one.trade)
    amount, on = f"{one.yuan / 10_000:.2f}", f"{one.on.year}.{one.on.month}.{one.on.day}"
    return [one.name, number, trade, OLD_LEVELS[one.level], amount, on]


def _csv(rows: Iterator[Row]) -> bytes:
    held = io.StringIO(newline="")
    csv.writer(held).writerows(rows)
    return held.getvalue().encode("gb18030")


def _name(chance: random.Random, names: words.Names) -> str:
    return chance.choice(names.surnames) + "".join(chance.sample(names.female, chance.choice((1, 2))))


def _number(n: int) -> str:
    born = date(1966, 3, 1) + timedelta(days=61 * n)
    bare = f"{AREA}{born:%Y%m%d}{(2 * n) % 900 + 20:03d}"
    return bare + str(ric.calc_check_digit(f"{bare}0"))
