"""Every operation of REST version 1 as data: what the OpenAPI document and the page at /docs/api are made of.

A test holds this table and the handlers together: same paths, same methods.
"""

from collections.abc import Mapping, Sequence

from npn import wire
from npn.errors import codes
from npn.reference import examples
from npn.reference.message_operations import MESSAGE_OPERATIONS
from npn.reference.model import ALWAYS, AWAY, JSON, KEYED, DocumentedReply, Json, Operation, Parameter
from npn.reference.standard_operations import STANDARD_OPERATIONS

_READ = (*KEYED, codes.NOT_ACCEPTABLE, codes.INVALID_PARAMETER)
_BODY = (
    codes.MALFORMED_JSON,
    codes.BODY_TOO_LARGE,
    codes.UNSUPPORTED_MEDIA_TYPE,
    codes.UNKNOWN_FIELD,
    codes.MISSING_FIELD,
    codes.INVALID_FIELD,
)
_WRITE = (
    *KEYED,
    codes.DATABASE_REPLACED,
    codes.STOPPING,
    *_BODY,
    codes.NOT_ACCEPTABLE,
    codes.NOT_A_SYSTEM,
    codes.WITNESS_BEHIND,
    codes.WITNESS_MISSING,
    codes.WITNESS_WRONG,
    codes.SCHEMA_OUTDATED,
    codes.OUT_OF_TIME,
    codes.OUTCOME_UNKNOWN,
    codes.DATABASE_READ_ONLY,
    codes.DATABASE_CORRUPT,
    codes.STORAGE_FULL,
    codes.STORAGE_FAILED,
)


_SERIES_ID = Parameter(
    "series_id", "path", "The series' id.", {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}, examples.SERIES.id
)
_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "The request id: 1 to 128 visible ASCII characters of the caller's own. The same key and body again give the same "
    "series, for ever.",
    {"type": "string", "pattern": "^[!-~]{1,128}$"},
    examples.SERIES.request_id,
)
_POOL = Parameter(
    "Npn-Pool",
    "header",
    "Sent by agents: the pool's id, its previous token, its new one. By this chain copies of a pool are found.",
    {"type": "string", "pattern": "^[A-Za-z0-9._~+/=-]{1,128}; [A-Za-z0-9._~+/=-]{1,128}; [A-Za-z0-9._~+/=-]{1,128}$"},
    "5f1c; 1b7e; 90aa",
    required=False,
)
_CONTACT = (codes.AGENT_CLONED, codes.INVALID_POOL)
_USE = {"series_id": "$response.body#/id"}
_LINKS: Mapping[str, Json] = {
    "show": {"operationId": "show_series", "parameters": _USE},
    "numbers": {"operationId": "list_numbers", "parameters": _USE},
    "release": {"operationId": "release", "parameters": _USE},
    "receipt": {"operationId": "show_receipt", "parameters": _USE},
    "first": {"operationId": "show_number", "parameters": {"number": "$response.body#/first"}},
}
_AT = {"Location": "The series' address."}
_TOLD = {
    "Npn-Notice": "Where the system's owner has not accepted the connection agreement and must soon: "
    "`agreement_missing; version=…; refuse-from=…`. `GET /v1/me` tells it in words."
}
_TEXT: Json = {"type": "string"}

OPERATIONS: Sequence[Operation] = (
    Operation(
        "POST",
        "/v1/series",
        "draw",
        "Series",
        "Draw a series",
        "Grants an unbroken range that nobody else ever gets: `count` numbers, or the smallest range from the cursor "
        "that holds `usable` usable ones; exactly one of the two. A repeat with the same Idempotency-Key and body is "
        "answered with the same series, before any policy is asked. Only a granted draw binds its key.",
        [
            DocumentedReply(
                201, "The series, newly granted.", {JSON: examples.SERIES}, wire.Series, _AT | _TOLD, _LINKS
            ),
            DocumentedReply(
                200,
                "The series granted before under this key.",
                {JSON: examples.SERIES},
                wire.Series,
                _AT | _TOLD,
                _LINKS,
            ),
        ],
        [
            *_WRITE,
            *_CONTACT,
            codes.IDEMPOTENCY_KEY_REQUIRED,
            codes.INVALID_IDEMPOTENCY_KEY,
            codes.IDEMPOTENCY_CONFLICT,
            codes.COUNT_OR_USABLE,
            codes.COUNT_TOO_SMALL,
            codes.COUNT_TOO_LARGE,
            codes.UNKNOWN_SPACE,
            codes.WRONG_SPACE,
            codes.SPACE_CLOSED,
            codes.SYSTEM_SUSPENDED,
            codes.SYSTEM_CLOSED,
            codes.AGREEMENT_MISSING,
            codes.INSECURE_TRANSPORT,
            codes.QUOTA_EXCEEDED,
            codes.SPACE_EXHAUSTED,
            codes.DRAW_TIMEOUT,
        ],
        [_KEY, _POOL],
        wire.DrawRequest,
        {
            "numbers": {"count": 10000, "purpose": "stock for the night"},
            "usable numbers": {"usable": 900},
        },
    ),
    Operation(
        "GET",
        "/v1/series",
        "list_series",
        "Series",
        "List series",
        "The caller's own series, newest first; an operator sees everybody's.",
        [
            DocumentedReply(
                200, "A page; `next` is the next page's cursor, or null.", {JSON: examples.PAGE}, wire.SeriesPage
            )
        ],
        [
            *_READ,
            *_CONTACT,
            codes.INVALID_CURSOR,
            codes.NOT_WITNESSED,
            codes.WITNESS_BEHIND,
            codes.WITNESS_MISSING,
            codes.WITNESS_WRONG,
            codes.SCHEMA_OUTDATED,
            codes.OUT_OF_TIME,
            codes.OUTCOME_UNKNOWN,
        ],
        [
            _POOL,
            Parameter(
                "cursor",
                "query",
                "`next` of the page before, unchanged.",
                {"type": "string", "pattern": "^([1-9][0-9]{0,17})?$"},
                "412",
                required=False,
            ),
            Parameter(
                "limit",
                "query",
                "How many, 1 to 500.",
                {"type": "integer", "minimum": 1, "maximum": 500, "default": 100},
                "100",
                required=False,
            ),
        ],
    ),
    Operation(
        "GET",
        "/v1/series/{series_id}",
        "show_series",
        "Series",
        "Show a series",
        "As `text/csv` a small file with the first and last number still held, for loading into a system by hand.",
        [DocumentedReply(200, "The series.", {JSON: examples.SERIES, "text/csv": examples.CSV}, wire.Series)],
        [*_READ, codes.NOT_FOUND, codes.NOT_OWNER, codes.NOT_WITNESSED, codes.NOTHING_HELD],
        [_SERIES_ID],
    ),
    Operation(
        "GET",
        "/v1/series/{series_id}/numbers",
        "list_numbers",
        "Series",
        "List a series' usable numbers",
        "Streamed in ascending order, whatever the series' size; what was released is left out. `text/plain`: one "
        'number a line. `text/csv`: the same under the heading `number`. `application/jsonl`: `{"number":"…"}` a line.',
        [
            DocumentedReply(
                200,
                "The usable numbers.",
                {
                    "text/plain": "1000000015\n1000000023\n",
                    "text/csv": "number\n1000000015\n1000000023\n",
                    "application/jsonl": '{"number":"1000000015"}\n{"number":"1000000023"}\n',
                },
                _TEXT,
            )
        ],
        [*_READ, codes.NOT_FOUND, codes.NOT_OWNER, codes.NOT_WITNESSED],
        [_SERIES_ID],
    ),
    Operation(
        "POST",
        "/v1/series/{series_id}/release",
        "release",
        "Series",
        "Release a series or its tail",
        "Gives back the whole series (`{}`) or its tail from a number on. Released numbers are held in quarantine. "
        "Releasing the same again changes nothing.",
        [DocumentedReply(200, "The series as it now is.", {JSON: examples.RELEASED}, wire.Series)],
        [
            *_WRITE,
            *_CONTACT,
            codes.NOT_FOUND,
            codes.NOT_OWNER,
            codes.NOT_A_NUMBER,
            codes.OUTSIDE_SERIES,
            codes.SYSTEM_SUSPENDED,
            codes.SYSTEM_CLOSED,
            codes.CLOCK_WRONG,
        ],
        [_SERIES_ID, _POOL],
        wire.ReleaseRequest,
        {"the tail": {"from": "1000005000"}, "the whole": {}},
    ),
    Operation(
        "GET",
        "/v1/numbers/{number}",
        "show_number",
        "Numbers",
        "Look a number up",
        "Its state, its whole history, and, where it is not usable, the usable numbers one mistake away: those that "
        "were granted come first.",
        [DocumentedReply(200, "What is known of it.", {JSON: examples.NUMBER}, wire.NumberInformation)],
        [*_READ, codes.NOT_A_NUMBER],
        [Parameter("number", "path", "Digits only.", {"type": "string", "pattern": "^[0-9]{6,18}$"}, "1000000051")],
    ),
    Operation(
        "PUT",
        "/v1/stock",
        "put_stock",
        "The caller",
        "Report stock",
        "The stock that the system reports, in usable numbers; the service works out the days of cover.",
        [DocumentedReply(200, "What was stored.", {JSON: examples.STOCK}, wire.StockReport)],
        [*_WRITE, *_CONTACT, codes.SYSTEM_SUSPENDED, codes.SYSTEM_CLOSED],
        [_POOL],
        wire.StockReport,
        {"a report": examples.STOCK},
    ),
    Operation(
        "GET",
        "/v1/me",
        "show_me",
        "The caller",
        "Show the caller",
        "The system, its number spaces with all that is needed to check a number locally, quota, stock and cover.",
        [DocumentedReply(200, "The caller as the service sees it.", {JSON: examples.ME}, wire.Me)],
        [*_READ],
    ),
    Operation(
        "GET",
        "/v1/spaces",
        "list_spaces",
        "Numbers",
        "List the number spaces",
        "Every space with its scheme and range. `default`: draws of its environment go there that name no space, of "
        "systems that have drawn nothing yet; a system keeps the space of its first draw. `open`: draws are granted "
        "from it; from a closed one they are refused (`space_closed`). No key is needed.",
        [DocumentedReply(200, "The spaces, by name.", {JSON: examples.SPACES}, wire.SpaceList)],
        [*ALWAYS, codes.NOT_ACCEPTABLE, codes.INVALID_PARAMETER, codes.DATABASE_BUSY, *AWAY],
        public=True,
    ),
    *STANDARD_OPERATIONS,
    Operation(
        "GET",
        "/v1/pools",
        "list_pools",
        "The caller",
        "List agents' pools",
        "The caller's own agents' pools, newest contact first; an operator sees everybody's. A contested pool was "
        "copied or restored: `suspects` are the series that its copies may both have handed out from.",
        [DocumentedReply(200, "The pools.", {JSON: examples.POOLS}, wire.PoolList)],
        [*_READ],
    ),
    *MESSAGE_OPERATIONS,
    Operation(
        "GET",
        "/v1/receipts/{series_id}",
        "show_receipt",
        "Proof",
        "Get a receipt",
        "A compact JWS (EdDSA) over the series, with its place and hash in the ledger. Keep it: it proves the series "
        "after a loss of the service's data.",
        [
            DocumentedReply(
                200,
                "The signed receipt; as `text/plain` for clients that know no other text.",
                {"text/plain": examples.RECEIPT, "application/jose": examples.RECEIPT},
                _TEXT,
            )
        ],
        [*_READ, codes.NOT_FOUND, codes.NOT_OWNER, codes.NOT_WITNESSED],
        [_SERIES_ID],
    ),
    Operation(
        "GET",
        "/.well-known/jwks.json",
        "show_keys",
        "Proof",
        "Get the public keys",
        "Every key that ever signed receipts and checkpoints, the current one first (RFC 7517).",
        [
            DocumentedReply(
                200, "The keys.", {JSON: examples.KEYS, "application/jwk-set+json": examples.KEYS}, {"type": "object"}
            )
        ],
        [*ALWAYS, codes.NOT_ACCEPTABLE, codes.REPEATED_HEADER, codes.DATABASE_BUSY, *AWAY],
        public=True,
    ),
    Operation(
        "GET",
        "/healthz",
        "alive",
        "Watching",
        "Is the process alive?",
        "Answers as long as the process does, whatever the database's state. HEAD works too.",
        [DocumentedReply(200, "It is.", {JSON: {"status": "alive"}}, {"type": "object"})],
        [*ALWAYS],
        public=True,
    ),
    Operation(
        "GET",
        "/readyz",
        "ready",
        "Watching",
        "Would a draw be granted?",
        "The database can be written, its schema is this program's, the witness is sound. HEAD works too. `clock` says "
        "whether releases are refused because this server's clock and the database's differ (`clock_wrong`), and how "
        "many seconds the database's is ahead. `witness_same_device`: an SQLite database and its witness are on one "
        "device, so that one loss or restore takes both.",
        [
            DocumentedReply(
                200,
                "It would.",
                {
                    JSON: {
                        "status": "ready",
                        "clock": {"status": "sound", "difference_seconds": 0.0},
                        "witness_same_device": False,
                    }
                },
                {"type": "object"},
            )
        ],
        [
            *ALWAYS,
            codes.WITNESS_BEHIND,
            codes.WITNESS_MISSING,
            codes.WITNESS_WRONG,
            codes.OUT_OF_DESCRIPTORS,
            codes.OUT_OF_MEMORY,
            codes.OUT_OF_TIME,
            codes.OUTCOME_UNKNOWN,
            codes.SCHEMA_OUTDATED,
            codes.DATABASE_REPLACED,
            codes.STOPPING,
            *AWAY,
            codes.DATABASE_BUSY,
            codes.DATABASE_READ_ONLY,
            codes.DATABASE_CORRUPT,
            codes.STORAGE_FULL,
            codes.STORAGE_FAILED,
        ],
        public=True,
    ),
    Operation(
        "GET",
        "/metrics",
        "figures",
        "Watching",
        "Figures for Prometheus",
        "Draws, numbers granted, batch sizes, latencies, the share of each space used, the witness, refusals by code. "
        "Where the operator has set `metrics_listen` they are at that address alone, and with `metrics_token_file` "
        "they ask for `Authorization: Bearer` with that token.",
        [
            DocumentedReply(
                200, "Prometheus text.", {"text/plain": 'npn_space_used_ratio{space="test"} 0.0001\n'}, _TEXT
            )
        ],
        [*ALWAYS, codes.DATABASE_BUSY, codes.NOT_FOUND, codes.UNAUTHENTICATED],
        public=True,
    ),
)
