"""A program of the next version in its own process, asked line by line: what a server of it would do.

Run with the next version's package first on the path. One line of JSON in, one out.
"""

import json
import sys
from typing import Any

from npn.config import Settings
from npn.errors import NpnError
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise


class Program:
    """One service at a time, on the database that was named last."""

    def __init__(self) -> None:
        self.service: Service | None = None

    def init(self, **settings: Any) -> dict[str, Any]:
        initialise(Settings(**settings), servers_are_stopped=True)
        return {}

    def open(self, **settings: Any) -> dict[str, Any]:
        self.close()
        self.service = build(Settings(**settings))
        return {}

    def close(self) -> dict[str, Any]:
        if self.service is not None:
            self.service.close()
            self.service = None
        return {}

    def draw(self, *, system: str, key: str, request_id: str, count: int) -> dict[str, Any]:
        assert self.service is not None
        (answer,) = self.service.registry.draw([Draw(system, key, request_id, count, None, None, None)])
        if not isinstance(answer, GrantedSeries):
            raise answer
        series = answer.series
        return {"id": series.id, "first": series.first, "last": series.last}


def main() -> None:
    """Answer until the input ends."""
    program = Program()
    for line in sys.stdin:
        wish = json.loads(line)
        try:
            answer = getattr(program, wish.pop("do"))(**wish)
        except NpnError as error:
            answer = {"code": error.code, "message": error.message}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
