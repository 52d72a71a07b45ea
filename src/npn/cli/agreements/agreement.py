"""`npn admin agreement`: the connection agreement's versions, who accepted them, and what follows for the others."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, table
from npn.config import Settings

if TYPE_CHECKING:
    from datetime import date

    from npn.agreements.model import Language

COMMANDS = {
    "template": ("npn.cli.agreements.agreement:template", "Print the text that the platform ships, to begin with."),
    "publish": ("npn.cli.agreements.agreement:publish", "Publish a version from its two texts."),
    "list": ("npn.cli.agreements.agreement:list_", "List the versions."),
    "accept": ("npn.cli.agreements.agreement:accept", "Record that a system's owner accepts a version."),
    "status": ("npn.cli.agreements.agreement:status", "Hold a system against the requirements, with the evidence."),
    "set-policy": ("npn.cli.agreements.agreement:set_policy", "Say from when systems without a version are refused."),
}
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def agreement() -> None:
    """The connection agreement: versions, acceptances, requirements, policy."""


@click.command()
@click.argument("language", type=click.Choice(["da", "en"]))
def template(language: str) -> None:
    """Print the shipped text in a language, as Markdown."""
    from npn.agreements.model import Language

    click.echo(_shipped()[Language(language)], nl=False)


@click.command()
@click.argument("version")
@click.option("--danish", type=click.Path(path_type=Path), help="The Danish text.  [default: the shipped one]")
@click.option("--english", type=click.Path(path_type=Path), help="The English text.  [default: the shipped one]")
@click.option(
    "--effective-from", type=_DAY, help="YYYY-MM-DD, after the notice of the version before.  [default: today]"
)
@as_json
@works_on_database
def publish(
    settings: Settings,
    *,
    version: str,
    danish: Path | None,
    english: Path | None,
    effective_from: datetime | None,
    json_: bool,
) -> None:
    """Publish VERSION, such as 1.0. It is signed, its hashes are in the ledger, and it never changes."""
    from npn.agreements.model import Language, VersionNumber

    texts = _shipped()
    for language, file in ((Language.DANISH, danish), (Language.ENGLISH, english)):
        texts[language] = texts[language] if file is None else _content(file)
    with opened(settings) as service:
        day = _day(effective_from) or service.agreements.today
        published = service.agreements.publish(VersionNumber.parse(version), texts, by=who(), effective_from=day)
    if json_:
        json_line(
            {
                "version": str(published.number),
                "effective_from": str(published.effective_from),
                **_digests(published.digests),
            }
        )
    else:
        click.echo(f"Published version {published.number}; it takes effect on {published.effective_from}.")


@click.command("list")
@as_json
@works_on_database
def list_(settings: Settings, *, json_: bool) -> None:
    """List the versions, oldest first; with --json one line a version."""
    with opened(settings) as service:
        versions = service.agreements.versions()
    names = ("version", "effective_from", "notice_days", "proposal")
    rows = [
        dict(zip(names, (str(v.number), str(v.effective_from), v.notice_days, v.proposal), strict=True))
        for v in versions
    ]
    if json_:
        for row, version in zip(rows, versions, strict=True):
            json_line({**row, **_digests(version.digests)})
    elif rows:
        table(rows, names)
    else:
        remark("No version is published yet; npn admin agreement publish 1.0 publishes the shipped text.")


@click.command()
@click.argument("system")
@click.option("--by", "accepted_by", required=True, help="The person who accepts.")
@click.option("--as", "capacity", required=True, help="The signatory's role, e.g. head of laboratory.")
@click.option("--evidence", required=True, help="What it rests on, such as a signed letter of a date.")
@click.option("--version", help="Which version.  [default: the one in force]")
@as_json
@works_on_database
def accept(
    settings: Settings, *, system: str, accepted_by: str, capacity: str, evidence: str, version: str | None, json_: bool
) -> None:
    """Record an acceptance on behalf of a system's owner; the signed document is kept."""
    from npn.agreements.model import Evidence, VersionNumber

    number = None if version is None else VersionNumber.parse(version)
    with opened(settings) as service:
        acceptance = service.agreements.accept(
            system, by=who(), accepted_by=accepted_by, capacity=capacity, number=number, evidence=Evidence(evidence)
        )
    if json_:
        json_line(
            {
                "acceptance": acceptance.id,
                "system": system,
                "version": str(acceptance.number),
                "signed": acceptance.signed,
            }
        )
    else:
        click.echo(f"{system} has accepted version {acceptance.number} ({acceptance.id}).")


@click.command()
@click.argument("system")
@as_json
@works_on_database
def status(settings: Settings, *, system: str, json_: bool) -> None:
    """Show where SYSTEM stands, and hold it against the requirements of the version in force."""
    from npn.agreements.model import Language
    from npn.agreements.text import read

    with opened(settings) as service:
        version = service.agreements.version()
        standing = service.agreements.standing(system)
        checks = service.requirements.of(system, read(version.texts[Language.ENGLISH]))
    rows = [
        {
            "section": c.number,
            "requirement": c.requirement,
            "verdict": c.verdict,
            "evidence": c.seen.told(Language.ENGLISH),
        }
        for c in checks
    ]
    accepted = None if standing.accepted is None else str(standing.accepted)
    if json_:
        json_line({"system": system, "accepted": accepted, "stage": standing.stage, "requirements": rows})
        return
    click.echo(f"{system}: accepted {accepted or 'nothing'}; stage {standing.stage}")
    table(rows, ("section", "requirement", "verdict", "evidence"))


@click.command("set-policy")
@click.argument("version")
@click.option("--inform", type=_DAY, help="From when systems are told, YYYY-MM-DD.")
@click.option("--warn", type=_DAY, help="From when they are warned at each draw.")
@click.option("--refuse", type=_DAY, help="From when they are given no new series.")
@as_json
@works_on_database
def set_policy(
    settings: Settings,
    *,
    version: str,
    inform: datetime | None,
    warn: datetime | None,
    refuse: datetime | None,
    json_: bool,
) -> None:
    """Set from when what happens to production systems that lack VERSION; a day left out is taken away."""
    from npn.agreements.model import CONNECTION, Dates, VersionNumber

    dates = Dates(CONNECTION, VersionNumber.parse(version), _day(inform), _day(warn), _day(refuse))
    with opened(settings) as service:
        refused = [standing.system for standing in service.agreements.set_dates(dates, by=who())]
    if json_:
        json_line({"version": version, "refused_today": refused})
    else:
        click.echo(f"Set. Refused today: {', '.join(refused) or 'none'}.")


def _shipped() -> "dict[Language, str]":
    from npn.agreements.service import Agreements

    return Agreements.shipped()


def _digests(digests: object) -> dict[str, str]:
    return {f"digest_{language}": digest for language, digest in dict(digests).items()}  # type: ignore[call-overload]  # a mapping by language


def _day(at: datetime | None) -> "date | None":
    return None if at is None else at.date()


def _content(file: Path) -> str:
    from npn.text import read_text

    return read_text(file, field="text")
