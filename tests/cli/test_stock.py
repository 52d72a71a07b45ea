"""`npn admin stock`: every system's cover as an operator reads it."""

import json
from datetime import timedelta

from command import npn, one_line_error
from npn.systems.model import Environment
from npn.wiring.service import Service


def test_stock_is_listed_shortest_first_and_judged(service: Service) -> None:
    now = service.pictures.latest().at
    for name, free in (("Short", 5_000), ("Long", 90_000), ("Silent", None)):
        made, _ = service.systems.add(by="t", name=name, vendor="V", owner="O", environment=Environment.PRODUCTION)
        if free is not None:
            service.stock.report(by=made.id, free=free, used_per_day=100.0, as_of=now - timedelta(hours=1))
    settings = service.settings
    listed = npn("admin", "stock", "list", on=settings)
    assert [line.split()[:2] for line in listed.lines] == [
        ["SYSTEM", "RULE"],
        ["short", "red"],
        ["long", "green"],
        ["silent", "unknown"],
    ]
    documents = [json.loads(line) for line in npn("admin", "stock", "list", "--json", on=settings).lines]
    assert [(d["system"], d["colour"], d["source"]) for d in documents] == [
        ("short", "red", "reported"),
        ("long", "green", "reported"),
        ("silent", "unknown", "unknown"),
    ]
    assert documents[0]["draw"] in (14_704, 14_705, 14_706)  # 197 days of a hundred, less what is there
    assert [
        json.loads(x)["system"] for x in npn("admin", "stock", "list", "--json", "--colour", "red", on=settings).lines
    ] == ["short"]


def test_one_systems_stock_is_shown_with_its_months(service: Service) -> None:
    service.systems.add(by="t", name="Silent", vendor="V", owner="O", environment=Environment.PRODUCTION)
    shown = npn("admin", "stock", "show", "silent", "--json", on=service.settings).json
    assert shown["cover"]["colour"] == "unknown"
    assert len(shown["months"]) == 13
    nobody = npn("admin", "stock", "show", "nobody", on=service.settings)
    assert nobody.status == 3
    assert "no system 'nobody'" in one_line_error(nobody)
