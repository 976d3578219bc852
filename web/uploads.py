"""Files that come in: larger bodies only at the few addresses that take one, only from who is signed in, and held in
memory, because a file on the disk would be personal data that nobody sealed (A64)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO

from flask import Flask, Request, request
from flask_login import current_user


class HeldRequest(Request):
    """A request whose files are never spooled to the disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()


def allow(app: Flask, limits: Mapping[str, int]) -> None:
    """Let these endpoints take bodies of so many bytes. It must be known before anything reads the form."""
    app.request_class = HeldRequest

    def widen() -> None:
        limit = limits.get(request.endpoint or "") if request.method == "POST" else None
        if limit is not None and current_user.is_authenticated:
            request.max_content_length = limit

    app.before_request_funcs.setdefault(None, []).insert(0, widen)
