"""Run every command of the program that is first on the path, as if it had asked for its schema before the upgrade.

Each command of `npn admin`, and `npn recover`, once, with arguments made from its own options; a line of JSON for each.
Arguments: a folder with one file for whatever wants one. Database and witness are in the environment.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

import npn.cli
from npn.db import migrate

KNOWN = {"account": "anna@example.dk", "email": "anna@example.dk", "by": "anna@example.dk", "space": "production"}
ALWAYS = {"yes", "rebuild_witness", "reason"}
NOT_RUN = {("admin", "init")}  # asks the schema itself


def leaves(command: click.Command, path: tuple[str, ...], above: click.Context | None) -> Iterator[tuple[str, ...]]:
    context = click.Context(command, info_name=path[-1] if path else "npn", parent=above)
    if not isinstance(command, click.Group):
        yield path
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from leaves(below, (*path, name), context)


def command_at(root: click.Group, path: tuple[str, ...]) -> click.Command:
    command: click.Command = root
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


def arguments(command: click.Command, folder: Path) -> Iterator[str]:
    for each in command.params:
        if isinstance(each, click.Argument):
            yield value(each, folder)
        elif each.required or each.name in ALWAYS:
            yield each.opts[0]
            if not getattr(each, "is_flag", False):
                yield value(each, folder)


def value(wanted: click.Parameter, folder: Path) -> str:
    name, kind = str(wanted.name), wanted.type
    if isinstance(kind, click.Choice):
        return str(next(iter(kind.choices)))
    if isinstance(kind, click.Path | click.File):
        return str(folder / ("new" if "out" in name else "file.csv"))
    if isinstance(kind, click.IntRange | click.types.IntParamType | click.types.FloatParamType):
        return "3"
    if any(word in name for word in ("until", "date", "day", "cut_off")):
        return "2035-06-01"
    return KNOWN.get(name, "labka-ii")


def main() -> None:
    """Run them all."""
    migrate.require_workable = migrate.require_known = lambda *_arguments: None
    root = next(each for each in vars(npn.cli).values() if isinstance(each, click.Group))
    folder, runner = Path(sys.argv[1]), CliRunner()
    os.chdir(folder)
    for path in leaves(root, (), None):
        if path[0] not in ("admin", "recover") or path in NOT_RUN:
            continue
        given = list(arguments(command_at(root, path), folder))
        done = runner.invoke(root, [*path, *given], input="y\n" * 9)
        line = {"command": " ".join([*path, *given]), "error": repr(done.exception), "said": done.output[-300:]}
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
