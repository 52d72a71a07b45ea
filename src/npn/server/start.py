"""What a server says and sees to before it takes connections."""

from pathlib import Path

import structlog
from prometheus_client import Gauge

from npn.db.standing import OWNS, standing
from npn.errors import UnavailableError
from npn.http.metrics import Metrics
from npn.ledger.places import is_on_same_device
from npn.ledger.secrets import look_at_files
from npn.wiring.service import Service

_log = structlog.get_logger("npn.server")


def tell_standing(service: Service) -> None:
    """Log where the login could become the tables' owner."""
    state = standing(service.database)
    if state.owns:
        _log.warning("database_login_owns_tables", login=state.login, works_as=state.works_as, hint=OWNS)


def tell_places(service: Service) -> None:
    """Log where the witness is, and where it would be lost with the database."""
    place = str(service.ledger.witness)
    if is_on_same_device(service.database, service.ledger.witness):
        hint = "move it to another disk or machine: npn admin witness move --to"
        _log.warning("witness_same_device", witness=place, hint=hint)
    else:
        _log.info("witness", witness=place)


def tell_secrets(service: Service, metrics: Metrics, config: Path | None) -> None:
    """Log which key encrypts, and which files others could read."""
    sealer = service.database.sealer
    _log.info("secrets_key", file=str(sealer.path), keys=sealer.fingerprints)
    gauge = Gauge(
        "npn_file_readable_by_others", "1 for a file that others may read", ["file"], registry=metrics.registry
    )
    for loose in look_at_files(service.settings, service.database, service.ledger.witness, config=config):
        gauge.labels(str(loose.path)).set(float(not loose.tightened))


def settle(service: Service) -> None:
    """Bring the witness up to date; where it can't be, serve anyway: reading works, draws answer 503."""
    try:
        service.ledger.settle()
    except UnavailableError as error:
        _log.warning("not_ready", code=error.code, error=error.message, hint=error.hint)


def name_ignored(service: Service) -> None:
    """Log which settings no longer count, and what does."""
    if service.settings.quarantine_days is not None:
        days = service.quarantine.days()
        _log.warning(
            "setting_ignored",
            setting="quarantine_days",
            policy=f"the quarantine is a policy in the ledger: {days} days",
            hint="two people change it: npn admin approval policy quarantine --days N",
        )
