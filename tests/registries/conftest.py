from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.registries.worlds import WORLDS, InProcess, OverHttp, World, serving


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "in_process":
        return InProcess()
    over_http = OverHttp(request.getfixturevalue("sandbox_url"))
    over_http.control.reset()
    return over_http
