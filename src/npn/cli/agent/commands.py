"""`npn agent …`: the agent at the laboratory. Commands go through the running agent; without one, to the pool."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.errors import REFUSED, say
from npn.cli.lazy import LazyGroup
from npn.errors import ConfigurationError, ConflictError, NotFoundError, NpnError, RefusedError, UnavailableError

if TYPE_CHECKING:
    from npn.agent.agent import Agent
    from npn.agent.condition import Condition
    from npn.agent.front.http import LocalServer
    from npn.agent.front.local import RunningAgent
    from npn.agent.settings import AgentSettings
    from npn.agent.stock.pool import Pool
    from npn.agent.upstream.refill import RoundOutcome

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
UNITS_SOCKET = Path("/run/npn-agent/agent.sock")  # where deploy/npn-agent.service has it
OWNER_SECONDS = 30.0  # how long `npn agent run` waits for a command that has the pool open
config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, readable=False),  # what can't be read is told by who reads it
    default=Path("agent.toml"),
    show_default=True,
    envvar="NPN_AGENT_CONFIG",
    help="The agent's settings.",
)
_listen = click.option(
    "--listen",
    metavar="ADDRESS",
    envvar="NPN_AGENT_LISTEN",
    show_envvar=True,
    help="Ask the agent that listens there, such as unix:/run/npn-agent/agent.sock; no settings are read.",
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


COMMANDS = {
    "print": ("npn.cli.agent.paper:print_", "Labels and forms with numbers of the pool, in a journal."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def agent() -> None:
    """The agent at the laboratory: a durable local pool that refills itself."""


def read_agent_settings(config: Path) -> "AgentSettings":
    """Return the agent's settings, from the file and the environment."""
    from npn.agent.settings import read_settings

    return read_settings(config, os.environ)


def _running(config: Path, listen: str | None) -> "tuple[RunningAgent, AgentSettings | None]":
    """Return the running agent to ask, and its settings where they were read.

    Who may use the socket need not be able to read the settings, in which the key may stand: then the agent is asked
    that listens on the socket beside them, or on the unit's, and answers only if these are its settings.
    """
    from npn.agent.front.local import RunningAgent
    from npn.agent.settings import AgentSettings, parse_listen

    if listen:
        return RunningAgent(parse_listen(listen, Path.cwd())), None
    try:
        settings = read_agent_settings(config)
    except ConfigurationError as error:
        beside = parse_listen(AgentSettings().listen, config.absolute().parent)
        socket = next((p for p in (beside, UNITS_SOCKET) if isinstance(p, Path) and _is_socket(p)), None)
        if not _is_forbidden(error):
            raise
        if socket is None:
            hint = "--listen ADDRESS (NPN_AGENT_LISTEN) names the agent's socket, and no settings are read"
            raise ConfigurationError(error.message, hint=hint) from error
        return RunningAgent(socket, settings=config), None
    return RunningAgent.of(settings), settings


def _is_socket(path: Path) -> bool:
    try:
        return path.is_socket()
    except OSError:  # a folder that this user may not look into
        return False


def _is_forbidden(error: BaseException) -> bool:
    """Whether the reason is that this user may not read the file."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, PermissionError):
        cause = cause.__cause__
    return cause is not None


@contextlib.contextmanager
def _pool(settings: "AgentSettings | None", reason: NpnError) -> "Iterator[Pool]":
    """The pool itself, for as long as the command takes: nobody else runs it, which is the `reason`."""
    from npn.agent.stock.pool import Pool

    if settings is None:
        raise reason
    _must_exist(settings)
    with Pool.open(
        settings.database_path, mark=settings.mark_path, chunk=settings.chunk, on_clone=settings.on_clone
    ) as opened:
        yield opened


@contextlib.contextmanager
def _agent(settings: "AgentSettings | None", reason: NpnError) -> "Iterator[Agent]":
    """The agent in this process: the pool, and the service."""
    from npn.agent.agent import Agent
    from npn.agent.settings import verify

    if settings is None:
        raise reason
    verify(settings)
    with Agent.open(settings) as opened:
        yield opened


def _must_exist(settings: "AgentSettings") -> None:
    if not settings.database_path.exists():
        raise NotFoundError(
            f"there is no pool at {settings.database_path} yet", hint="`npn agent run` or `npn agent refill` makes it"
        )


def _print(document: object) -> None:
    import msgspec

    click.echo(msgspec.json.encode(document))


@agent.command()
@config_option
def run(config: Path) -> None:
    """Run the agent: keep the stock up and hand out numbers locally, until it is stopped.

    Exit status 2: the settings are wrong; 3: the pool must not be used as it is, or another agent has it. Starting
    again helps with neither. 4: the disk, which may get better.
    """
    import asyncio
    import logging

    from npn.agent.files import look_at_files
    from npn.agent.front.daemon import serve
    from npn.agent.settings import verify

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = read_agent_settings(config)
    verify(settings)

    def ready(server: "LocalServer") -> None:
        where = settings.listen if isinstance(server.listening, Path) else f"127.0.0.1:{server.port}"
        click.echo(f"npn agent ready on {where}, {opened.pool.free()} usable numbers in stock")

    with _open_when_free(settings) as opened:
        look_at_files(settings, opened.pool)
        asyncio.run(serve(opened, ready=ready))


def _open_when_free(settings: "AgentSettings") -> "Agent":
    """Open the pool; where a command has it, which takes a moment, wait for that. Another agent is not waited for."""
    import time

    from npn.agent.agent import Agent
    from npn.agent.errors import PoolInUseError
    from npn.agent.front.local import AgentNotRunningError, RunningAgent

    until = time.monotonic() + OWNER_SECONDS
    while True:
        try:
            return Agent.open(settings)
        except PoolInUseError:
            with contextlib.suppress(AgentNotRunningError):
                RunningAgent.of(settings).get("/health", object)
                raise
            if time.monotonic() > until:
                raise
        time.sleep(0.5)


@agent.command()
@click.argument("count", type=click.IntRange(min=1), default=1, metavar="N")
@config_option
@_listen
@_json
def take(*, count: int, config: Path, listen: str | None, as_json: bool) -> None:
    """Take N numbers, one a line: all or none."""
    numbers = take_numbers(count, config, listen)
    if as_json:
        _print({"numbers": numbers})
    else:
        click.echo("\n".join(numbers))


def take_numbers(count: int, config: Path, listen: str | None = None) -> list[str]:
    """Take numbers from the running agent, or from the pool where none runs: all or none."""
    from npn.agent.front.local import AgentNotRunningError

    running, settings = _running(config, listen)
    try:
        return running.post("/take", {"count": count}, dict[str, list[str]])["numbers"]
    except AgentNotRunningError as error:
        with _pool(settings, error) as pool:
            return pool.take_many(count)


@agent.command()
@click.option("--check", is_flag=True, help="One line and exit status 0 ok, 1 warning, 2 critical, 3 unknown.")
@config_option
@_listen
@_json
def status(*, check: bool, config: Path, listen: str | None, as_json: bool) -> None:
    """What is in stock, how long it lasts, and what needs a person."""
    try:
        condition = read_condition(config, listen)
    except NpnError as error:
        if not check:
            raise
        refused = isinstance(error, RefusedError | ConflictError)  # damaged, say, or another's: nobody gets a number
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


def read_condition(config: Path, listen: str | None) -> "Condition":
    """Return the running agent's condition, or that of the pool where none runs."""
    from npn.agent.condition import Condition, not_running
    from npn.agent.front.local import AgentNotRunningError

    running, settings = _running(config, listen)
    try:
        return running.get("/status", Condition)
    except AgentNotRunningError:
        if settings is None:
            raise
        return not_running(settings)


def unknown(error: BaseException) -> int:
    """Answer a monitoring check that could not be made, whatever is wrong: one line, and the status for unknown."""
    from npn.cli.errors import one_line

    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    click.echo(f"unknown: {one_line(message or type(error).__name__)}")
    return UNKNOWN


def _show(condition: "Condition") -> None:
    from npn.agent.alarms import days

    cover = "not known yet" if condition.cover_days is None else days(condition.cover_days)
    reserved = f" ({condition.reserved} of them reserved in memory)" if condition.reserved else ""
    click.echo(f"state        {condition.state} ({condition.severity})")
    click.echo(f"in stock     {condition.free} usable numbers{reserved}, cover {cover}")
    if condition.on_paper != 0:
        paper = "not known" if condition.on_paper is None else f"{condition.on_paper} printed ahead and not used"
        click.echo(f"on paper     {paper}; not in the stock")
    click.echo(f"use          {condition.used_per_day:g} a day (history: {condition.confidence})")
    click.echo(
        f"so far       {condition.handed_out} handed out, {condition.returned} returned, {condition.lost} lost at most"
    )
    click.echo(f"last contact {condition.last_success or 'never'}")
    if condition.last_error:
        click.echo(f"last error   {condition.last_error} [{condition.last_error_code}]")
    if condition.service is not None:
        news = condition.service
        quota = "" if news.quota is None else f", {news.quota_used} of {news.quota} numbers of its quota used"
        click.echo(f"the service  system {news.system} is {news.state}{quota}")
    for alarm in condition.alarms:
        click.echo(f"{alarm.severity:<12} {alarm.text} [{alarm.code}]")
    for series in condition.series:
        left = "nothing left" if not series.free else f"{series.free} left"
        click.echo(f"series       {series.id} {series.first} to {series.last}: {series.state}, {left}")
    for gap in condition.gaps[:10]:
        click.echo(f"gap          {gap.first} to {gap.last}: at most {gap.at_most} numbers, {gap.reason}")
    for flag in condition.flags:
        click.echo(f"difference   {flag.series}: {flag.detail} [{flag.kind}]")


@agent.command()
@config_option
@_listen
@_json
def refill(*, config: Path, listen: str | None, as_json: bool) -> int:
    """Make a round with the service now, and draw up to the target.

    Exit status 3 where nothing can be drawn: the system is suspended, or numbers would change their length.
    """
    from npn.agent.front.local import AgentNotRunningError
    from npn.agent.upstream.refill import RoundOutcome

    running, settings = _running(config, listen)
    try:
        outcome = running.post("/refill", {}, RoundOutcome)
    except AgentNotRunningError as error:
        with _agent(settings, error) as opened:
            outcome = _refilled(opened)
    if as_json:
        _print(outcome)
    else:
        click.echo(f"drew {outcome.drawn} usable numbers" + "".join(f"\nseries {name}" for name in outcome.series))
    for notice in outcome.notices:
        click.echo(f"The service says: {notice}", err=True)
    if outcome.suspended:
        say("the operator has suspended the system [system_suspended]", "ask the operator why; the stock stays yours")
    elif outcome.kept_back:
        say(f"{outcome.kept_back} [scheme_change]", "docs/guide/agent-oncall.md, alarm scheme_change")
    return REFUSED if outcome.suspended or outcome.kept_back else OK


def _refilled(opened: "Agent") -> "RoundOutcome":
    from npn.retries import doubling_wait, retry

    def wait_after(error: Exception, failures: int) -> float | None:
        return doubling_wait(failures, first=0.5, longest=5.0) if isinstance(error, UnavailableError) else None

    return retry(lambda: opened.refill.round(to_target=True), wait_after, attempts=4, within=40.0)


@agent.command()
@click.argument("series", required=False)
@click.option("--from", "from_", metavar="NUMBER", help="Only the tail from NUMBER on.")
@click.option("--all", "everything", is_flag=True, help="Everything in stock; nothing is drawn until npn agent refill.")
@config_option
@_listen
@_json
def release(
    *, series: str | None, from_: str | None, everything: bool, config: Path, listen: str | None, as_json: bool
) -> None:
    """Release what was not handed out of SERIES: it leaves the pool first, then the service is told.

    With --all everything is given back that was not handed out: for a laboratory that closes, or another system.
    """
    from npn.agent.front.local import AgentNotRunningError

    if everything == (series is not None) or (everything and from_ is not None):
        raise click.UsageError("Give either SERIES, with --from or without, or --all.", click.get_current_context())
    running, settings = _running(config, listen)
    try:
        wanted = {"all": True} if everything else {"series": series, "from": from_}
        released = running.post("/release", wanted, dict[str, str | list[str]])["released"]
    except AgentNotRunningError as error:
        with _agent(settings, error) as opened:
            released = _released(opened, series, from_)
    if as_json:
        _print({"released": released})
    elif not everything:
        click.echo(f"released the unused tail of {series}")
    else:
        click.echo("".join(f"released the unused rest of {name}\n" for name in released), nl=False)
        click.echo("nothing is in stock, and nothing is drawn until `npn agent refill`")


def _released(opened: "Agent", series: str | None, from_: str | None) -> str | list[str]:
    if series is None:
        return opened.refill.release_all()
    opened.refill.release(series, from_)
    return series


@agent.command()
@config_option
@_json
def receipts(config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """The signed receipts of this pool's series, one a line: for the operator, after the service was restored.

    Read off a copy of the pool file, whether an agent runs or not.
    """
    from npn.agent.stock.inspection import copied
    from npn.agent.stock.logbook import Logbook

    with copied(read_agent_settings(config).database_path) as store:
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
@config_option
@_json
def reset(withhold: bool, yes: bool, config: Path, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Set a pool right: restored or copied file, stop after a clone, a draw that is stuck. Stop the agent first."""
    from npn.agent.stock import reset

    settings = read_agent_settings(config)
    if not settings.database_path.exists():
        raise NotFoundError(f"there is no pool at {settings.database_path}")
    planned = reset.plan(settings.database_path, mark=settings.mark_path, withhold=withhold)
    if not as_json:
        click.echo("\n".join(planned.sentences))
    if not yes:
        click.confirm("Go on?", abort=True, err=True)
    outcome = reset.carry_out(settings.database_path, mark=settings.mark_path, withhold=withhold)
    if as_json:
        _print(outcome)
    else:
        click.echo("done; `npn agent run` goes on from here")
