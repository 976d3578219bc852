"""How the system stands, and a second try for what failed."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from backoffice.roles import desk_blueprint
from backoffice.session import clerk
from backoffice.status.page import status_page
from backoffice.status.words import ERRAND
from training.database import db
from training.errors import BadInput, NotAllowedNow
from training.oversight import operations
from web.labels import word

blueprint = desk_blueprint("status", __name__)


@blueprint.get("")
def systems() -> str:
    """Registries, jobs, errands, seals."""
    return _page()


@blueprint.post("/errands/<row>")
def errand(row: str) -> ResponseReturnValue:
    """Try a dead errand again, or drop it with a reason."""
    actor = clerk().actor
    try:
        if request.form.get("action") == "drop":
            operations.drop_errand(row, request.form.get("reason", ""), actor)
        else:
            operations.retry_errand(row, actor)
    except BadInput:
        return make_response(_page(faulty=row, status=422), 422)
    except NotAllowedNow:
        return make_response(_page(moved=True, status=409), 409)
    return redirect(url_for("office.status.systems", _anchor="errands"), 303)


@blueprint.post("/jobs/<task>")
def job(task: str) -> ResponseReturnValue:
    """Have a job run within seconds."""
    operations.run_task_now(task, clerk().actor)
    return redirect(url_for("office.status.systems", _anchor="jobs"), 303)


def _page(*, faulty: str = "", moved: bool = False, status: int = 200) -> str:
    page = status_page(db.session())
    shown = {"page": page, "faulty": faulty, "moved": moved, "status": status}
    return render_template(
        "backoffice/status/status.html", **shown, errand_word=lambda code: word(ERRAND, code)
    )
