"""What docs/rest-stability.md promises of version 1: nothing that was there is gone or means something else."""

import json
from pathlib import Path
from typing import Any

from npn.reference.openapi import document
from npn.wire.problems import TABLE

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("version_1.json").read_text("utf-8"))


def schemas() -> dict[str, Any]:
    components: Any = document()["components"]
    by_name: dict[str, Any] = components["schemas"]
    return by_name


def test_every_recorded_code_has_its_status() -> None:
    assert {code: TABLE[code].status for code in RECORDED["codes"]} == RECORDED["codes"]


def test_every_recorded_operation_is_there() -> None:
    paths: Any = document()["paths"]
    now = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert set(RECORDED["operations"]) - now == set()


def test_no_recorded_member_is_gone() -> None:
    now = schemas()
    gone = {
        name: missing
        for name, members in RECORDED["members"].items()
        if (missing := set(members) - set(now[name]["properties"]))
    }
    assert gone == {}


def test_no_request_asks_for_a_member_that_it_did_not_ask_for() -> None:
    now = schemas()
    assert {name: sorted(now[name].get("required", [])) for name in RECORDED["required"]} == RECORDED["required"]
