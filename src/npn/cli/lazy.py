"""A click group that knows its commands' names and help, and imports one only when it is called."""

from collections.abc import Mapping
from importlib import import_module

import click

from npn.cli.errors import DONE, settle_output

CommandTable = Mapping[str, tuple[str, str]]  # by name: "module:attribute" and the short help


class LazyGroup(click.Group):
    """`commands_table` maps a name to ("module:attribute", short help)."""

    def __init__(self, *args: object, commands_table: CommandTable | None = None, **kwargs: object) -> None:
        """Take the table; everything else is click's own."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through to click unchanged
        self.table = dict(commands_table or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the table's order, then any added in the ordinary way."""
        return [*self.table, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command now."""
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a reader that went away has what it wanted (click would end with status 1)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            settle_output()
            return DONE

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, those in the table without importing them."""
        rows = [(name, short) for name, (_, short) in self.table.items()]
        for name in super().list_commands(ctx):
            command = super().get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str()))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class DefaultingGroup(LazyGroup):
    """A group whose arguments are those of `default_command` where they begin with no command's name."""

    def __init__(self, *args: object, default_command: str = "", **kwargs: object) -> None:
        """Take the name; everything else is the lazy group's own."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through unchanged
        self.default_command = default_command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command before arguments that name none; no argument at all asks for help."""
        if args and args[0] not in self.table and args[0] not in ctx.help_option_names:
            args = [self.default_command, *args]
        return super().parse_args(ctx, args)
