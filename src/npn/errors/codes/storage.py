"""Codes: the database, its witness, the machine they run on, and the secrets in them."""

from npn.errors.catalogue import BUSY, REPEAT, CatalogueSection, PageText, declare

WITNESS_BEHIND = declare(
    "witness_behind",
    503,
    CatalogueSection.REST,
    title="The database was set back",
    meaning="The database is older than its witness: it could grant numbers again, so it grants none. Reading works.",
    way_out="The operator must run `npn recover`; repeat the draw afterwards with the same Idempotency-Key.",
    page=PageText(
        "The database is older than the witness knows. Nothing is drawn until the operator has recovered it.",
        "Databasen er ældre, end vidnet kender. Der trækkes intet, før driften har gendannet den.",
    ),
)
WITNESS_MISSING = declare(
    "witness_missing",
    503,
    CatalogueSection.REST,
    title="The witness is missing",
    meaning="What was granted can't be checked against the witness, so nothing is granted. Reading works.",
    way_out="The operator must bring the witness back; repeat the draw afterwards with the same Idempotency-Key.",
    page=PageText(
        "The witness can't be read. Nothing is drawn until the operator has seen to it.",
        "Vidnet kan ikke læses. Der trækkes intet, før driften har bragt det i orden.",
    ),
)
WITNESS_WRONG = declare(
    "witness_wrong",
    503,
    CatalogueSection.REST,
    title="Another witness",
    meaning="The witness is not the one that the database knows, or an older copy of it: what was granted can't be checked against it, so nothing is granted. Reading works.",
    way_out="The operator must name the right witness; repeat the draw afterwards with the same Idempotency-Key.",
    page=PageText(
        "The witness is not the database's own. Nothing is drawn until the operator has seen to it.",
        "Vidnet er ikke det, der hører til databasen. Der trækkes intet, før driften har bragt det i orden.",
    ),
)
OUTCOME_UNKNOWN = declare(
    "outcome_unknown",
    503,
    CatalogueSection.REST,
    title="The outcome is not known",
    meaning="The database was lost while it committed: the change may have been made or not.",
    way_out="Repeat it with the same Idempotency-Key, never with a new one.",
    page=PageText(
        "It is not known whether the change was made. Look before you try again.",
        "Det er uvist, om ændringen blev gennemført. Se efter, før du prøver igen.",
    ),
)
DATABASE_UNAVAILABLE = declare(
    "database_unavailable",
    503,
    CatalogueSection.REST,
    title="The database is away",
    meaning="The database does not answer.",
    way_out=REPEAT,
    page=BUSY,
)
DATABASE_REFUSED = declare(
    "database_refused",
    503,
    CatalogueSection.REST,
    title="The database is away",
    meaning="Nothing listens at the database's address.",
    way_out=REPEAT,
    page=BUSY,
)
DATABASE_HOST_UNKNOWN = declare(
    "database_host_unknown",
    503,
    CatalogueSection.REST,
    title="The database is away",
    meaning="The database's host has no address.",
    way_out="The operator must correct the address.",
    page=BUSY,
)
DATABASE_LOGIN_REFUSED = declare(
    "database_login_refused",
    503,
    CatalogueSection.REST,
    title="The database lets nobody in",
    meaning="PostgreSQL refuses the service's login: its name, its password, or pg_hba.conf.",
    way_out="The operator must correct the address or the login.",
    page=BUSY,
)
DATABASE_UNKNOWN = declare(
    "database_unknown",
    503,
    CatalogueSection.REST,
    title="The database is not there",
    meaning="There is no database of that name on that server.",
    way_out="The operator must make or restore it, or correct the address.",
    page=BUSY,
)
DATABASE_RIGHTS_MISSING = declare(
    "database_rights_missing",
    503,
    CatalogueSection.REST,
    title="A right is missing",
    meaning="The login lacks a right in the database that the command needs.",
    way_out="The operator must run it as the database's owner, or give the login the right.",
    page=BUSY,
)
DATABASE_GRANTS_MISSING = declare(
    "database_grants_missing",
    503,
    CatalogueSection.REST,
    title="A right is missing",
    meaning="The login that the service works as may not use the service's tables.",
    way_out="The operator must run `npn admin init` as the tables' owner, with `--service-login` where there is one.",
    page=BUSY,
)
DATABASE_CONNECTIONS_USED_UP = declare(
    "database_connections_used_up",
    503,
    CatalogueSection.REST,
    title="The database is full",
    meaning="PostgreSQL takes no more connections.",
    way_out=REPEAT,
    page=BUSY,
)
DATABASE_BUSY = declare(
    "database_busy",
    503,
    CatalogueSection.REST,
    title="The database is busy",
    meaning="The database did not answer in time.",
    way_out=REPEAT,
    page=PageText("The service is busy. Try again in a moment.", "Tjenesten har travlt. Prøv igen om et øjeblik."),
)
DATABASE_READ_ONLY = declare(
    "database_read_only",
    503,
    CatalogueSection.REST,
    title="The database can't be written",
    meaning="The database is read-only at the moment. Reading may work.",
    way_out=REPEAT,
    page=BUSY,
)
DATABASE_CORRUPT = declare(
    "database_corrupt",
    503,
    CatalogueSection.REST,
    title="The database is damaged",
    meaning="The file is not a valid database.",
    way_out="The operator must restore it and run `npn recover`.",
    page=PageText(
        "The database is damaged. The operator must restore it.", "Databasen er beskadiget. Driften må gendanne den."
    ),
)
DATABASE_REPLACED = declare(
    "database_replaced",
    503,
    CatalogueSection.REST,
    title="The database was replaced",
    meaning="Another database file was put in place of the one in use.",
    way_out=REPEAT,
    page=PageText(
        "The database was replaced just now. Try again in a moment.",
        "Databasen er netop blevet udskiftet. Prøv igen om et øjeblik.",
    ),
)
CLOCK_WRONG = declare(
    "clock_wrong",
    503,
    CatalogueSection.REST,
    title="A clock is wrong",
    meaning="This server's clock and the database's differ by more than a minute, and a quarantine hangs on them: nothing is released until they agree. Draws go on.",
    way_out="The operator must set the clocks right, or run `npn admin clock accept` where they are; then repeat it.",
    page=PageText(
        "A clock of the service is wrong: nothing is released or granted again until it is right.",
        "Et af tjenestens ure går forkert: intet frigives eller tildeles igen, før det går rigtigt.",
    ),
)
SCHEMA_OUTDATED = declare(
    "schema_outdated",
    503,
    CatalogueSection.REST,
    title="Another schema",
    meaning="The database's schema was changed, and is not this program's any more. Nothing was changed by the request.",
    way_out="The operator must restart the service in the version that fits.",
    page=PageText(
        "The service is being upgraded. Try again in a moment.",
        "Tjenesten er ved at blive opgraderet. Prøv igen om lidt.",
    ),
)
STORAGE_FULL = declare(
    "storage_full",
    503,
    CatalogueSection.REST,
    title="The disk is full",
    meaning="The database's disk is full.",
    way_out=REPEAT,
    page=PageText(
        "The service's disk is full. The operator must see to it.",
        "Tjenestens disk er fuld. Driften må gøre noget ved det.",
    ),
)
STORAGE_FAILED = declare(
    "storage_failed",
    503,
    CatalogueSection.REST,
    title="The disk fails",
    meaning="The database's disk reports an error.",
    way_out=REPEAT,
    page=BUSY,
)
OUT_OF_DESCRIPTORS = declare(
    "out_of_descriptors",
    503,
    CatalogueSection.REST,
    title="Too many open files",
    meaning="The service has as many files and connections open as it may, and could not ask its database or its witness.",
    way_out=REPEAT,
    page=PageText(
        "The service has too much to do just now. Try again in a moment.",
        "Tjenesten har for travlt lige nu. Prøv igen om lidt.",
    ),
)
OUT_OF_MEMORY = declare(
    "out_of_memory",
    503,
    CatalogueSection.REST,
    title="Out of memory",
    meaning="The service has no memory left to ask its database or its witness.",
    way_out=REPEAT,
    page=PageText(
        "The service has too much to do just now. Try again in a moment.",
        "Tjenesten har for travlt lige nu. Prøv igen om lidt.",
    ),
)
OUT_OF_TIME = declare(
    "out_of_time",
    503,
    CatalogueSection.REST,
    title="No answer in time",
    meaning="The witness did not answer in time.",
    way_out=REPEAT,
    page=PageText(
        "The witness did not answer in time. Try again in a moment.", "Vidnet svarede ikke i tide. Prøv igen om lidt."
    ),
)
CLOCK_NOT_AHEAD = declare(
    "clock_not_ahead",
    409,
    CatalogueSection.COMMAND,
    meaning="the ledger holds no time ahead of this server's clock, so there is nothing to accept",
    way_out="`npn admin clock show`; set the clock right that is wrong",
    page=PageText(
        "The ledger holds no time ahead of this server's clock, so there is nothing to accept.",
        "Hovedbogen har intet tidspunkt efter serverens ur, så der er intet at godkende.",
    ),
)
BACKUP_FAILED = declare(
    "backup_failed",
    503,
    CatalogueSection.COMMAND,
    meaning="the backup could not be written or is not whole",
    way_out="make it again elsewhere",
    page=PageText(
        "The backup could not be written or is not whole.", "Sikkerhedskopien kunne ikke skrives eller er ikke hel."
    ),
)
WITNESS_READABLE = declare(
    "witness_readable",
    403,
    CatalogueSection.COMMAND,
    meaning="the witness is intact, so there is nothing to rebuild",
    way_out="use it as it is",
    page=PageText(
        "The witness is intact, so there is nothing to rebuild.", "Vidnet er i orden, så der er intet at genopbygge."
    ),
)
WITNESS_POOLED = declare(
    "witness_pooled",
    500,
    CatalogueSection.COMMAND,
    meaning="the witness's address leads to a pooler, such as PgBouncer, which may drop that a commit is to be durable",
    way_out="name the host and port of the witness's PostgreSQL itself with `--witness`",
    page=PageText(
        "The witness's address leads to a pooler, such as PgBouncer, which may drop that a commit is to be durable.",
        "Vidnets adresse fører til en pooler, som ikke kan bruges. Angiv vidnets egen PostgreSQL.",
    ),
)
WITNESS_SAME_CLUSTER = declare(
    "witness_same_cluster",
    500,
    CatalogueSection.COMMAND,
    meaning="the witness is kept in the database's own PostgreSQL: a restore would set both back",
    way_out="name another place with `--witness`; where the service ran like this, `npn recover --rebuild-witness` makes one there",
    page=PageText(
        "The witness is kept in the database's own PostgreSQL: a restore would set both back.",
        "Vidnet ligger i databasens egen PostgreSQL. Det skal ligge et andet sted.",
    ),
)
DATABASE_LINKED = declare(
    "database_linked",
    500,
    CatalogueSection.COMMAND,
    meaning="the database file has a second name (a hard link), and each name would have its own lock and write-ahead log",
    way_out="stop every server, then copy the file over itself",
    page=PageText(
        "The database file has a second name (a hard link), and each name would have its own lock and write-ahead log.",
        "Databasefilen har endnu et navn (et hårdt link).",
    ),
)
SERVERS_RUNNING = declare(
    "servers_running",
    500,
    CatalogueSection.COMMAND,
    meaning="older programs can't work on the new schema, and somebody still works on the database",
    way_out="stop every server and command, then `npn admin init`; where they are stopped and it can't be seen, `--servers-are-stopped`",
    page=PageText(
        "Older programs can't work on the new schema, and somebody still works on the database.",
        "Nogen bruger stadig databasen. Stop alle servere først.",
    ),
)
SERVICE_LOGIN_UNKNOWN = declare(
    "service_login_unknown",
    500,
    CatalogueSection.COMMAND,
    meaning="the login named with `--service-login` does not exist",
    way_out="create it: the hint says how",
    page=PageText("The service's login does not exist in the database.", "Tjenestens login findes ikke i databasen."),
)
SERVICE_LOGIN_OWNS = declare(
    "service_login_owns",
    500,
    CatalogueSection.COMMAND,
    meaning="the login named with `--service-login` owns the tables, or may become the role that does",
    way_out="create a separate login: the hint says how",
    page=PageText(
        "The service's login owns the tables. Use another login.",
        "Tjenestens login ejer tabellerne. Brug et andet login.",
    ),
)
DATABASE_GRANTS_WRONG = declare(
    "database_grants_wrong",
    500,
    CatalogueSection.COMMAND,
    meaning="the service's role may do less than it needs, or more than it should",
    way_out="run `npn admin init` as the tables' owner; the message names the table",
    page=PageText(
        "The service's role may do less than it needs, or more than it should.",
        "Tjenestens login har for få eller for mange rettigheder i databasen.",
    ),
)
SECRETS_KEY_MISSING = declare(
    "secrets_key_missing",
    500,
    CatalogueSection.COMMAND,
    meaning="the file with the key of the secrets is missing",
    way_out="name the right file with `secrets_key_file`; after a loss: `npn admin secrets rotate --key-is-lost`",
    page=PageText("The file with the key of the secrets is missing.", "Filen med hemmelighedernes nøgle mangler."),
)
SECRETS_KEY_WRONG = declare(
    "secrets_key_wrong",
    500,
    CatalogueSection.COMMAND,
    meaning="the file with the key of the secrets holds another key than the one they were encrypted with, or none",
    way_out="name the right file with `secrets_key_file`; after a loss: `npn admin secrets rotate --key-is-lost`",
    page=PageText(
        "The file holds another key than the one that the secrets are encrypted with.",
        "Filen har en anden nøgle end den, hemmelighederne er krypteret med.",
    ),
)
SECRETS_DAMAGED = declare(
    "secrets_damaged",
    500,
    CatalogueSection.COMMAND,
    meaning="an encrypted secret was changed",
    way_out="restore it from a backup; after a loss: `npn admin secrets rotate --key-is-lost`",
    page=PageText("An encrypted secret was changed.", "En krypteret hemmelighed er ændret."),
)
SECRETS_KEY_EXISTS = declare(
    "secrets_key_exists",
    500,
    CatalogueSection.COMMAND,
    meaning="a file lies where the new key should be written",
    way_out="name another file: a key is never overwritten",
    page=PageText(
        "A file lies where the new key should be written.",
        "Der ligger allerede en fil, hvor den nye nøgle skulle skrives.",
    ),
)
SECRETS_IN_CLEAR = declare(
    "secrets_in_clear",
    500,
    CatalogueSection.COMMAND,
    meaning="an older program wrote a secret that is not encrypted",
    way_out="run `npn admin init`: it encrypts it",
    page=PageText(
        "An older program wrote a secret that is not encrypted.",
        "En hemmelighed er ikke krypteret. Driften må køre `npn admin init`.",
    ),
)
