"""The operator's versions on the command line: the option that every message command takes, and what is known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from npn.cli.lazy import LazyGroup
from npn.cli.printing import json_line

if TYPE_CHECKING:
    from npn.messages.bulk import Task
    from npn.messages.model.pieces import Piece


def take_folder(_context: click.Context, _parameter: click.Parameter, folder: Path | None) -> Path | None:
    """Take the operator's folder into use before the command runs."""
    if folder is not None:
        from npn.messages.profiles import use

        use(folder)
    return folder


class MessageGroup(LazyGroup):
    """The message commands, each of which takes `--versions`."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command and give it the option."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and all(parameter.name != "versions" for parameter in command.params):
            command.params.append(
                click.Option(
                    ["--versions"],
                    envvar="NPN_MESSAGE_VERSIONS",
                    show_envvar=True,
                    metavar="DIR",
                    type=click.Path(path_type=Path),
                    help="Folder with more versions and bridges of messages.",
                    callback=take_folder,
                    expose_value=False,
                    is_eager=True,
                )
            )
        return command


def with_versions(task: "Task") -> "Task":
    """Let a task use the operator's folder in whatever process does it."""
    from npn.messages import versions

    folder = versions.folder()
    return task if folder is None else replace(task, work=partial(_prepared, folder, task.work))


def _prepared(
    folder: Path, work: "Callable[[Iterable[Piece]], Mapping[str, Any]]", pieces: "Iterable[Piece]"
) -> Mapping[str, Any]:  # Any: JSON
    from npn.messages.profiles import use

    use(folder)
    return work(pieces)


@click.command(short_help="Every version that is known, and from where.")
@click.option("--json", "json_", is_flag=True, help="Print JSON, one document.")
def versions(json_: bool) -> None:  # noqa: FBT001  # click's way
    """List every version of the messages that is known.

    Each is listed with its code in the other syntax, where its description comes from, whether it is only assumed,
    and which bridges start or end there.
    """
    from npn.messages.profiles import known

    if json_:
        json_line({"versions": [asdict(version) for version in known()]})
        return
    for version in known():
        click.echo(f"{version.name:13} {version.type:7} {version.peer or '-':8} {version.source}: {version.title}")
        if version.assumed:
            click.echo(f"  assumed, read as {version.base}: {version.assumed}")
        if version.bridges_to:
            click.echo(f"  bridges to {', '.join(version.bridges_to)}")
        if version.bridges_from:
            click.echo(f"  bridges from {', '.join(version.bridges_from)}")
