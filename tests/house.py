"""A running service with callers of every kind, and the ways to ask it."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from npn.config import Settings
from npn.systems.model import Environment, SystemState
from npn.wiring.assembly import build
from prepared import initialised
from running import Running

JSON = {"Content-Type": "application/json"}
CLIENT = httpx.Client(timeout=30.0, trust_env=False)  # one for all: making one takes longer than asking


@dataclass(frozen=True)
class House:
    """A server and its callers: two production systems, one of test, one suspended, an operator."""

    server: Running
    settings: Settings
    keys: Mapping[str, str]

    def ask(self, method: str, path: str, *, by: str = "labka", **more: Any) -> httpx.Response:
        key = self.keys.get(by, by)
        headers = {**more.pop("headers", {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        return CLIENT.request(method, f"{self.server.url}{path}", headers=headers, **more)

    def draw(self, body: object, *, by: str = "labka", request_id: str | None = None) -> httpx.Response:
        headers = {**JSON, "Idempotency-Key": request_id or str(uuid.uuid4())}
        return self.ask("POST", "/v1/series", by=by, content=json.dumps(body), headers=headers)

    def drawn(self, count: int = 100, *, by: str = "labka") -> dict[str, Any]:
        answer = self.draw({"count": count}, by=by)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


def populated(settings: Settings) -> dict[str, str]:
    done = initialised(settings)
    service = build(settings)
    try:
        keys = {"operator": str(done.operator_key)}
        for name, environment in (
            ("labka", Environment.PRODUCTION),
            ("mads", Environment.PRODUCTION),
            ("tester", Environment.TEST),
            ("asleep", Environment.PRODUCTION),
            ("limited", Environment.PRODUCTION),
            ("huge", Environment.PRODUCTION),
            ("gone", Environment.PRODUCTION),
        ):
            _, key = service.systems.add(by="t", name=name, vendor="V", owner="O", environment=environment)
            keys[name] = str(key)
        service.systems.set_state("asleep", SystemState.SUSPENDED, by="t")
        limits = {"smallest_draw": 10, "largest_draw": 1000, "quota": 1500, "quota_days": 7}
        service.systems.set_limits("limited", by="t", **limits)
        limits = {"smallest_draw": 1, "largest_draw": 10**10, "quota": None, "quota_days": None}
        service.systems.set_limits("huge", by="t", agreed=True, **limits)
        service.systems.rotate_key("gone", by="t", revoke_old=True)
        return keys
    finally:
        service.close()
