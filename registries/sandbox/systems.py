"""The played systems, without a network: a request in, a reply and the way to give it out.

server.py gives replies over HTTP, registries/fake.py inside the process.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from registries.sandbox.records import Behaviour, Mode, Record, Row, index_form
from registries.sandbox.store import Store

TOKEN_HEADER = "X-Sandbox-Token"
KEY_HEADER = "Idempotency-Key"
WRONG_PERSON: dict[str, object] = Record(
    AAC002="500101197001010019", AAC003="错某", AAC004="1", AAC006="19700101"
).answer()
_NOTHING_HAPPENS = frozenset({"down", "500", "redirect"})
_RECORDS = TypeAdapter(list[Record])


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Reply:
    """`behaviour` None: given at once and as it is."""

    status: int
    body: object
    behaviour: Behaviour | None = None


class Refusal(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


class Misbehave(Row):
    """Body of POST /control/misbehave: either a system or a person's number or card."""

    system: str | None = Field(default=None, pattern=r"^(social-card|phone-messages)$")
    number: str | None = None
    mode: Mode
    seconds: float = Field(default=10.0, ge=0, le=60)
    times: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def one_target(self) -> Misbehave:
        if (self.system is None) == (self.number is None):
            raise ValueError("name either a system or a number")
        return self


class Systems:
    """Both systems and their controls. `token` guards the controls; without one they are shut."""

    def __init__(self, store: Store, token: str | None) -> None:
        self.store, self._token = store, token

    def respond(self, request: Request) -> Reply:
        """The reply to any request; never raises for what a client sent."""
        try:
            act = ROUTES.get((request.method, request.path))
            if act is None:
                raise Refusal(404, "no such address")
            if request.path.startswith("/control/"):
                self._admit(request)
            return act(self, request)
        except Refusal as refusal:
            return Reply(refusal.status, {"error": str(refusal)})
        except ValidationError as fault:
            return Reply(422, {"error": "; ".join(_told(fault))})

    def _admit(self, request: Request) -> None:
        given = request.header(TOKEN_HEADER)
        if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
            raise Refusal(403, f"{TOKEN_HEADER} is missing or wrong")

    def healthz(self, _request: Request) -> Reply:
        return Reply(200, {"status": "ok"})

    def look_up(self, request: Request) -> Reply:
        body = _object(request)
        asked = {code: body[code] for code in ("AAC002", "AAZ500") if code in body}
        request_id = body.get("request_id")
        if len(asked) != 1 or not all(isinstance(text, str) for text in (request_id, *asked.values())):
            raise Refusal(422, "give request_id and either AAC002 or AAZ500")
        record = self.store.person(str(next(iter(asked.values()))))
        answer = {
            "request_id": request_id,
            "asked": asked,
            "found": record is not None,
            "person": record.answer() if record else None,
        }
        behaviour = self._behaviour_about(record, str(next(iter(asked.values()))))
        return Reply(200, _twisted(answer, behaviour), behaviour)

    def _behaviour_about(self, record: Record | None, asked: str) -> Behaviour | None:
        """Commanded for the person, for the system, or the person's standing one, in this order."""
        numbers = [index_form(record.AAC002)] if record else []
        commanded = self.store.take_misbehaviour([*numbers, index_form(asked), "social-card"])
        return commanded or (record.behaviour if record else None)

    def take_message(self, request: Request) -> Reply:
        body, key = _object(request), request.header(KEY_HEADER)
        phone, text = body.get("phone"), body.get("text")
        if not re.fullmatch(r"[\x21-\x7e]{1,128}", key):
            raise Refusal(422, f"{KEY_HEADER} is missing or too long")
        if not isinstance(phone, str) or not re.fullmatch(r"\+?[0-9]{6,15}", phone):
            raise Refusal(422, "phone is no phone")
        if not isinstance(text, str) or not 1 <= len(text) <= 1000:
            raise Refusal(422, "text has 1 to 1000 characters")
        behaviour = self.store.take_misbehaviour(["phone-messages"])
        if behaviour and behaviour.mode in _NOTHING_HAPPENS:
            return Reply(200, {}, behaviour)
        number, is_same = self.store.keep_message(key, phone, text)
        if not is_same:
            raise Refusal(409, "this key stands for another message")
        answer = {"accepted": True, "id": number, "key": key}
        return Reply(200, _twisted(answer, behaviour), behaviour)

    def put_people(self, request: Request) -> Reply:
        return Reply(200, {"stored": self.store.put_people(_RECORDS.validate_json(request.body))})

    def misbehave(self, request: Request) -> Reply:
        told = Misbehave.model_validate_json(request.body)
        target = told.system or index_form(told.number or "")
        self.store.command(target, Behaviour(mode=told.mode, seconds=told.seconds), told.times)
        return Reply(200, {"target": target, "mode": told.mode, "times": told.times})

    def messages(self, request: Request) -> Reply:
        query = parse_qs(request.query)
        limit = query.get("limit", ["100"])[0]
        if not re.fullmatch(r"[0-9]{1,5}", limit):
            raise Refusal(422, "limit is a number")
        return Reply(200, self.store.messages(query.get("phone", [None])[0], int(limit)))

    def reset(self, _request: Request) -> Reply:
        self.store.forget()
        return Reply(200, {"forgotten": True})


ROUTES: dict[tuple[str, str], Callable[[Systems, Request], Reply]] = {
    ("GET", "/healthz"): Systems.healthz,
    ("POST", "/social-card/look-up"): Systems.look_up,
    ("POST", "/messages"): Systems.take_message,
    ("POST", "/control/people"): Systems.put_people,
    ("POST", "/control/misbehave"): Systems.misbehave,
    ("GET", "/control/messages"): Systems.messages,
    ("POST", "/control/reset"): Systems.reset,
}


def _object(request: Request) -> dict[str, object]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is no JSON") from None
    if not isinstance(body, dict):
        raise Refusal(422, "the body is no JSON object")
    return body


def _twisted(answer: dict[str, object], behaviour: Behaviour | None) -> dict[str, object]:
    """The lies that a well-formed answer can tell: about somebody else, or to an earlier question."""
    if behaviour is None:
        return answer
    if behaviour.mode == "wrong_person":
        return {**answer, "found": True, "person": WRONG_PERSON, "key": "another"}
    if behaviour.mode == "stale":
        return {**answer, "request_id": "0000000000000000", "key": "earlier"}
    return answer


def _told(fault: ValidationError) -> list[str]:
    """Where and what, never the value."""
    return [f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in fault.errors()[:5]]
