"""The operations of REST about standards, and who can take them."""

from collections.abc import Sequence
from datetime import date

from npn import wire
from npn.errors import codes
from npn.reference.model import ALWAYS, AWAY, JSON, DocumentedReply, Operation, Parameter

_DAY = date(2026, 7, 9)
_STANDARD = wire.Standard(
    code="XRPT05",
    name="MicrobiologyWebReport",
    family="RPT05",
    format="xml",
    versions=[
        wire.StandardVersion(
            version="XR0532M",
            valid_from=None,
            phase_out_from=None,
            valid_to=None,
            replaces="XR0531M",
            features={},
            required_of=[],
            senders=2,
            receivers=21,
        )
    ],
)
_CAPABILITIES = wire.CapabilityList(
    standard="XRPT05",
    at=_DAY,
    list_as_of=_DAY,
    items=[
        wire.CapabilityRow(
            system="Clinisys",
            vendor="SSI",
            system_type="Laboratoriesystemer",
            installation=None,
            version="XR0532M",
            direction="send",
            state="yes",
            features={},
            since=_DAY,
            evidence=wire.CapabilityEvidence(kind="listed_approval", by="MedCom", at=_DAY),
            standard="XRPT05",
            product="clinisys",
            since_derived=True,
        )
    ],
)
_PROBLEMS = (
    *ALWAYS,
    codes.NOT_ACCEPTABLE,
    codes.INVALID_PARAMETER,
    codes.REPEATED_HEADER,
    codes.RATE_LIMITED,
    codes.DATABASE_BUSY,
    *AWAY,
)
_TAG = {"ETag": "Send it as `If-None-Match`: the answer is 304, without a body, as long as nothing has changed."}
_TEXT = {"type": "string", "maxLength": 200}


def _query(name: str, description: str, example: str, *, required: bool = False) -> Parameter:
    return Parameter(name, "query", description, _TEXT, example, required=required)


STANDARD_OPERATIONS: Sequence[Operation] = (
    Operation(
        "GET",
        "/v1/standards",
        "list_standards",
        "Standards",
        "List the standards",
        "Every standard with its versions, and how many systems MedCom's list has as approved to send and receive it. "
        "No key is needed; an address may ask 300 times a minute.",
        [
            DocumentedReply(
                200,
                "The standards, by code.",
                {JSON: wire.StandardList(list_as_of=_DAY, items=[_STANDARD])},
                wire.StandardList,
                _TAG,
            )
        ],
        _PROBLEMS,
        public=True,
    ),
    Operation(
        "GET",
        "/v1/standards/{code}",
        "show_standard",
        "Standards",
        "Show a standard",
        "One standard with its versions: when each is valid, what it replaces and holds, which systems must have it.",
        [DocumentedReply(200, "The standard.", {JSON: _STANDARD}, wire.Standard, _TAG)],
        [*_PROBLEMS, codes.UNKNOWN_STANDARD],
        [Parameter("code", "path", "The standard's code.", _TEXT, "XRPT05")],
        public=True,
    ),
    Operation(
        "GET",
        "/v1/capabilities",
        "list_capabilities",
        "Standards",
        "List who can take a standard",
        "A line for each system that MedCom's list has, and for each installation: the state in one direction of one "
        "version, what says so, and since when. Shown is, in this order, a certificate, what an installation was said "
        "or seen to take, a listed approval. Organisations are named, never persons.",
        [DocumentedReply(200, "The lines, by system.", {JSON: _CAPABILITIES}, wire.CapabilityList, _TAG)],
        [*_PROBLEMS, codes.UNKNOWN_STANDARD],
        [
            _query("standard", "The standard's code.", "XRPT05", required=True),
            _query("version", "Only this version.", "XR0532M"),
            Parameter(
                "direction",
                "query",
                "Only this direction.",
                {"type": "string", "enum": ["send", "receive", "webservice"]},
                "receive",
                required=False,
            ),
            _query("region", "Only installations of this region.", "Region Nordjylland"),
            _query("feature", "The state of a feature.", "max_results>20"),
            Parameter(
                "at",
                "query",
                "As it was that day.",
                {"type": "string", "format": "date"},
                "2026-07-09",
                required=False,
            ),
        ],
        public=True,
    ),
)
