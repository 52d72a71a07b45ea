"""The command line as its users run it: a process, its two streams, its exit status."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # what a JSON document holds

from npn.config import Settings

NPN = str(Path(sys.executable).with_name("npn"))


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def npn(*arguments: object, on: Settings | None = None, stdin: str = "", prefix: Sequence[str] = ()) -> Ran:
    """Run `npn`; `on` names the database and the witness in the environment, as an operator would.

    `prefix` stands before the command, as `env` may.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NPN_")}
    if on is not None:
        environment |= {"NPN_DATABASE": on.database, "NPN_WITNESS": on.witness}
        if on.secrets_key_file:
            environment["NPN_SECRETS_KEY_FILE"] = on.secrets_key_file
    done = subprocess.run(
        [*prefix, NPN, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment,
        timeout=180,  # a busy machine
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def one_line_error(ran: Ran) -> str:
    """Hold an error to one line and at most one hint, without a traceback; give the line."""
    lines = [line for line in ran.err.splitlines() if line.startswith(("Error:", "Hint:", "Traceback"))]
    assert lines, ran
    assert lines[0].startswith("Error: "), ran
    assert [line.partition(":")[0] for line in lines] in (["Error"], ["Error", "Hint"]), ran
    return lines[0]
