"""`npn admin transport`: who still calls over plain HTTP, and how it is phased out."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, remark, table
from npn.config import Settings
from npn.instants import iso_day, iso_time

if TYPE_CHECKING:
    from npn.transport.planner import Prospect
    from npn.wiring.service import Service

_HERE = "npn.cli.transport.transport"
COMMANDS = {
    "status": (f"{_HERE}:status", "Who calls how, and what was announced."),
    "announce": (f"{_HERE}:announce", "Announce the day on which plain HTTP ends."),
    "withdraw": (f"{_HERE}:withdraw", "Take the announcement back."),
    "brown-out": (f"{_HERE}:brown_out", "Announce a window in which plain HTTP is refused."),
    "cancel-brown-out": (f"{_HERE}:cancel_brown_out", "Call a brown-out off."),
    "exception": (f"{_HERE}:exception", "Let one system go on over plain HTTP for a while."),
    "end-exception": (f"{_HERE}:end_exception", "End a system's exception now."),
    "certificates": (f"{_HERE}:certificates", "Client certificates, the first to expire first."),
    "warn": (f"{_HERE}:warn", "Warn of certificates about to expire, as the server does by itself."),
    "rhythm": (f"{_HERE}:rhythm", "Keep how a vendor releases."),
    "planner": (f"{_HERE}:planner", "Who can be ready by a day, and when all can."),
}
_REASON = click.option("--reason", required=True, help="Why; kept in the ledger, and told to those it concerns.")
_SHORT = click.option("--short-notice", is_flag=True, help="Announce even if the notice period is too short.")


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def transport() -> None:
    """Plain HTTP and TLS: who calls how, the phasing-out of plain HTTP, certificates, vendors' releases."""


@click.command()
@click.option("--days", type=click.IntRange(1, 800), default=30, show_default=True, help="How far back to look.")
@as_json
@works_on_database
def status(settings: Settings, *, days: int, json_: bool) -> None:
    """Show how each system has called, plain callers first, and what was announced.

    A call over loopback counts as plain HTTP, unless a trusted proxy says that it came over TLS.
    """
    with opened(settings) as service:
        rows, plan = _callers(service, days), _announced(service)
    if json_:
        json_line({**plan, "days": days, "systems": rows})
        return
    record({name: plan[name] for name in ("cut_off", "announced_at", "reason")})
    for window in _list(plan, "brown_outs"):
        click.echo(
            f"brown-out {window['id']}: {window['starts_at']:%F %R} to {window['ends_at']:%F %R} UTC "
            f"({window['reason']})"
        )
    for exception in _list(plan, "exceptions"):
        click.echo(f"exception of {exception['system']} until {exception['until']:%F %R} UTC ({exception['reason']})")
    click.echo("")
    if rows:
        table(rows, ("system", "plain_rest", "plain_soap", "tls", "certificate", "refused", "last_plain", "from"))
    else:
        remark(f"No system has called in the last {days} days.")


def _list(plan: dict[str, object], name: str) -> Sequence[dict[str, object]]:
    rows = plan[name]
    return rows if isinstance(rows, list) else []


def _callers(service: "Service", days: int) -> list[dict[str, object]]:
    usages = sorted(service.transport.usage(days=days).values(), key=lambda used: (-used.plain, used.system))
    return [
        {
            "system": used.system,
            "plain_rest": used.rest_plain,
            "plain_soap": used.soap_plain,
            "tls": used.secure,
            "certificate": used.certified,
            "refused": used.refused,
            "last_plain": used.plain_at,
            "from": used.plain_from,
        }
        for used in usages
    ]


def _announced(service: "Service") -> dict[str, object]:
    plan = service.transport.plan()
    return {
        "cut_off": plan.sunset and plan.sunset.cut_off,
        "announced_at": plan.sunset and plan.sunset.announced_at,
        "reason": plan.sunset and plan.sunset.reason,
        "brown_outs": [
            {"id": b.id, "starts_at": b.starts_at, "ends_at": b.ends_at, "reason": b.reason} for b in plan.brown_outs
        ],
        "exceptions": [{"system": e.system, "until": e.until, "reason": e.reason} for e in plan.exemptions.values()],
    }


@click.command()
@click.argument("day", metavar="DAY")
@_REASON
@_SHORT
@as_json
@works_on_database
def announce(settings: Settings, *, day: str, reason: str, short_notice: bool, json_: bool) -> None:
    """Announce, or move, the end of plain HTTP: DAY as 2027-09-01 (its beginning in Denmark), or a time with its zone.

    From now on answers over plain HTTP carry Deprecation and Sunset, contacts are written to, and from DAY on plain
    HTTP is refused. Less than six months ahead needs --short-notice.
    """
    from npn.transport.model import read_instant

    with opened(settings) as service:
        plan = service.transport.announce(
            read_instant(day, "cut_off"), by=who(), reason=reason, short_notice=short_notice
        )
    if json_:
        json_line({"cut_off": plan.cut_off, "announced_at": plan.announced_at, "reason": plan.reason})
    else:
        click.echo(f"plain HTTP ends {iso_time(plan.cut_off)}")


@click.command()
@_REASON
@as_json
@works_on_database
def withdraw(settings: Settings, *, reason: str, json_: bool) -> None:
    """Take the announcement back, with the brown-outs to come."""
    with opened(settings) as service:
        service.transport.withdraw(by=who(), reason=reason)
    if json_:
        json_line({"cut_off": None, "reason": reason})
    else:
        click.echo("plain HTTP does not end as announced")


@click.command("brown-out")
@click.argument("start")
@click.argument("end")
@_REASON
@_SHORT
@as_json
@works_on_database
def brown_out(settings: Settings, /, *, start: str, end: str, json_: bool, **more: object) -> None:
    """Announce a window in which plain HTTP is refused: START and END are times with their zone.

    As 2027-03-02T09:00+01:00. A week ahead, or --short-notice; at most two days long, and before the cut-off.
    """
    from npn.transport.model import read_instant

    with opened(settings) as service:
        window = service.transport.announce_brown_out(
            read_instant(start, "starts_at"),
            read_instant(end, "ends_at"),
            by=who(),
            reason=str(more["reason"]),
            short_notice=bool(more["short_notice"]),
        )
    if json_:
        json_line(
            {
                "id": window.id,
                "starts_at": window.starts_at,
                "ends_at": window.ends_at,
                "reason": window.reason,
            }
        )
        return
    remark(f"Plain HTTP is refused {iso_time(window.starts_at)} to {iso_time(window.ends_at)}. Its id:")
    click.echo(window.id)


@click.command("cancel-brown-out")
@click.argument("id_", metavar="ID")
@_REASON
@as_json
@works_on_database
def cancel_brown_out(settings: Settings, *, id_: str, reason: str, json_: bool) -> None:
    """Call a brown-out off; ID is what `status` shows."""
    with opened(settings) as service:
        service.transport.cancel_brown_out(id_, by=who(), reason=reason)
    if json_:
        json_line({"id": id_, "cancelled": True})
    else:
        click.echo(f"{id_} is called off")


@click.command()
@click.argument("system")
@click.argument("until")
@_REASON
@as_json
@works_on_database
def exception(settings: Settings, *, system: str, until: str, reason: str, json_: bool) -> None:
    """Let a system go on over plain HTTP until a day, whatever was announced."""
    from npn.transport.model import read_instant

    with opened(settings) as service:
        exemption = service.transport.exempt(system, read_instant(until, "until"), by=who(), reason=reason)
    if json_:
        json_line({"system": exemption.system, "until": exemption.until, "reason": exemption.reason})
    else:
        click.echo(f"{exemption.system} may use plain HTTP until {iso_time(exemption.until)}")


@click.command("end-exception")
@click.argument("system")
@_REASON
@as_json
@works_on_database
def end_exception(settings: Settings, *, system: str, reason: str, json_: bool) -> None:
    """End a system's exception now."""
    with opened(settings) as service:
        service.transport.end_exemption(system, by=who(), reason=reason)
    if json_:
        json_line({"system": system, "until": None})
    else:
        click.echo(f"{system} has no exception any more")


@click.command()
@as_json
@works_on_database
def certificates(settings: Settings, *, json_: bool) -> None:
    """List the client certificates in force; with --json one line each.

    `days` are left until it expires; `renewed` where another of the system's is good for longer. Of a binding by
    subject it is the certificate last shown.
    """
    with opened(settings) as service:
        now = service.ledger.clock()
        rows: list[dict[str, object]] = [
            {
                "system": expiry.system,
                "days": expiry.days(now),
                "not_after": expiry.not_after,
                "renewed": expiry.renewed,
                "bound_by": "subject" if expiry.by_subject else "fingerprint",
                "subject": expiry.subject,
                "fingerprint": expiry.fingerprint,
            }
            for expiry in service.expiries.all()
        ]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("system", "days", "not_after", "renewed", "bound_by", "subject", "fingerprint"))
    else:
        remark("No client certificate is bound, or none was shown yet; npn admin system bind-certificate binds one.")


@click.command()
@as_json
@works_on_database
def warn(settings: Settings, *, json_: bool) -> None:
    """Warn of certificates that expire within 90, 30 or 7 days, once each: in the ledger, and by mail."""
    with opened(settings) as service:
        warned = service.expiries.warn()
    if json_:
        json_line({"warned": warned})
    else:
        click.echo(f"{warned} warned of")


@click.command()
@click.argument("vendor")
@click.option("--release", type=click.DateTime(["%Y-%m-%d"]), help="The day of one release, past or to come.")
@click.option("--every-months", type=int, help="Months from one release to the next.")
@click.option("--freeze-months", type=int, default=0, show_default=True, help="Months before a release it is frozen.")
@click.option("--work-weeks", type=int, default=0, show_default=True, help="Weeks that the change itself takes.")
@click.option("--note", default="", help="Such as who said so.")
@as_json
@works_on_database
def rhythm(settings: Settings, /, *, vendor: str, json_: bool, **given: object) -> None:
    """Keep how VENDOR releases, as it has stated: every half year, frozen three months before, say."""
    from datetime import datetime

    from npn.transport.planner import Rhythm

    release, every = given["release"], given["every_months"]
    if not isinstance(release, datetime) or not isinstance(every, int):
        raise click.UsageError("give --release and --every-months")
    freeze, weeks = int(str(given["freeze_months"])), int(str(given["work_weeks"]))
    with opened(settings) as service:
        wanted = Rhythm(release.date(), every, freeze, weeks)
        rhythm = service.release_notices.state(vendor, wanted, by=who(), note=str(given["note"]))
    if json_:
        json_line({"vendor": rhythm.vendor, "release": rhythm.rhythm.first_release, "every_months": every})
    else:
        click.echo(f"{rhythm.vendor} releases every {every} months")


@click.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--notice", type=click.DateTime(["%Y-%m-%d"]), help="The day on which vendors are told; today.")
@as_json
@works_on_database
def planner(settings: Settings, *, day: date, notice: date | None, json_: bool) -> None:
    """Show which vendors can be ready by DAY, as 2027-09-01, and the earliest day that all can.

    Exit status 1 where somebody can't, or has stated no rhythm.
    """
    proposed = date(day.year, day.month, day.day)
    notice_on = None if notice is None else date(notice.year, notice.month, notice.day)
    with opened(settings) as service:
        prospect = service.release_notices.prospect(proposed, notice=notice_on)
        systems = {vendor: [s.id for s in group] for vendor, group in service.release_notices.vendors().items()}
    _show(prospect, systems, json_=json_)
    if not prospect.can_all:
        raise SystemExit(1)


def _show(found: "Prospect", systems: dict[str, list[str]], *, json_: bool) -> None:
    rows: list[dict[str, object]] = [
        {
            "vendor": vendor,
            "in_time": None if ready is None else ready.in_time(found.proposed),
            "earliest": ready and ready.release,
            "finished_by": ready and ready.freeze,
            "systems": systems[vendor],
        }
        for vendor, ready in found.ready.items()
    ]
    if json_:
        json_line({"proposed": found.proposed, "notice": found.notice, "earliest": found.earliest, "vendors": rows})
        return
    answers = {True: "yes", False: "no", None: "not stated"}
    rows = [
        {**row, "in_time": answers[_truth(row["in_time"])], "systems": ", ".join(systems[str(row["vendor"])])}
        for row in rows
    ]
    table(rows, ("vendor", "in_time", "earliest", "finished_by", "systems"))
    click.echo(f"\nearliest day for all that have stated: {'-' if found.earliest is None else iso_day(found.earliest)}")


def _truth(value: object) -> bool | None:
    return None if value is None else bool(value)
