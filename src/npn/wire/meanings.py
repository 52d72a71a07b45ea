"""What a code means over HTTP, and the codes of what stands between the service and its database."""

from collections.abc import Mapping
from dataclasses import dataclass

REPEAT = "Repeat it with the same Idempotency-Key after the seconds in Retry-After."


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means, and what a caller can do about it."""

    status: int
    title: str
    meaning: str
    way_out: str


DATABASE: Mapping[str, Meaning] = {
    "database_unavailable": Meaning(503, "The database is away", "The database does not answer.", REPEAT),
    "database_refused": Meaning(503, "The database is away", "Nothing listens at the database's address.", REPEAT),
    "database_host_unknown": Meaning(
        503, "The database is away", "The database's host has no address.", "The operator must correct the address."
    ),
    "database_login_refused": Meaning(
        503,
        "The database lets nobody in",
        "PostgreSQL refuses the service's login: its name, its password, or pg_hba.conf.",
        "The operator must correct the address or the login.",
    ),
    "database_unknown": Meaning(
        503,
        "The database is not there",
        "There is no database of that name on that server.",
        "The operator must make or restore it, or correct the address.",
    ),
    "database_rights_missing": Meaning(
        503,
        "A right is missing",
        "The login lacks a right in the database that the command needs.",
        "The operator must run it as the database's owner, or give the login the right.",
    ),
    "database_grants_missing": Meaning(
        503,
        "A right is missing",
        "The login that the service works as may not use the service's tables.",
        "The operator must run `npn admin init` as the tables' owner, with `--service-login` where there is one.",
    ),
    "database_connections_used_up": Meaning(
        503, "The database is full", "PostgreSQL takes no more connections.", REPEAT
    ),
    "database_busy": Meaning(503, "The database is busy", "The database did not answer in time.", REPEAT),
    "database_read_only": Meaning(
        503, "The database can't be written", "The database is read-only at the moment. Reading may work.", REPEAT
    ),
    "database_corrupt": Meaning(
        503,
        "The database is damaged",
        "The file is not a valid database.",
        "The operator must restore it and run `npn recover`.",
    ),
    "database_replaced": Meaning(
        503, "The database was replaced", "Another database file was put in place of the one in use.", REPEAT
    ),
}
