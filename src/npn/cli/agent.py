"""`npn agent …`: the agent at the laboratory. Commands go through the running agent; without one, to the pool."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.errors import NotFoundError, NpnError, RefusedError, UnavailableError

if TYPE_CHECKING:
    from npn.agent.condition import Condition
    from npn.agent.http import LocalServer
    from npn.agent.keeper import Agent
    from npn.agent.settings import AgentSettings

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
_config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("agent.toml"),
    show_default=True,
    envvar="NPN_AGENT_CONFIG",
    help="The agent's settings.",
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def agent() -> None:
    """The agent at the laboratory: a durable local pool that refills itself."""


def _settings(config: Path) -> "AgentSettings":
    from npn.agent.settings import read_settings

    return read_settings(config, os.environ)


@contextlib.contextmanager
def _own_pool(settings: "AgentSettings", *, must_exist: bool = True) -> "Iterator[Agent]":
    """The pool itself, for as long as the command takes: nobody else runs it."""
    from npn.agent.keeper import Agent

    if must_exist and not settings.database_path.exists():
        raise NotFoundError(
            f"there is no pool at {settings.database_path} yet", hint="`npn agent run` or `npn agent refill` makes it"
        )
    with Agent.open(settings) as opened:
        yield opened


def _print(document: object) -> None:
    import msgspec

    click.echo(msgspec.json.encode(document))


@agent.command()
@_config
def run(config: Path) -> None:
    """Run the agent: keep the stock up and hand out numbers locally, until it is stopped."""
    import asyncio
    import logging

    from npn.agent.daemon import serve
    from npn.agent.keeper import Agent

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = _settings(config)

    def ready(server: "LocalServer") -> None:
        where = settings.listen if isinstance(server.listening, Path) else f"127.0.0.1:{server.port}"
        click.echo(f"npn agent ready on {where}, {opened.pool.free()} usable numbers in stock")

    with Agent.open(settings) as opened:
        asyncio.run(serve(opened, ready=ready))


@agent.command()
@click.argument("count", type=click.IntRange(min=1), default=1, metavar="N")
@_config
@_json
def take(count: int, config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Take N numbers, one a line: all or none."""
    from npn.agent.local import AgentNotRunningError, RunningAgent

    settings = _settings(config)
    try:
        numbers = RunningAgent(settings).post("/take", {"count": count}, dict[str, list[str]])["numbers"]
    except AgentNotRunningError:
        with _own_pool(settings) as opened:
            numbers = opened.pool.take_many(count)
    if as_json:
        _print({"numbers": numbers})
    else:
        click.echo("\n".join(numbers))


@agent.command()
@click.option("--check", is_flag=True, help="One line and exit status 0 ok, 1 warning, 2 critical, 3 unknown.")
@_config
@_json
def status(check: bool, config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """What is in stock, how long it lasts, and what needs a person."""
    try:
        condition = _condition(_settings(config))
    except NpnError as error:
        if not check:
            raise
        refused = isinstance(error, RefusedError)  # the pool is damaged, say: no agent can hand out from it
        word = "critical" if refused else "unknown"
        if as_json:
            _print({"severity": word, "error": error.message, "code": error.code, "hint": error.hint})
        else:
            click.echo(f"{word}: {error.message}")
        sys.exit(CRITICAL if refused else UNKNOWN)
    if as_json:
        _print(condition)
    elif check:
        click.echo(f"{condition.line} | {condition.perfdata}")
    else:
        _show(condition)
    if check:
        sys.exit({"ok": OK, "warning": WARNING, "critical": CRITICAL}[condition.severity])


def _condition(settings: "AgentSettings") -> "Condition":
    from npn.agent.condition import Condition, not_running
    from npn.agent.local import AgentNotRunningError, RunningAgent

    try:
        return RunningAgent(settings).get("/status", Condition)
    except AgentNotRunningError:
        return not_running(settings)


def _show(condition: "Condition") -> None:
    cover = "not known yet" if condition.cover_days is None else f"{condition.cover_days:.0f} days"
    click.echo(f"state        {condition.state} ({condition.severity})")
    click.echo(f"in stock     {condition.free} usable numbers, cover {cover}")
    click.echo(f"use          {condition.used_per_day:g} a day (history: {condition.confidence})")
    click.echo(
        f"so far       {condition.handed_out} handed out, {condition.returned} returned, {condition.lost} lost at most"
    )
    click.echo(f"last contact {condition.last_success or 'never'}")
    if condition.last_error:
        click.echo(f"last error   {condition.last_error} [{condition.last_error_code}]")
    for alarm in condition.alarms:
        click.echo(f"{alarm.severity:<12} {alarm.text} [{alarm.code}]")
    for series in condition.series:
        click.echo(f"series       {series.id} {series.first} to {series.last}: {series.state}, {series.free} left")
    for gap in condition.gaps[:10]:
        click.echo(f"gap          {gap.first} to {gap.last}: at most {gap.at_most} numbers, {gap.reason}")
    for flag in condition.flags:
        click.echo(f"difference   {flag.series}: {flag.detail} [{flag.kind}]")


@agent.command()
@_config
@_json
def refill(config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Make a round with the service now, and draw up to the target."""
    import stamina

    from npn.agent.local import AgentNotRunningError, RunningAgent
    from npn.agent.refill import Outcome

    stamina.instrumentation.set_on_retry_hooks([])  # the command's own lines say what happened
    settings = _settings(config)
    try:
        outcome = RunningAgent(settings).post("/refill", {}, Outcome)
    except AgentNotRunningError:
        with _own_pool(settings, must_exist=False) as opened:
            for attempt in stamina.retry_context(on=UnavailableError, attempts=4, timeout=40.0):
                with attempt:
                    outcome = opened.refill.round(to_target=True)
    if as_json:
        _print(outcome)
    else:
        click.echo(f"drew {outcome.drawn} usable numbers" + "".join(f"\nseries {name}" for name in outcome.series))


@agent.command()
@click.argument("series")
@click.option("--from", "from_", metavar="NUMBER", help="Only the tail from NUMBER on.")
@_config
@_json
def release(series: str, from_: str | None, config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Give back what was not handed out of SERIES: it leaves the pool first, then the service is told."""
    from npn.agent.local import AgentNotRunningError, RunningAgent

    settings = _settings(config)
    try:
        RunningAgent(settings).post("/release", {"series": series, "from": from_}, dict[str, str])
    except AgentNotRunningError:
        with _own_pool(settings) as opened:
            opened.refill.release(series, from_)
    if as_json:
        _print({"released": series})
    else:
        click.echo(f"released the unused tail of {series}")


@agent.command()
@_config
@_json
def receipts(config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """The signed receipts of this pool's series, one a line: for the operator, after the service was restored.

    Read off a copy of the pool file, whether an agent runs or not.
    """
    from npn.agent.logbook import Logbook
    from npn.agent.looking import copied

    with copied(_settings(config).database_path) as store:
        log = Logbook(store)
        verified = log.verified()
        for series in store.series():
            receipt = log.receipt(series.id)
            if as_json:
                _print({"series": series.id, "receipt": receipt, "verified": series.id in verified})
            elif receipt is not None:
                click.echo(receipt)


@agent.command()
@click.option("--withhold", is_flag=True, help="Withhold the whole stock and take a new identity in any case.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_config
@_json
def reset(withhold: bool, yes: bool, config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Set a pool right: restored or copied file, stop after a clone, a draw that is stuck. Stop the agent first."""
    from npn.agent import resetting

    settings = _settings(config)
    if not settings.database_path.exists():
        raise NotFoundError(f"there is no pool at {settings.database_path}")
    planned = resetting.plan(settings.database_path, mark=settings.mark_path, withhold=withhold)
    if not as_json:
        click.echo("\n".join(planned.sentences))
    if not yes:
        click.confirm("Go on?", abort=True, err=True)
    done = resetting.carry_out(settings.database_path, mark=settings.mark_path, withhold=withhold)
    if as_json:
        _print(done)
    else:
        click.echo("done; `npn agent run` goes on from here")
