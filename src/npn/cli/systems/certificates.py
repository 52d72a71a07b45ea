"""`npn admin system bind-certificate` and its like: what stands for a system besides its key."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.printing import as_json, json_line, remark
from npn.config import Settings
from npn.instants import iso_day

if TYPE_CHECKING:
    from npn.systems.model import Certificate
    from npn.wiring.service import Service

LARGEST = 1_000_000  # bytes of a file that may be a certificate


@click.command("bind-certificate")
@click.argument("system")
@click.argument("file", metavar="CERT.pem", type=click.Path(path_type=Path))
@click.option("--by-subject", is_flag=True, help="Bind its subject and issuer, so that renewed ones stand for it too.")
@as_json
@works_on_database
def bind(settings: Settings, *, system: str, file: Path, by_subject: bool, json_: bool) -> None:
    """Bind a certificate to a system; prints its fingerprint.

    As a TLS client certificate it stands for the system; an ID card signed with it is the system's. `serve` needs
    --client-ca with the certificate's authority, or the certificate itself, to ask clients for it.
    """
    pem = _content(file)
    if by_subject:
        _bind_subject(settings, system, pem, json_=json_)
        return
    with opened(settings) as service:
        bound = service.certificates.bind(system, pem, by=who())
    if json_:
        json_line(shown(bound))
        return
    remark(f"Bound to {system}: {bound.subject}, valid until {iso_day(bound.not_after)}. Its SHA-256 fingerprint:")
    click.echo(bound.fingerprint)


def _bind_subject(settings: Settings, system: str, pem: bytes, *, json_: bool) -> None:
    with opened(settings) as service:
        bound = service.clients.bind_subject(system, pem, by=who())
    if json_:
        json_line({"binding": bound.digest, "system": system, "subject": bound.subject, "issuer": bound.issuer})
        return
    remark(f"Bound to {system}: {bound.subject}, issued by {bound.issuer}. The binding's id:")
    click.echo(bound.digest)


@click.command("unbind-certificate")
@click.argument("system")
@click.argument("fingerprint")
@as_json
@works_on_database
def unbind(settings: Settings, *, system: str, fingerprint: str, json_: bool) -> None:
    """End a certificate, or a binding by subject; FINGERPRINT is its own, or the binding's id, or how it begins."""
    wanted = "".join(fingerprint.lower().replace(":", "").split())
    with opened(settings) as service:
        if any(subject.digest.startswith(wanted) for subject in service.clients.subjects(system)):
            subject = service.clients.unbind_subject(system, wanted, by=who())
            json_line({"binding": subject.digest, "system": system}) if json_ else click.echo(subject.digest)
            return
        ended = service.certificates.unbind(system, fingerprint, by=who())
    if json_:
        json_line(shown(ended))
        return
    remark(f"No longer stands for {system}:")
    click.echo(ended.fingerprint)


@click.command("security-levels")
@click.argument("system")
@click.argument("levels", type=click.IntRange(1, 4), nargs=-1)
@as_json
@works_on_database
def security_levels(settings: Settings, *, system: str, levels: tuple[int, ...], json_: bool) -> None:
    """Set which DGWS security levels a system may use with the legacy web service; without LEVELS, show them.

    1 client certificate alone, 2 user name and password, 3 and 4 signed ID card. All of them where nobody has said.
    """
    with opened(settings) as service:
        permitted = service.certificates.set_levels(system, levels, by=who()) if levels else _levels(service, system)
    if json_:
        json_line({"system": system, "levels": list(permitted)})
        return
    click.echo(" ".join(map(str, permitted)))


def shown(certificate: "Certificate") -> dict[str, object]:
    """Return a certificate's members as JSON has them."""
    return {
        "fingerprint": certificate.fingerprint,
        "system": certificate.system,
        "subject": certificate.subject,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "bound_at": certificate.bound_at,
    }


def _levels(service: "Service", system: str) -> tuple[int, ...]:
    service.systems.get(system)
    return service.certificates.levels(system)


def _content(file: Path) -> bytes:
    from npn.errors import ConfigurationError

    try:
        with file.open("rb") as opened_file:
            return opened_file.read(LARGEST)
    except OSError as error:
        raise ConfigurationError(f"can't read {file}: {error.strerror}", field="certificate") from error
