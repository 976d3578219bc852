"""The desk of old records: files of paid subsidies read dry, mapped, imported as a whole, undone as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.records.forms import chosen_district, chosen_file, mapped
from backoffice.records.page import decided, record_page
from backoffice.records.sheets import doubles_sheet, errors_sheet
from backoffice.records.words import FAILURE, RECORD_WORDS, lacking_words
from backoffice.roles import desk_blueprint
from backoffice.session import clerk
from training import clock
from training.database import db
from training.errors import BadInput, NotAllowedNow
from training.policy.pack import Pack
from training.policy.queries import districts_on
from training.records import operations, queries
from training.records.models import FindingKind, RecordImport
from training.records.reading.limits import Unreadable
from web.form_keys import sent_key
from web.labels import word

REFRESH_S = "2"
blueprint = desk_blueprint("records", __name__)


@blueprint.get("")
def imports() -> str:
    """The files so far, newest first, and the form for one more."""
    return _list()


@blueprint.post("")
def upload() -> ResponseReturnValue:
    """Take a file; it is read by the worker. The same content again leads to what is here already."""
    try:
        file, district = chosen_file(request.files), chosen_district(request.form, _pack())
        sent = (file.filename or "", file.stream, _pack(), district, sent_key())
        arrived = operations.upload(clerk().actor, *sent)
    except BadInput as wrong:
        return make_response(_list({wrong.field: wrong.code}), 422)
    except Unreadable as wrong:
        return make_response(_list({"file": wrong.code}), 422)
    same = None if arrived.is_new else 1
    return redirect(url_for(".one", import_id=arrived.record.id, same=same), 303)


@blueprint.get("/<import_id>")
def one(import_id: str) -> ResponseReturnValue:
    """What the dry run found; while the worker has it in hand, the page comes again by itself."""
    return _shown(_found(import_id))


@blueprint.post("/<import_id>")
def act(import_id: str) -> ResponseReturnValue:
    """`check` reads it again (or takes another file), `map` learns columns and occupations, `import`, `undo`."""
    row, action = _found(import_id), request.form.get("action", "")
    if action == "check" and request.files.get("file"):
        return upload()
    if action not in ACTIONS:
        return _shown(row, faults={"action": "unknown"}, status=422)
    try:
        typed = ACTIONS[action](row)
    except BadInput as wrong:
        return _shown(row, faults={wrong.field: wrong.code}, status=422)
    except NotAllowedNow as refusal:
        return _shown(_found(import_id), refused=tuple(refusal.reasons), status=409)
    if typed:
        return _shown(row, faults={"occupation": "unknown"}, typed=typed, status=422)
    return redirect(url_for(".one", import_id=import_id, done=action), 303)


@blueprint.get("/<import_id>/errors")
def errors(import_id: str) -> str:
    """All mistakes, page by page."""
    row, page = _found(import_id), request.args.get("page", 1, type=int)
    found = queries.findings(db.session(), row.id, FindingKind.ERROR, page)
    return _page("errors.html", row=row, errors=found, page_link=_pages(".errors", import_id))


@blueprint.get("/<import_id>/doubles")
def doubles(import_id: str) -> str:
    """All double payments of the past, page by page."""
    row, page = _found(import_id), request.args.get("page", 1, type=int)
    found = queries.findings(db.session(), row.id, FindingKind.DOUBLE, page)
    return _page("doubles.html", row=row, doubles=found, page_link=_pages(".doubles", import_id))


@blueprint.get("/<import_id>/errors.csv")
def errors_csv(import_id: str) -> Response:
    """The mistakes to take away."""
    return errors_sheet(db.session(), _found(import_id))


@blueprint.get("/<import_id>/doubles.csv")
def doubles_csv(import_id: str) -> Response:
    """The double payments to take away, for the auditor."""
    return doubles_sheet(db.session(), _found(import_id), _pack())


def _check(row: RecordImport) -> None:
    operations.check_again(row.id, clerk().actor)


def _map(row: RecordImport) -> Mapping[str, str]:
    """Learn what was said; returns the occupations that were typed and not understood, then nothing was learnt."""
    said, actor = mapped(request.form, _pack()), clerk().actor
    if said.typed:
        return said.typed
    if said.occupations:
        operations.map_occupations(row.id, actor, said.occupations, _pack())
    elif said.says_columns:
        operations.map_columns(
            row.id, actor, said.columns or row.columns, pack=_pack(), district=said.district, sheet=said.sheet
        )
    else:
        raise BadInput("occupation", "missing")
    return {}


def _import(row: RecordImport) -> None:
    operations.ask_import(row.id, clerk().actor)


def _undo(row: RecordImport) -> None:
    operations.undo(row.id, clerk().actor, decided)


ACTIONS: Mapping[str, Callable[[RecordImport], Mapping[str, str] | None]] = {
    "check": _check,
    "map": _map,
    "import": _import,
    "undo": _undo,
}


def _shown(
    row: RecordImport,
    *,
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    refused: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    page = record_page(db.session(), row, _pack(), dict(typed or {}))
    told = {"faults": faults or {}, "refused": refused, "occupations": _pack().occupations.values()}
    lacking = lacking_words(row, page.lacking, page.missing)
    response = make_response(_page("import.html", page=page, row=row, lacking=lacking, **told), status)
    if page.is_moving and status == 200:
        response.headers["Refresh"] = REFRESH_S
    return response


def _list(faults: Mapping[str, str] | None = None) -> str:
    sentences = {name: word(FAILURE, code) for name, code in (faults or {}).items()}
    units = [(unit.code, unit.name_zh) for unit in districts_on(_pack(), clock.today())]
    return _page("imports.html", rows=queries.imports(db.session()), faults=sentences, districts=units)


def _page(template: str, **values: object) -> str:
    names = {code: unit.name_zh for code, unit in _pack().districts.items()}
    return render_template(f"backoffice/records/{template}", **RECORD_WORDS, district_names=names, **values)


def _pages(endpoint: str, import_id: str) -> Callable[[int], str]:
    return lambda page: url_for(endpoint, import_id=import_id, page=page)


def _found(import_id: str) -> RecordImport:
    return queries.one_import(db.session(), import_id)


def _pack() -> Pack:
    found: Pack = current_app.extensions["pack"]
    return found
