"""The documents in docs/registries say what the sandbox does: addresses, fields, answers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel

from registries import social_card
from registries.exchange import HttpExchange
from registries.sandbox import records
from registries.sandbox.systems import KEY_HEADER, ROUTES
from tests.registries.worlds import XIAOMAN, OverHttp
from training.ports import Employment, GroupEvidence, Period

DOCS = Path(__file__).parents[2] / "docs" / "registries"
NAMES = ("social-card", "phone-messages")
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}


def document(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCS / f"{name}.openapi.yaml").read_text(encoding="utf-8"))
    return loaded


def faults(spec: dict[str, Any], schema: dict[str, Any], value: Any, at: str = "$") -> list[str]:
    """Where `value` is not as the schema says, for the words of JSON Schema that our documents use."""
    if "$ref" in schema:
        return faults(spec, spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], value, at)
    if "anyOf" in schema:
        each = [faults(spec, choice, value, at) for choice in schema["anyOf"]]
        return [] if [] in each else each[0]
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(isinstance(value, TYPES[kind]) for kind in kinds):
        return [f"{at} is no {kinds}"]
    found = [f"{at} not in enum"] if "enum" in schema and value not in schema["enum"] else []
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{at} not of the pattern")
    if isinstance(value, list):
        found += [fault for item in value for fault in faults(spec, schema["items"], item, f"{at}[]")]
    if isinstance(value, dict):
        known = schema["properties"]
        found += [f"{at}.{name} missing" for name in schema.get("required", ()) if name not in value]
        found += [f"{at}.{name} unknown" for name in value.keys() - known.keys()]
        found += [
            fault
            for name in value.keys() & known.keys()
            for fault in faults(spec, known[name], value[name], f"{at}.{name}")
        ]
    return found


def names(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_every_address_is_documented_and_served() -> None:
    documented = {
        (method.upper(), path)
        for name in NAMES
        for path, item in document(name)["paths"].items()
        for method in item
    }
    served = {route for route in ROUTES if not route[1].startswith("/control/") and route[1] != "/healthz"}
    assert documented == served


def test_every_control_stands_in_the_readme() -> None:
    readme = (DOCS / "README.md").read_text(encoding="utf-8")
    for method, path in ROUTES:
        assert f"`{method} {path}`" in readme or not path.startswith("/control/")


@pytest.mark.parametrize("schema", ["Person", "Card", "Household", "Evidence", "Insurance", "Span"])
def test_fields_are_the_same_in_document_sandbox_and_adapter(schema: str) -> None:
    documented = document("social-card")["components"]["schemas"][schema]
    played = getattr(records, schema)
    read = getattr(social_card, f"_{schema}")
    assert names(played) == names(read) == set(documented["properties"])
    needed = {field.alias or name for name, field in played.model_fields.items() if field.is_required()}
    assert set(documented["required"]) == needed


def test_the_kinds_of_evidence_are_the_same_in_document_and_adapter() -> None:
    evidence = document("social-card")["components"]["schemas"]["Evidence"]
    assert set(evidence["properties"]["kind"]["enum"]) == set(social_card._EVIDENCE)


@pytest.mark.parametrize("field", ["AAC002", "AAZ500"])
def test_the_answers_of_the_card_system_are_as_documented(sandbox_url: str, field: str) -> None:
    world, spec = OverHttp(sandbox_url), document("social-card")
    world.control.reset()
    world.know(
        replace(
            XIAOMAN,
            household="rural",
            groups=(GroupEvidence("graduate", date(2025, 1, 1), date(2025, 12, 31), "graduation_year"),),
            employed=(Employment("91500103MA5U000001", date(2020, 1, 1)),),
            full_time_study=(Period(date(2025, 9, 1)),),
        )
    )
    question = {"request_id": "r1", field: XIAOMAN.number if field == "AAC002" else "A12345678"}
    post = spec["paths"]["/social-card/look-up"]["post"]
    asked_schema = post["requestBody"]["content"]["application/json"]["schema"]
    answer_schema = post["responses"]["200"]["content"]["application/json"]["schema"]
    assert faults(spec, asked_schema, question) == []
    known = HttpExchange(sandbox_url).post("/social-card/look-up", question, headers={}, timeout_s=2)
    unknown = HttpExchange(sandbox_url).post(
        "/social-card/look-up", {**question, field: "A00000000"}, headers={}, timeout_s=2
    )
    assert isinstance(known, dict)
    assert known["found"] is True
    assert faults(spec, answer_schema, known) == []
    assert faults(spec, answer_schema, unknown) == []


def test_the_answers_of_the_gateway_are_as_documented(sandbox_url: str) -> None:
    spec = document("phone-messages")
    post = spec["paths"]["/messages"]["post"]
    message = {"phone": "13800004172", "text": "测试"}
    assert faults(spec, post["requestBody"]["content"]["application/json"]["schema"], message) == []
    assert [parameter["name"] for parameter in post["parameters"]] == [KEY_HEADER]
    taken = HttpExchange(sandbox_url).post("/messages", message, headers={KEY_HEADER: "doc-1"}, timeout_s=2)
    assert faults(spec, post["responses"]["200"]["content"]["application/json"]["schema"], taken) == []


def test_the_checker_finds_faults() -> None:
    spec = document("social-card")
    person: dict[str, Any] = {"$ref": "#/components/schemas/Person"}
    wrong = {"AAC002": 1, "AAC003": "x", "AAC004": "3", "AAC006": "1990", "odd": 1}
    assert len(faults(spec, person, wrong)) == 4
    assert faults(spec, person, {}) != []
