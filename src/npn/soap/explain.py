"""How a message is understood, header by header, and the answer it would get: for the vendors' test page."""

from collections.abc import Iterator
from dataclasses import dataclass

from npn.soap.dates import write_time
from npn.soap.header import Linking, Security
from npn.soap.idcard import IdCard
from npn.soap.operations import Asked

NOT_SAID = "not said"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was read: what it is, what was sent, and how it is taken."""

    name: str
    sent: str
    taken: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the test page shows. `fault` where the message, as it stands, would be refused."""

    rows: list[Row]
    status: int
    answer: str
    fault: str


def linking_rows(linking: Linking) -> Iterator[Row]:
    """Explain medcom:Header."""
    yield Row("MessageID", linking.message_id, "identifies the message: repeat it unchanged to have the same answer")
    flow = "is repeated in the answer" if linking.flow_id else "the answer has none either"
    yield Row("FlowID", linking.flow_id or NOT_SAID, flow)
    yield Row("InResponseToMessageID", linking.in_response_to or NOT_SAID, "is not used in a request")
    level = "must be the level of the credentials"
    yield Row("SecurityLevel", NOT_SAID if linking.level is None else str(linking.level), level)
    yield Row("TimeOut", linking.timeout or NOT_SAID, "is kept: every answer comes at once")
    yield Row("Priority", linking.priority or NOT_SAID, "all are served alike, at once")
    yield Row("FlowStatus", linking.flow_status or NOT_SAID, "is not used in a request")
    yield Row("RequireNonRepudiationReceipt", linking.non_repudiation or NOT_SAID, "only no is possible")


def security_rows(security: Security) -> Iterator[Row]:
    """Explain wsse:Security; never the password."""
    created = NOT_SAID if security.created is None else write_time(security.created)
    yield Row("Timestamp/Created", created, "must be Zulu time")
    if security.token is not None:
        yield Row("UsernameToken", security.token.username, "a plain user name and password: level 2")
    elif security.assertion is None:
        yield Row("credentials", "none", "level 1: the TLS client certificate says who calls")
    else:
        yield Row("ID card", str(security.assertion.get("id")), "is read next")


def card_rows(card: IdCard) -> Iterator[Row]:
    """Explain an ID card that was accepted."""
    yield Row("ID card: Issuer", card.issuer, "is not checked")
    yield Row("ID card: NameID", card.name, "is not checked; the key or the certificate says who calls")
    times = f"{write_time(card.not_before)} to {write_time(card.not_after)}"
    yield Row("ID card: Conditions", times, "is good now")
    for name, value in card.attributes.items():
        yield Row(f"ID card: {name}", value, "was read")


def asked_rows(asked: Asked) -> Iterator[Row]:
    """Explain the body."""
    meaning = {"draw": "draw a series", "release": "release a series", "look_up": "look a number up"}
    yield Row("operation", asked.names.operation, meaning[asked.operation])
    for ours, name in asked.names.inside.items():
        yield Row(name, asked.values.get(ours, NOT_SAID), "was read")
