"""What servers and the flask command run.

`app` carries the commands; `application` joins both doors behind one address: the office under /office, the
portal at everything else. Two applications, two cookies: a hole in one door is not a hole in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backoffice.app import create_app as create_office
from jobs.commands import add_commands
from portal.app import create_app as create_portal
from web.logs import start_logging
from web.settings import Settings
from web.skeleton import settle_memory
from web.static_files import with_static

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

start_logging()
settings = Settings.from_environment()
app = create_portal(settings)
add_commands(app, settings)
_office = create_office(settings)
settle_memory()


def _both_doors(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    path = environ.get("PATH_INFO", "")
    door = _office if path == "/office" or path.startswith("/office/") else app
    return door(environ, start_response)


application = with_static(_both_doors)
