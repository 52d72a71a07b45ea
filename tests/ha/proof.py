"""What must hold of everything the clients were told, whatever happened meanwhile."""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import httpx
import psycopg

from command import npn
from npn.config import Settings

Line = dict[str, object]


@dataclass(frozen=True)
class Pause:
    """The longest time in which nobody was told anything, in seconds, by way; and the longest a draw took."""

    direct: float
    nginx: float
    longest_draw: float
    codes: dict[str, int]


def lines(file: Path) -> list[Line]:
    """What was told so far; the last line may be half written."""
    text = file.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def pause(told: list[Line], since: float, until: float) -> Pause:
    """How long the service said nothing between two moments."""
    inside = [line for line in told if "at" in line and since - 5 <= float(str(line["at"])) <= until]
    codes: dict[str, int] = {}
    for line in inside:
        for code, count in dict(line["codes"]).items():  # type: ignore[call-overload]  # codes and how often
            codes[code] = codes.get(code, 0) + count
    longest = max((float(str(line["at"])) - float(str(line["began"])) for line in inside), default=0.0)
    return Pause(_gap(inside, "direct", until), _gap(inside, "nginx", until), longest, codes)


def _gap(told: list[Line], way: str, until: float) -> float:
    moments = sorted(float(str(line["at"])) for line in told if line["way"] == way)
    return max((b - a for a, b in pairwise([*moments, *([until] if moments else [])])), default=0.0)


def prove(told: list[Line], settings: Settings, folder: Path) -> int:
    """Nothing acknowledged is lost, nothing was given twice, the ledger verifies; gives how many series that is."""
    failed = [line for line in told if "failed" in line]
    assert not failed, failed[:3]
    by_request: dict[object, Line] = {}
    for line in told:
        series = {name: line[name] for name in ("id", "first", "last", "size", "usable", "drawn_at")}
        known = by_request.setdefault(line["request_id"], series)
        assert known == series, f"{line['request_id']} was told another series"
    assert len({series["id"] for series in by_request.values()}) == len(by_request)
    ranges = sorted((int(str(s["first"])), int(str(s["last"]))) for s in by_request.values())
    for (_, last), (first, _) in pairwise(ranges):
        assert last < first, f"{first} was given twice"
    _held_by_the_database(by_request, settings)
    exported = folder / "ledger.jsonl"
    done = npn("ledger", "export", exported, "--force", on=settings)
    assert done.status == 0, done
    verified = npn("ledger", "verify", exported)
    assert verified.status == 0, verified
    return len(by_request)


def _held_by_the_database(by_request: dict[object, Line], settings: Settings) -> None:
    query = "SELECT request_id, id, first, last FROM live_range WHERE request_id IS NOT NULL"
    with psycopg.connect(settings.database, target_session_attrs="read-write") as connection:
        held = {row[0]: row[1:] for row in connection.execute(query)}
    for request, series in by_request.items():
        kept = held.get(request)
        assert kept is not None, f"{request} was acknowledged and is lost"
        assert kept == (series["id"], int(str(series["first"])), int(str(series["last"])))


def repeated(told: list[Line], urls: list[str], keys: dict[str, str], most: int = 40) -> None:
    """The latest requests, asked again of every server, are answered with their series."""
    for n, line in enumerate(told[-most:]):
        client = str(line["request_id"]).rpartition("-")[0]
        body = {"count": line["size"]}
        headers = {"Authorization": f"Bearer {keys[client]}", "Idempotency-Key": str(line["request_id"])}
        answer = httpx.post(f"{urls[n % len(urls)]}/v1/series", json=body, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code == 200, answer.text
        assert {name: answer.json()[name] for name in ("id", "first", "last", "drawn_at")} == {
            name: line[name] for name in ("id", "first", "last", "drawn_at")
        }
