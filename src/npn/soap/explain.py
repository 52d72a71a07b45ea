"""How a message is understood, header by header, and the answer it would get: for the vendors' test page."""

from collections.abc import Iterator
from dataclasses import dataclass

from npn.soap.dates import write_time
from npn.soap.header import Linking, Security
from npn.soap.idcard import IdCard
from npn.soap.operations import OperationCall

NOT_SAID = "not said"


@dataclass(frozen=True, slots=True)
class ExplainedValue:
    """One thing that was read: what it is, what was sent, and how it is taken."""

    name: str
    sent: str
    taken: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the test page shows. `fault` where the message, as it stands, would be refused."""

    rows: list[ExplainedValue]
    status: int
    answer: str
    fault: str


def linking_rows(linking: Linking) -> Iterator[ExplainedValue]:
    """Explain medcom:Header."""
    yield ExplainedValue(
        "MessageID", linking.message_id, "identifies the message: repeat it unchanged to have the same answer"
    )
    flow = "is repeated in the answer" if linking.flow_id else "the answer has none either"
    yield ExplainedValue("FlowID", linking.flow_id or NOT_SAID, flow)
    yield ExplainedValue("InResponseToMessageID", linking.in_response_to or NOT_SAID, "is not used in a request")
    level = "must be the level of the credentials"
    yield ExplainedValue("SecurityLevel", NOT_SAID if linking.level is None else str(linking.level), level)
    yield ExplainedValue("TimeOut", linking.timeout or NOT_SAID, "is kept: every answer comes at once")
    yield ExplainedValue("Priority", linking.priority or NOT_SAID, "all are served alike, at once")
    yield ExplainedValue("FlowStatus", linking.flow_status or NOT_SAID, "is not used in a request")
    yield ExplainedValue("RequireNonRepudiationReceipt", linking.non_repudiation or NOT_SAID, "only no is possible")


def security_rows(security: Security) -> Iterator[ExplainedValue]:
    """Explain wsse:Security; never the password."""
    created = NOT_SAID if security.created is None else write_time(security.created)
    yield ExplainedValue("Timestamp/Created", created, "must be Zulu time")
    if security.token is not None:
        yield ExplainedValue("UsernameToken", security.token.username, "a plain user name and password: level 2")
    elif security.assertion is None:
        yield ExplainedValue("credentials", "none", "level 1: the TLS client certificate says who calls")
    else:
        yield ExplainedValue("ID card", str(security.assertion.get("id")), "is read next")


def card_rows(card: IdCard) -> Iterator[ExplainedValue]:
    """Explain an ID card that was accepted."""
    yield ExplainedValue("ID card: Issuer", card.issuer, "is not checked")
    yield ExplainedValue("ID card: NameID", card.name, "is not checked; the key or the certificate says who calls")
    times = f"{write_time(card.not_before)} to {write_time(card.not_after)}"
    yield ExplainedValue("ID card: Conditions", times, "is good now")
    for name, value in card.attributes.items():
        yield ExplainedValue(f"ID card: {name}", value, "was read")


def asked_rows(asked: OperationCall) -> Iterator[ExplainedValue]:
    """Explain the body."""
    meaning = {"draw": "draw a series", "release": "release a series", "look_up": "look a number up"}
    yield ExplainedValue("operation", asked.names.operation, meaning[asked.operation])
    for ours, name in asked.names.inside.items():
        yield ExplainedValue(name, asked.values.get(ours, NOT_SAID), "was read")
