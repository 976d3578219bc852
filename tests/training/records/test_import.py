"""Old payments come in as a whole, count from one moment on, and go as a whole."""

from __future__ import annotations

import io
import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select, update

from tests import make
from tests.training.enrolments.people import enrolled, proved, registered
from tests.training.records.conftest import PACK
from tests.training.records.files import (
    HECHUAN,
    JIULONGPO,
    SHAPES,
    TRADES,
    WANZHOU,
    YUZHONG,
    Payment,
    number_of,
    payments,
    spoil,
)
from training import audit, seals
from training.audit import AuditEvent, EventName, SubjectKind
from training.clock import today
from training.database import db, transaction
from training.enrolments.operations import Choice, enrol
from training.entitlements.models import Entitlement, PastBatch
from training.entitlements.queries import entitlements_of, history_of
from training.errors import NotAllowedNow, NotEligible
from training.people.models import Person, PersonKey
from training.people.operations.many import RECORDS_BASIS
from training.policy.pack import Pack, Renamed
from training.records import operations
from training.records.models import FindingKind, RecordImport, RecordPart, RecordRow
from training.records.operations import importing
from training.records.queries import all_findings, double_sums, findings, one_import

TRADE = "4-03-02-02"
HERE, THERE = "500101", "500107"


def count(*models: Any) -> list[int]:
    return [db.session().scalar(select(func.count()).select_from(model)) or 0 for model in models]


def seen(row: RecordImport, kind: FindingKind = FindingKind.ERROR) -> list[tuple[int, str, str]]:
    return [(one.row, one.heading, one.code) for one in all_findings(db.session(), row.id, kind)]


def paid(n: int, on: date, **changes: Any) -> Payment:
    return replace(Payment("冉小满", number_of(n), TRADE, "5", 150_000, on), **changes)


# --- the dry run ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_district_s_own_shape_comes_in_whole(shape, bring) -> None:
    wanted = list(payments(120))
    row = bring(shape.file(wanted), "万州.csv", district=HERE, into=True)
    assert (row.status, row.rows, row.wrong, row.unknown, row.failure) == ("imported", 120, 0, {}, None)
    assert row.amount_fen == sum(one.amount_fen for one in wanted)
    session, index = db.session(), Person.number.index_of
    for one in wanted[::17]:
        person = session.scalars(select(Person).where(Person.number_index == index(one.number))).one()
        assert (person.name, person.number, person.consent_version) == (one.name, one.number, RECORDS_BASIS)
        [had] = entitlements_of(session, person.id)
        assert (had.occupation, had.level, had.on_date) == (one.occupation, one.level, one.on)
        assert (had.amount_fen, had.year, had.state, had.source) == (
            one.amount_fen,
            one.on.year,
            "used",
            "imported",
        )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_A59_every_mistake_is_named_by_row_and_column_and_nothing_comes_in(shape, bring, reviewer) -> None:
    content, planted = spoil(shape, payments(260), every=5)
    row = bring(content, "x.csv", district=HERE)
    assert seen(row) == planted
    assert (row.status, row.wrong, row.good) == ("checked", len(planted), 260 - len(planted))
    with pytest.raises(NotAllowedNow) as refused:
        operations.ask_import(row.id, reviewer)
    assert refused.value.reasons == ("rows_wrong",)
    assert count(Person, Entitlement) == [0, 0]


def test_A62_nothing_that_is_kept_of_a_file_is_readable(bring) -> None:
    wanted = list(payments(30))
    row = bring(spoil(JIULONGPO, wanted, every=4)[0], district=HERE)
    kept = [str(one) for one in db.session().execute(select(RecordRow.sealed)).scalars()]
    kept += [str(part) for part in db.session().execute(select(RecordPart.sealed)).scalars()]
    kept += [f"{one.said} {one.facts}" for one in all_findings(db.session(), row.id, FindingKind.ERROR)]
    kept += [str(row.example)]
    for one in wanted:
        assert not any(one.number in text or one.name in text for text in kept)


def test_sums_below_the_table_and_empty_rows_are_no_payments(bring) -> None:
    lines = [*WANZHOU.lines(list(payments(3))), [], ["", " "], ["制表人：", "某人"]]
    row = bring(WANZHOU.make(lines), district=HERE)
    assert (row.rows, row.good, row.remarks["totals"]) == (3, 3, 2)


def test_columns_are_mapped_once_for_a_shape_of_a_district(bring, reviewer, work) -> None:
    lines = [
        ["谁", "号", "啥", "级", "钱", "哪天"],
        *(JIULONGPO.row(n, one)[:6] for n, one in enumerate(payments(9))),
    ]
    row = bring(JIULONGPO.make(lines), district=HERE)
    with pytest.raises(NotAllowedNow) as refused:
        operations.ask_import(row.id, reviewer)
    assert refused.value.reasons == ("columns_missing", "no_rows")
    fields = ("name", "number", "occupation", "level", "amount", "paid_on")
    operations.map_columns(row.id, reviewer, {name: n for n, name in enumerate(fields)}, pack=PACK)
    work()
    assert one_import(db.session(), row.id).good == 9
    other = bring(JIULONGPO.make([*lines, JIULONGPO.row(9, next(payments(1, first=9)))[:6]]), district=HERE)
    assert (other.good, other.wrong) == (10, 0)
    elsewhere = bring(JIULONGPO.make([*lines[:4]]), district=THERE)
    assert elsewhere.columns == {}


def test_words_for_occupations_are_queued_mapped_and_remembered(bring, reviewer, work) -> None:
    def file(first: int) -> bytes:
        own = ["", "灶上活", "面点", "灶上活"]
        rows = [JIULONGPO.row(n, one) for n, one in enumerate(payments(4, first=first))]
        return JIULONGPO.make(
            [JIULONGPO.headings, *([*r[:2], w or r[2], *r[3:]] for r, w in zip(rows, own, strict=True))]
        )

    row = bring(file(0), district=HERE)
    assert (row.unknown, row.unmapped, row.good) == ({"灶上活": 2}, 2, 2)
    with pytest.raises(NotAllowedNow) as refused:
        operations.ask_import(row.id, reviewer)
    assert refused.value.reasons == ("occupations_unmapped",)
    operations.map_occupations(row.id, reviewer, {"灶上活": TRADE}, PACK)
    work()
    assert (one_import(db.session(), row.id).unknown, one_import(db.session(), row.id).good) == ({}, 4)
    assert bring(file(10), district=HERE).unknown == {}
    assert bring(file(20), district=THERE).unknown == {"灶上活": 2}


def test_which_district_is_read_from_a_column_the_name_of_the_file_or_asked(bring, reviewer) -> None:
    mixed = [replace(one, district=HERE if n % 2 else "500117") for n, one in enumerate(payments(6))]
    row = bring(HECHUAN.file(mixed), into=True)
    found = db.session().scalars(select(Entitlement.district)).all()
    assert Counter(found) == {HERE: 3, "500117": 3}
    assert bring(JIULONGPO.file(payments(2, first=50)), "九龙坡2019已付.csv").district == THERE
    nobody = bring(JIULONGPO.file(payments(2, first=60)), "book.csv")
    with pytest.raises(NotAllowedNow) as refused:
        operations.ask_import(nobody.id, reviewer)
    assert refused.value.reasons == ("district_missing",)
    assert row.status == "imported"


def test_A58_a_file_that_explodes_while_it_is_read_fails_by_name(bring, monkeypatch) -> None:
    from training.records.operations import reading
    from training.records.reading.limits import LIMITS

    monkeypatch.setattr(reading, "LIMITS", replace(LIMITS, rows=50))
    row = bring(JIULONGPO.file(payments(60)), district=HERE)
    assert (row.status, row.failure, count(RecordPart, RecordRow)) == ("failed", "too_many_rows", [0, 0])
    again = bring(JIULONGPO.file(payments(60)), district=HERE)
    assert again.id != row.id


# --- all or nothing ------------------------------------------------------------------------------------------


def test_A27_never_twice_knows_the_past(bring, registries, reviewer, work, clock) -> None:
    """cap_reached for the year, already_paid_same_level for ever, and neither once the import is undone."""
    course = make.make_course()
    class_run = make.make_class(course=course)
    this_year, long_ago = registered(), registered(birth_on=date(1986, 1, 1))
    registries.know(this_year, long_ago)
    rows = [
        Payment(this_year.name, this_year.number, TRADE, "4", 150_000, date(2026, 3, 1)),
        Payment(
            long_ago.name, long_ago.number, course.occupation, course.level.value, 150_000, date(2021, 3, 1)
        ),
    ]
    row = bring(JIULONGPO.file(rows), district=THERE, into=True)
    for person, reason in ((this_year, "cap_reached"), (long_ago, "already_paid_same_level")):
        clock.shift(timedelta(minutes=1))
        with pytest.raises(NotEligible) as refused:
            enrolled(registries, person, class_run.id)
        assert reason in refused.value.reasons
    operations.undo(row.id, reviewer)
    for person in (this_year, long_ago):
        clock.shift(timedelta(minutes=5))
        assert enrolled(registries, person, class_run.id).status == "enrolled"
    work()
    assert count(Entitlement) == [2]


def test_A27_never_twice_under_a_code_from_before_the_trade_was_renamed(bring, registries, clock) -> None:
    """Imported under a code that the pack says later was the trade's old one: refused from then on."""
    course = make.make_course()
    class_run, person, old = make.make_class(course=course), registered(), "6-99-01-01"
    registries.know(person)
    before = Payment(person.name, person.number, TRADE, course.level.value, 150_000, date(2021, 3, 1))
    row = bring(JIULONGPO.file([before]), district=THERE, into=True)
    past = update(Entitlement).where(Entitlement.batch_id == row.id)
    transaction(lambda session: session.execute(past.values(occupation=old)))
    pack = with_renamed(old, course.occupation)
    clock.shift(timedelta(minutes=1))
    draft = proved(registries, person, class_run.id)
    with pytest.raises(NotEligible) as refused:
        enrol(draft, class_run.id, Choice(draft.idempotency_key), pack, today())
    assert refused.value.reasons == ("already_paid_same_level",)
    owner = db.session().scalars(select(Entitlement.person_id)).one()
    [known] = history_of(entitlements_of(db.session(), owner), pack)
    assert (known.occupation, known.is_of(old)) == (course.occupation, True)
    clock.shift(timedelta(minutes=5))
    assert enrolled(registries, person, class_run.id).status == "enrolled"


def test_a_file_may_name_a_trade_by_its_old_code(reviewer) -> None:
    old = "6-99-01-01"
    pack, name = with_renamed(old, TRADE), TRADES[TRADE][0].encode("gb18030")
    content = JIULONGPO.file([paid(1, date(2021, 3, 1)), paid(1, date(2021, 3, 2))])
    made = operations.upload(
        reviewer, "book.csv", io.BytesIO(content.replace(name, old.encode(), 1)), pack, HERE
    )
    while operations.work_once(pack):
        pass
    rows = db.session().scalars(select(RecordRow.occupation).where(RecordRow.import_id == made.record.id))
    assert rows.all() == [TRADE, TRADE]
    assert [code for _, _, code in seen(made.record, FindingKind.DOUBLE)] == ["paid_twice_here"]


def with_renamed(old: str, new: str) -> Pack:
    """The pack, in which a trade had another code before."""
    row = Renamed(old_code=old, new_code=new, since=date(2022, 7, 11), note="")
    return PACK.model_copy(update={"renamed": {old: row}})


def test_A27_the_counter_itself_refuses_where_the_past_has_used_the_year(bring, clock) -> None:
    from training.entitlements.models import Family
    from training.entitlements.operations import hold
    from training.policy.queries import notice_for

    bring(JIULONGPO.file([paid(1, date(2026, 3, 1))]), district=THERE, into=True)
    person = db.session().scalars(select(Person.id)).one()
    asked: dict[str, Any] = {"person_id": person, "family": Family.TUITION, "occupation": TRADE, "level": "4"}
    asked |= {
        "enrolment_id": "e",
        "district": HERE,
        "on": date(2026, 6, 1),
        "notice": notice_for(PACK, HERE, date(2026, 6, 1)),
    }
    with pytest.raises(NotEligible) as refused:
        transaction(lambda session: hold(session, **asked))
    assert refused.value.reasons == ("cap_reached",)
    transaction(lambda session: session.execute(update(PastBatch).values(counts=False)))
    transaction(lambda session: hold(session, **asked))
    with pytest.raises(NotEligible):
        transaction(lambda session: hold(session, **(asked | {"enrolment_id": "f", "level": "3"})))


def test_nothing_counts_before_everything_is_in(bring, reviewer, monkeypatch) -> None:
    """The worker dies after the second piece: nothing counts; the next one goes on, and nothing is in twice."""
    monkeypatch.setattr(importing, "CHUNK", 40)
    row = bring(JIULONGPO.file(payments(200)), district=HERE)
    operations.ask_import(row.id, reviewer)
    pieces: list[Any] = []
    original = importing._bring_in

    def dying(import_id: str, rows: Any, ready: Any) -> None:
        if len(pieces) == 2:
            raise KeyboardInterrupt
        pieces.append(rows)
        original(import_id, rows, ready)

    monkeypatch.setattr(importing, "_bring_in", dying)
    with pytest.raises(KeyboardInterrupt):
        operations.work_once(PACK)
    assert count(Entitlement) == [80]
    person = db.session().scalars(select(Entitlement.person_id)).first()
    assert entitlements_of(db.session(), person or "") == []
    assert operations.work_once(PACK) is False  # another may still have it in hand
    monkeypatch.setattr(importing, "_bring_in", original)
    transaction(lambda session: session.execute(update(RecordImport).values(worked_until=None)))
    while operations.work_once(PACK):
        pass
    assert (one_import(db.session(), row.id).status, count(Entitlement, Person)) == ("imported", [200, 200])
    assert len(entitlements_of(db.session(), person or "")) == 1


@pytest.mark.parametrize("after", [0.05, 0.4])
def test_I33_killed_in_the_middle_it_ends_as_if_nothing_had_been(bring, reviewer, after) -> None:
    """kill -9 while it reads and while it writes; whoever comes next finishes."""
    arrived = operations.upload(reviewer, "x.csv", io.BytesIO(JIULONGPO.file(payments(1500))), PACK, HERE)
    for _ in range(2):
        _killed(after)
        transaction(lambda session: session.execute(update(RecordImport).values(worked_until=None)))
        while operations.work_once(PACK):
            pass
        row = one_import(db.session(), arrived.record.id)
        if row.status == "checked":
            assert count(Entitlement, Person) == [0, 0]
            operations.ask_import(row.id, reviewer)
    while operations.work_once(PACK):
        pass
    row = one_import(db.session(), arrived.record.id)
    assert (row.status, row.good, count(Entitlement, Person)) == ("imported", 1500, [1500, 1500])
    assert seals.verify(db.session()) == []


def _killed(after: float) -> None:
    db.session.remove()
    child = os.fork()
    if child == 0:
        db.engine.dispose(close=False)
        while operations.work_once(PACK):
            pass
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_others_write_while_a_file_comes_in(bring, reviewer) -> None:
    """On SQLite there is one writer at a time: each of our transactions is short, and leaves room between. A write
    that got no turn within the patience of the database would raise here."""
    row = bring(JIULONGPO.file(payments(5000)), district=HERE)
    operations.ask_import(row.id, reviewer)
    app, written = current_app._get_current_object(), 0  # type: ignore[attr-defined]
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(_work_in, app)
        while not done.done():
            transaction(
                lambda session: session.execute(update(Person).where(Person.id == "x").values(name="y"))
            )
            written += 1
            time.sleep(0.02)
        done.result()
    assert written
    assert one_import(db.session(), row.id).status == "imported"


def _work_in(app: Any) -> None:
    with app.app_context():
        while operations.work_once(PACK):
            pass
        db.session.remove()


# --- again, corrected, undone --------------------------------------------------------------------------------


def test_A60_the_same_file_again_is_a_no_op(bring, reviewer, work) -> None:
    content = JIULONGPO.file(payments(20))
    first = bring(content, district=HERE, into=True)
    events = count(AuditEvent)
    again = operations.upload(reviewer, "another name.csv", io.BytesIO(content), PACK, HERE)
    assert (again.is_new, again.record.id) == (False, first.id)
    assert work() == 0
    assert (count(AuditEvent), count(Entitlement, RecordImport)) == (events, [20, 1])


def test_A60_two_uploads_at_once_are_one_import(bring, reviewer) -> None:
    app, content = current_app._get_current_object(), JIULONGPO.file(payments(40))  # type: ignore[attr-defined]

    def go(_: int) -> str:
        with app.app_context():
            try:
                return operations.upload(reviewer, "x.csv", io.BytesIO(content), PACK, HERE).record.id
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(go, range(4)))
    assert len(ids) == 1
    assert count(RecordImport) == [1]


def test_A60_a_corrected_file_changes_what_is_in_and_adds_what_is_new(bring, reviewer, work) -> None:
    before = list(payments(30))
    first = bring(JIULONGPO.file(before), district=HERE, into=True)
    after = [replace(one, amount_fen=90_000) if n < 3 else one for n, one in enumerate(before)]
    after += list(payments(2, first=100))
    second = bring(JIULONGPO.file(after), district=HERE)
    assert (second.same, second.changed, second.doubles) == (27, 3, 0)
    operations.ask_import(second.id, reviewer)
    work()
    total = select(func.count(), func.sum(Entitlement.amount_fen))
    assert db.session().execute(total).one() == (32, sum(one.amount_fen for one in after))
    with pytest.raises(NotAllowedNow) as refused:
        operations.undo(first.id, reviewer)
    assert refused.value.reasons == ("records_in_use",)
    operations.undo(second.id, reviewer)
    work()
    assert db.session().execute(total).one() == (30, sum(one.amount_fen for one in before))
    operations.undo(first.id, reviewer)
    work()
    assert count(Entitlement, Person, PersonKey) == [0, 0, 0]


def test_undone_it_leaves_who_was_there_before_and_nobody_else(bring, reviewer, work) -> None:
    known = make.make_person(number=number_of(4), name="谭平")
    rows = [paid(4, date(2021, 3, 1), number=number_of(4)), paid(5, date(2021, 4, 1))]
    row = bring(WANZHOU.file(rows), district=HERE, into=True)
    assert count(Person) == [2]
    [had] = entitlements_of(db.session(), known.id)
    operations.undo(row.id, reviewer)
    assert entitlements_of(db.session(), known.id) == []
    assert work() == 1
    assert (count(Person, Entitlement), db.session().scalars(select(Person.name)).all()) == ([1, 0], ["谭平"])
    gone = select(AuditEvent.subject).where(AuditEvent.name == EventName.PERSON_REMOVED)
    assert len(db.session().scalars(gone).all()) == 1
    with pytest.raises(NotAllowedNow) as refused:
        operations.undo(row.id, reviewer)
    assert refused.value.reasons == ("records_undone",)
    assert had.batch_id == row.id


def test_what_stands_on_an_import_keeps_it(bring, registries, reviewer, clock) -> None:
    """Somebody of it enrolled since: the decision saw the past, so the past stays; the refusal names the enrolment."""
    person = registered()
    registries.know(person)
    old = Payment(person.name, person.number, TRADE, "4", 150_000, date(2021, 3, 1))
    row = bring(JIULONGPO.file([old]), district=THERE, into=True)
    clock.shift(timedelta(hours=1))
    case = enrolled(registries, person, make.make_class().id)
    with pytest.raises(NotAllowedNow) as refused:
        operations.undo(row.id, reviewer)
    assert (refused.value.reasons, refused.value.reference) == (("records_in_use",), case.reference)
    told = select(AuditEvent.outcome).where(AuditEvent.name == EventName.RECORDS_UNDONE)
    assert db.session().scalars(told).all() == ["refused"]
    assert len(entitlements_of(db.session(), case.person_id)) == 2


# --- one person, twice paid ----------------------------------------------------------------------------------


def test_I25_old_number_and_new_number_are_one_person(bring) -> None:
    number = number_of(8)
    lines = [
        *JIULONGPO.lines([paid(8, date(2020, 1, 2), occupation="6-31-01-03"), paid(8, date(2021, 1, 2))])
    ]
    lines[1] = [lines[1][0], number[:6] + number[8:17], *lines[1][2:]]
    bring(JIULONGPO.make(lines), district=HERE, into=True)
    assert count(Person, Entitlement) == [1, 2]


def test_payments_of_a_merged_record_belong_to_the_one_that_stands(bring) -> None:
    gone, stands = make.make_person(number=number_of(11)), make.make_person(number=number_of(12))
    merged = update(Person).where(Person.id == gone.id).values(merged_into=stands.id)
    transaction(lambda session: session.execute(merged))
    bring(JIULONGPO.file([paid(11, date(2021, 1, 2))]), district=HERE, into=True)
    assert [len(entitlements_of(db.session(), one.id)) for one in (gone, stands)] == [0, 1]


def test_double_payments_of_the_past_come_in_as_found_and_are_reported(bring, clock) -> None:
    bring(JIULONGPO.file([paid(1, date(2020, 5, 1)), paid(2, date(2020, 5, 1))]), district=THERE, into=True)
    rows = [
        paid(1, date(2021, 5, 1)),  # the same as in Jiulongpo
        paid(3, date(2021, 5, 1)),
        paid(3, date(2022, 5, 1)),  # twice in this file
        paid(4, date(2024, 2, 1)),
        paid(4, date(2024, 9, 1), occupation="6-31-01-03"),  # more than one a year, under the notice of 2023
        paid(5, date(2019, 2, 1)),
        paid(5, date(2019, 9, 1), occupation="6-31-01-03"),  # before any notice we know: nobody can say
        paid(6, date(2021, 5, 1), occupation="6-31-01-03"),
    ]
    row = bring(JIULONGPO.file(rows), district=HERE, into=True)
    assert seen(row, FindingKind.DOUBLE) == [
        (2, f"{TRADE} 5", "paid_elsewhere"),
        (4, f"{TRADE} 5", "paid_twice_here"),
        (6, "6-31-01-03 5", "over_cap"),
    ]
    assert (row.doubles, row.good, count(Entitlement)) == (3, 8, [10])
    sums = {
        (one.code, one.district, one.year): (one.count, one.amount_fen)
        for one in double_sums(db.session(), row.id)
    }
    assert sums[("paid_elsewhere", THERE, 2020)] == (1, 150_000)


def test_a_double_that_another_file_brought_meanwhile_is_found_before_it_counts(
    bring, reviewer, work
) -> None:
    first = bring(JIULONGPO.file([paid(1, date(2020, 5, 1))]), district=HERE)
    second = bring(JIULONGPO.file([paid(1, date(2021, 5, 1))]), district=THERE)
    assert (first.doubles, second.doubles) == (0, 0)
    operations.ask_import(first.id, reviewer)
    work()
    operations.ask_import(second.id, reviewer)
    work()
    assert seen(one_import(db.session(), second.id), FindingKind.DOUBLE) == [
        (2, f"{TRADE} 5", "paid_elsewhere")
    ]


# --- the trail -----------------------------------------------------------------------------------------------


def test_I31_the_trail_tells_of_the_file_and_of_each_new_person(bring, reviewer, work) -> None:
    row = bring(YUZHONG.file(payments(25)), district=HERE, into=True)
    told = audit.history(db.session(), SubjectKind.RECORDS, row.id)
    assert [event.name for event in told] == ["records_uploaded", "records_checked", "records_imported"]
    assert (told[-1].facts["payments"], told[-1].facts["rows_sha256"]) == (25, row.rows_hash)
    assert told[-1].actor_id == reviewer.id
    created = select(AuditEvent).where(AuditEvent.name == EventName.PERSON_CREATED)
    assert len(db.session().scalars(created).all()) == 25
    while transaction(seals.seal_new_rows):
        pass
    assert seals.verify(db.session()) == []
    operations.undo(row.id, reviewer)
    work()
    while transaction(seals.seal_new_rows):
        pass
    assert seals.verify(db.session()) == []


def test_the_rows_of_a_file_give_one_sum_whatever_its_shape(bring) -> None:
    """What was imported can be proved: the same payments in the same rows give the same sum."""
    wanted = [replace(one, number=number_of(n)) for n, one in enumerate(payments(6), start=1)]
    first, second = bring(JIULONGPO.file(wanted), district=HERE), bring(YUZHONG.file(wanted), district=HERE)
    assert first.rows_hash == second.rows_hash


def test_a_file_that_ends_its_worker_three_times_is_given_up(bring, reviewer, monkeypatch) -> None:
    operations.upload(reviewer, "x.csv", io.BytesIO(JIULONGPO.file(payments(3))), PACK, HERE)
    for _ in range(3):
        monkeypatch.setattr("training.records.operations.work.read", _fall)
        with pytest.raises(MemoryError):
            operations.work_once(PACK)
        transaction(lambda session: session.execute(update(RecordImport).values(worked_until=None)))
    assert operations.work_once(PACK)
    row = db.session().scalars(select(RecordImport).execution_options(populate_existing=True)).one()
    assert (row.status, row.failure) == ("failed", "broken")


def _fall(*_: object) -> None:
    raise MemoryError


def test_the_trades_of_the_makers_stand_in_the_catalogue() -> None:
    assert set(TRADES) <= set(PACK.occupations)


def test_five_thousand_rows_come_in_within_seconds(bring) -> None:
    row = bring(WANZHOU.file(payments(5000)), district=HERE, into=True)
    assert (row.status, row.good, count(Entitlement, Person)) == ("imported", 5000, [5000, 5000])


@pytest.mark.soak
def test_two_hundred_thousand_rows_come_in_and_go(bring, reviewer, work) -> None:
    row = bring(WANZHOU.file(payments(200_000)), district=HERE, into=True)
    assert (row.status, row.good, count(Entitlement, Person)) == ("imported", 200_000, [200_000, 200_000])
    operations.undo(row.id, reviewer)
    work()
    assert count(Entitlement, Person, RecordRow, RecordPart) == [0, 0, 0, 0]


def test_I39_pages_of_mistakes_lose_and_double_nothing(bring) -> None:
    content, planted = spoil(JIULONGPO, payments(300), every=2)
    row = bring(content, district=HERE)
    pages = [findings(db.session(), row.id, FindingKind.ERROR, page) for page in range(1, 5)]
    assert [page.last for page in pages] == [3, 3, 3, 3]
    assert [one.row for page in pages[:3] for one in page.rows] == [row for row, _, _ in planted]
    assert [page.page for page in pages] == [1, 2, 3, 3]
