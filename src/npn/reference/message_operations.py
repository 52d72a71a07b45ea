"""REST's operations on messages as data: nothing of what is sent is kept or logged."""

from collections.abc import Sequence

from npn.errors import codes
from npn.reference.model import ALWAYS, CERTIFIED, JSON, DocumentedReply, Operation, Parameter

_TAG = "Messages"
_EDIFACT = "UNB+UNOC:3+5790000121526:14+5790000122233:14+991231:2359+1'UNZ+0+1'"
_RAW = {"application/octet-stream": _EDIFACT}  # the one media type of bytes for which generators make typed clients
_PROBLEMS = (
    *ALWAYS,
    *CERTIFIED,
    codes.UNAUTHENTICATED,
    codes.INSECURE_TRANSPORT,
    codes.MESSAGE_TOO_LARGE,
    codes.UNSUPPORTED_MEDIA_TYPE,
    codes.INVALID_PARAMETER,
    codes.NOT_ACCEPTABLE,
    codes.REPEATED_HEADER,
    codes.MESSAGE_TOOK_TOO_LONG,
    codes.MESSAGE_USED_TOO_MUCH_MEMORY,
    codes.RATE_LIMITED,
    codes.MESSAGES_BUSY,
    codes.DATABASE_BUSY,
)
_ABOUT = (
    " The body is the message, 5 MiB at most (as `application/edifact` and `application/xml` too). It is read in a "
    "process apart, and nothing of it is kept or logged. Without a key 30 a minute from an address (of IPv6: from a "
    "/64), two at a time; with a key 300. TLS or loopback only."
)


def _choice(name: str, values: Sequence[str], description: str, *, required: bool = False) -> Parameter:
    schema = {"type": "string", "enum": list(values)}
    return Parameter(name, "query", description, schema, values[0], required=required)


_LANG = _choice("lang", ("da", "en"), "The language of texts that are for people.")
_TO = _choice("to", ("xml", "edifact"), "The syntax to write.", required=True)
_FORCE = _choice("force", ("false", "true"), "Write it in spite of errors.")
_SCHEME = Parameter(
    "scheme",
    "query",
    "The number schemes that make a number an NPN, with semicolons between them: `npn10`, `npn14`, or "
    "`LENGTH:WEIGHT,...:MODULUS:REMAINDER`. A flagged number that none of them accepts is an error then; where the "
    "option is left out all known schemes count, and it is a warning.",
    {"type": "string"},
    "npn10;npn14",
    required=False,
)
_VERSION = Parameter(
    "to", "query", "The version to write, as `npn message versions` lists them.", {"type": "string"}, "XQ0131K",
    required=True,
)  # fmt: skip
_CONSENT = Parameter(
    "consent",
    "query",
    "Losses to the reader that are let through: their rules or globs of them, with semicolons between.",
    {"type": "string"},
    "Sender/Ekstra",
    required=False,
)
_CHECKS = (
    Parameter(
        "rules",
        "query",
        "Only these rules: ids, prefixes (`date`) or globs (`npn.*`), with commas between them.",
        {"type": "string"},
        "date,npn.*",
        required=False,
    ),
    Parameter(
        "limit",
        "query",
        "Maximum number of results per message that the receiver accepts.",
        {"type": "integer", "minimum": 1, "maximum": 1_000_000},
        "20",
        required=False,
    ),
    _SCHEME,
    _choice("format", ("json", "junit"), "The form of the answer; `junit` is what build servers show."),
)
_FINDING = {
    "rule": "edifact.unt-count",
    "severity": "error",
    "place": {"line": 40, "column": 1, "segment": 39, "path": "UNT 1", "element": ""},
    "en": 'UNT says "99" segments, but the message has "38"',
    "da": 'UNT angiver "99" segmenter, men meddelelsen har "38"',
    "citation": "",
}
_INSPECTED = {
    "file": "-",
    "interchanges": [
        {
            "syntax": "edifact",
            "namespace": "http://rep.oio.dk/medcom.dk/xml/schemas/2014/10/08/",
            "identifier": "1",
            "sent": "1999-12-31 23:59",
            "letters": [],
            "findings": [],
        }
    ],
}
_REPORT = {"file": "-", "to": "xml", "written": False, "losses": [], "errors": [_FINDING]}
_BRIDGED = {"file": "-", "from": ["XQ0132K"], "to": "XQ0131K", "written": True, "losses": [], "errors": []}
_JUNIT = (
    '<testsuites name="npn message validate" tests="1" failures="0">'
    '<testsuite name="-" tests="1" failures="0" errors="0"><testcase classname="npn.message" name="read"/></testsuite>'
    "</testsuites>"
)
_ANY = {"type": "object"}
_TEXT = {"type": "string"}


def _operation(
    path: str, name: str, *, summary: str, description: str, parameters: Sequence[Parameter], reply: DocumentedReply
) -> Operation:
    one = path.startswith(("convert", "bridge", "view"))
    problems = [*_PROBLEMS, *((codes.MESSAGE_NOT_FIT,) if one else ())]
    return Operation(
        "POST",
        f"/v1/messages/{path}",
        name,
        _TAG,
        summary,
        description + _ABOUT,
        [reply],
        [*problems, codes.MESSAGE_NOT_CONVERTED] if path in ("convert", "bridge") else problems,
        parameters,
        public=True,
        takes_key=True,
        raw=_RAW,
    )


MESSAGE_OPERATIONS: Sequence[Operation] = (
    _operation(
        "inspect",
        "inspect_message",
        summary="What is this message?",
        description="Syntax, type, version, sender, receiver and sample numbers of every letter, with those flagged as "
        "national, those usable as such, and what the others look like: the document that `npn message inspect --json` "
        "prints.",
        parameters=[_SCHEME, _LANG],
        reply=DocumentedReply(200, "What it is.", {JSON: _INSPECTED}, _ANY),
    ),
    _operation(
        "validate",
        "validate_message",
        summary="What is wrong with this message?",
        description="Syntax, the structure of its version, then the rules: the document that `npn message validate "
        "--json` prints. The answer is 200 also where the message has errors: look at `valid`.",
        parameters=[*_CHECKS, _LANG],
        reply=DocumentedReply(
            200,
            "The verdict and the findings.",
            {
                JSON: {"file": "-", "valid": False, "verdict": "invalid", "findings": [_FINDING]},
                "application/xml": _JUNIT,
            },
            _ANY,
        ),
    ),
    _operation(
        "convert",
        "convert_message",
        summary="The same message in the other syntax",
        description="Errors stop the conversion (422), unless `force=true`. With `Accept: multipart/mixed` the "
        "answer has the report of losses before the message, and the report alone where nothing was written.",
        parameters=[_TO, _FORCE, _LANG],
        reply=DocumentedReply(
            200,
            "The message.",
            {
                "application/xml": "<Emessage/>",
                "application/edifact": _EDIFACT,
                "text/plain": _EDIFACT,
                "multipart/mixed": "--…",
            },
            _TEXT,
        ),
    ),
    _operation(
        "convert/report",
        "report_conversion",
        summary="What would a conversion lose?",
        description="Everything that the other syntax can't carry, and the errors that stop the conversion: what "
        "`npn message convert --report` writes.",
        parameters=[_TO, _FORCE, _LANG],
        reply=DocumentedReply(200, "Losses and errors.", {JSON: _REPORT}, _ANY),
    ),
    _operation(
        "bridge",
        "bridge_message",
        summary="The same message in another version of its type",
        description="A loss to the reader stops it (422) without `consent`, and so does what does not fit into the "
        "other version. With `Accept: multipart/mixed` the answer has the report of losses before the message, with "
        "`application/json` it is the report alone: what `npn message bridge --report` writes.",
        parameters=[_VERSION, _CONSENT, _LANG],
        reply=DocumentedReply(
            200,
            "The message.",
            {
                "application/xml": "<Emessage/>",
                "application/edifact": _EDIFACT,
                "multipart/mixed": "--…",
                JSON: _BRIDGED,
            },
            _TEXT,
        ),
    ),
    _operation(
        "view",
        "view_message",
        summary="A page that a person can read",
        description="One HTML page that fetches nothing. The clinician's shows every field, the CPR number included; "
        "the citizen's uses plain words and shows no CPR number.",
        parameters=[_choice("for", ("clinician", "citizen"), "Who reads it.", required=True), _LANG],
        reply=DocumentedReply(200, "The page.", {"text/html": "<!DOCTYPE html>…"}, _TEXT),
    ),
)
