"""Small things, calmly named (docs/house.md)."""

from __future__ import annotations

import ast
import re

from tests.house import tree

LONGEST_MODULE = 300  # aim at 250
LONGEST_FUNCTION = 40  # aim at 8, seldom over 35
LONGEST_VIEW = 25
# Each of these is longer for a reason that stands beside it.
LONG_MODULES: dict[str, str] = {
    "jobs/stack.py": "one program from the first line to the last, read from top to bottom",
}
LONG_FUNCTIONS: dict[str, str] = {}
BAD_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "misc",
    "base",
    "core",
    "lib",
}
# Methods that a library calls by this name.
NAMED_BY_OTHERS = {
    "process_bind_param",
    "process_result_value",
    "process_formdata",
    "process_data",
    "handle_error",
}
DOORS = ("portal", "backoffice")
SUBJECT_FILES = {"__init__", "models", "rules", "operations", "queries", "lifecycle"}
# policy/ reads a pack: one file for each part of a notice.
UNLIKE_OTHERS = {"policy"}
# Other file names in a subject, each with its reason.
OTHER_FILES = {
    "training/courses/paid.py": "what somebody's answers let be paid for, as windows that the list compares with",
    "training/courses/search.py": "one long query, with its words, filters, counts and order",
    "training/entitlements/past.py": "payments of the past, which count or do not by one switch",
    "training/enrolments/search.py": "one search for all that staff have at hand: reference, number, card, name",
    "training/enrolments/queue.py": "the verifiers' queue: tabs, filters, pages, and what is overdue",
    "training/claims/reasons.py": "the closed lists of why a claim is returned or refused, with what fits which",
    "training/enrolments/shares.py": "who decided how much of a school's cases: one long query for two desks",
    "training/enrolments/line.py": "a class as its desk sees it: who is asked, who waits, every move from the trail",
    "training/courses/seats.py": "the steps on which a seat is won or lost, each one statement",
    "training/people/notices.py": "the texts of the privacy notice, told to the process once, like its keys",
    "training/people/piles.py": "what waits at the counters: phones for a second person, letters to hand over",
    "training/people/messages.py": "what is told to a person becomes an outbox row here, for every subject",
    "training/staff/rights.py": "the table of rights, which guards, menu, scopes and a page read",
}


def test_modules_are_short() -> None:
    long = {
        tree.name(path): lines
        for path in tree.modules()
        if (lines := path.read_text().count("\n")) > LONGEST_MODULE and tree.name(path) not in LONG_MODULES
    }
    assert not long, f"over {LONGEST_MODULE} lines: {long}"


def test_functions_are_short() -> None:
    long = {
        f"{tree.name(path)}:{function.lineno} {function.name}": length
        for path in tree.modules()
        for function in tree.functions(path)
        if (length := _length(function)) > LONGEST_FUNCTION
        and f"{tree.name(path)}:{function.name}" not in LONG_FUNCTIONS
    }
    assert not long, f"over {LONGEST_FUNCTION} lines: {long}"


def test_views_are_one_call_long() -> None:
    """About 20 lines from decorator to return: guard, form, one operation, answer."""
    views = [path for path in tree.modules(*DOORS) if path.name == "views.py"]
    assert views
    long = {
        f"{tree.name(path)}:{function.lineno} {function.name}": length
        for path in views
        for function in tree.functions(path)
        if (length := _length(function)) > LONGEST_VIEW
    }
    assert not long, f"over {LONGEST_VIEW} lines: {long}"


def _length(function):
    return function.end_lineno - function.lineno + 1


def test_lists_of_exceptions_hold_nothing_that_is_gone() -> None:
    for listed in (LONG_MODULES, OTHER_FILES, {key.split(":")[0]: "" for key in LONG_FUNCTIONS}):
        assert not [name for name in listed if not (tree.ROOT / name).exists()]


def test_nothing_is_called_utils() -> None:
    found = [
        tree.name(path)
        for path in (*tree.modules(), *tree.templates(), *(tree.ROOT / "tests").rglob("*.py"))
        if BAD_NAMES & set(re.split(r"[_/.]", tree.name(path).lower()))
    ]
    assert [name for name in found if name != "templates/shared/base.html"] == []


def test_no_function_processes_or_handles() -> None:
    found = [
        f"{tree.name(path)}:{function.lineno} {function.name}"
        for path in tree.modules()
        for function in tree.functions(path)
        if re.match(r"_?(process|handle|manage)_", function.name)
        and function.name
        not in {"process_bind_param", "process_result_value", "process_formdata", "process_data"}
        and not re.match(r"do_(GET|POST|PUT|HEAD|DELETE)", function.name)
    ]
    assert not found, found


def test_a_subject_holds_the_same_files_as_every_other() -> None:
    odd = [
        tree.name(path)
        for path in tree.modules("training")
        if path.parent.parent.name == "training"
        and path.stem not in SUBJECT_FILES
        and path.parent.name not in UNLIKE_OTHERS
        and tree.name(path) not in OTHER_FILES
    ]
    assert not odd, f"another file name in a subject needs a reason: {odd}"


def test_public_functions_of_the_domain_say_what_they_promise() -> None:
    silent = [
        f"{tree.name(path)}:{function.lineno} {function.name}"
        for path in tree.modules("training", "registries")
        if path.name in {"operations.py", "rules.py", "queries.py", "ports.py", "clock.py", "database.py"}
        for function in tree.parsed(path).body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and ast.get_docstring(function) is None
    ]
    assert not silent, silent


def test_nothing_is_left_open() -> None:
    """No TODO, no stub, no silenced type without a reason, no test that is always true."""
    marks = r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|assert True\b|pytest\.(skip|xfail)|mark\.(skip|xfail)\b"
    files = [*tree.modules(), *tree.templates(), *(tree.ROOT / "tests").rglob("*.py")]
    found = [place for path in files if path.name != "test_shape.py" for place in tree.places(path, marks)]
    assert not found, found
    bare = [place for path in tree.modules() for place in tree.places(path, r"#\s*type:\s*ignore(?!\[)")]
    assert not bare, bare
