"""The two header blocks of DGWS, read: medcom:Header (linking, priority, …) and wsse:Security (time, credentials)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from npn.errors import FaultCode
from npn.soap.dates import read_time
from npn.soap.envelope import Envelope, MessageFacts, elements, text_of
from npn.soap.faults import DgwsError
from npn.soap.names import DS, SAML, WSSE, WSU, split

_LONGEST_ID = 128
_LEVELS = ("1", "2", "3", "4", "5")
_VALUES: Mapping[str, tuple[str, ...]] = {
    "SecurityLevel": _LEVELS,
    "TimeOut": ("5", "30", "480", "1440", "unbound"),
    "FlowStatus": ("flow_running", "flow_finalized_succesfully"),
    "Priority": ("AKUT", "HASTER", "RUTINE"),
    "RequireNonRepudiationReceipt": ("yes", "no"),
}


@dataclass(frozen=True, slots=True)
class Password:
    """A user name and a password; never shown."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"Password({self.username!r})"


@dataclass(frozen=True, slots=True)
class Linking:
    """medcom:Header. Members are as they were sent; None where they were not."""

    message_id: str
    flow_id: str | None
    in_response_to: str | None
    level: int | None
    timeout: str | None
    flow_status: str | None
    priority: str | None
    non_repudiation: str | None


@dataclass(frozen=True, slots=True)
class Security:
    """wsse:Security: when it was made, and what it brings: an ID card, or a plain user name and password."""

    created: datetime | None
    assertion: etree._Element | None
    token: Password | None


def read_linking(envelope: Envelope, seen: MessageFacts) -> Linking:
    """Read medcom:Header. Raises DgwsError."""
    parts, ids = _linking_parts(envelope, seen)
    message_id = text_of(ids["MessageID"]) if "MessageID" in ids else ""
    if not message_id:
        raise _missing("MessageID", "MessageID")
    seen.message_id = _identifier(message_id, "MessageID")
    flow_id = text_of(ids["FlowID"]) if "FlowID" in ids else None
    seen.flow_id = "" if flow_id is None else _identifier(flow_id, "FlowID", empty=True)
    values = _linking_values(parts)
    level = values.get("SecurityLevel")
    return Linking(
        message_id=message_id,
        flow_id=flow_id,
        in_response_to=text_of(ids["InResponseToMessageID"]) if "InResponseToMessageID" in ids else None,
        level=None if level is None else int(level),
        timeout=values.get("TimeOut"),
        flow_status=values.get("FlowStatus"),
        priority=values.get("Priority"),
        non_repudiation=values.get("RequireNonRepudiationReceipt"),
    )


def _linking_parts(
    envelope: Envelope, seen: MessageFacts
) -> tuple[dict[str, etree._Element], dict[str, etree._Element]]:
    """Return the header's elements besides Linking, and those inside it. Raises DgwsError."""
    if envelope.medcom is None:
        raise _missing("the DGWS Header (medcom:Header with Linking and MessageID)", "Header")
    parts = _by_name(envelope.medcom, seen.dgws)
    linking = parts.pop("Linking", None)
    if linking is None:
        raise _missing("Linking", "Linking")
    ids = _by_name(linking, seen.dgws)
    unknown = [*(n for n in parts if n not in _VALUES), *(n for n in ids if not n.endswith("ID"))]
    if unknown:
        raise _wrong(f"the DGWS Header knows no {unknown[0]}", unknown[0])
    return parts, ids


def _linking_values(parts: Mapping[str, etree._Element]) -> dict[str, str]:
    """Return the header's values, each one of those that it may have. Raises DgwsError."""
    values = {name: text_of(element) for name, element in parts.items()}
    for name, value in values.items():
        if value not in _VALUES[name]:
            raise _wrong(f"{name} is one of {', '.join(_VALUES[name])}", name)
    if values.get("RequireNonRepudiationReceipt") == "yes":
        raise DgwsError(
            "this service gives no non-repudiation receipts",
            FaultCode.NONREPUDIATION_NOT_SUPPORTED,
            field="RequireNonRepudiationReceipt",
            hint="send no, or leave it out; the signed receipt of a series is had over REST",
        )
    return values


def read_security(envelope: Envelope) -> Security:
    """Read wsse:Security. Raises DgwsError."""
    if envelope.security is None:
        raise _missing("the Security header (wsse:Security)", "Security")
    created: datetime | None = None
    assertion: etree._Element | None = None
    token: Password | None = None
    for tag, element in _children(envelope.security).items():
        if tag == f"{{{WSU}}}Timestamp":
            created = _created(element)
        elif tag == f"{{{SAML}}}Assertion":
            assertion = element
        elif tag == f"{{{WSSE}}}UsernameToken":
            token = read_password(element)
        elif tag == f"{{{DS}}}Signature":
            raise DgwsError(
                "a signature over the message (level 5) is not supported",
                FaultCode.SIGNATURE_NOT_SUPPORTED,
                field="Signature",
                hint="sign the ID card alone (level 3 or 4)",
            )
        else:
            raise _wrong(f"Security knows no {split(tag)[1]}", split(tag)[1])
    if assertion is not None and token is not None:
        raise _wrong("Security brings an ID card or a UsernameToken, not both", "Security")
    if created is None and token is None:
        raise _missing("the Timestamp in Security, with Created", "Timestamp")
    return Security(created, assertion, token)


def read_password(element: etree._Element) -> Password:
    """Read a wsse:UsernameToken. Raises DgwsError."""
    children = _children(element)
    username, password = children.get(f"{{{WSSE}}}Username"), children.get(f"{{{WSSE}}}Password")
    if username is None or password is None:
        raise _missing("Username and Password in the UsernameToken", "UsernameToken")
    if str(password.get("Type", "")).endswith("#PasswordDigest"):
        raise DgwsError(
            "the password is sent as a digest, which this service can't check: it keeps no passwords",
            FaultCode.INVALID_USERNAME_PASSWORD,
            field="Password",
            hint="send it as PasswordText, over TLS",
        )
    return Password(text_of(username), text_of(password))


def _created(timestamp: etree._Element) -> datetime:
    times = _children(timestamp)
    created = times.get(f"{{{WSU}}}Created")
    if created is None:
        raise _missing("Created in the Timestamp", "Created")
    if (expires := times.get(f"{{{WSU}}}Expires")) is not None:
        read_time(text_of(expires), "Expires")
    return read_time(text_of(created), "Created")


def _children(parent: etree._Element) -> dict[str, etree._Element]:
    by_name: dict[str, etree._Element] = {}
    for child in elements(parent):
        if child.tag in by_name:
            raise _wrong(f"{split(child.tag)[1]} stands twice in {split(parent.tag)[1]}", split(child.tag)[1])
        by_name[child.tag] = child
    return by_name


def _by_name(parent: etree._Element, namespace: str) -> dict[str, etree._Element]:
    """Return the children by local name; each must be in the caller's DGWS namespace."""
    by_name: dict[str, etree._Element] = {}
    for tag, child in _children(parent).items():
        space, local = split(tag)
        if space != namespace:
            raise _wrong(f"{local} is not in the namespace of the DGWS Header it stands in", local)
        by_name[local] = child
    return by_name


def _identifier(text: str, name: str, *, empty: bool = False) -> str:
    if not (text or empty) or len(text) > _LONGEST_ID or not all("!" <= c <= "~" for c in text):
        raise _wrong(f"{name} has 1 to {_LONGEST_ID} visible ASCII characters", name)
    return text


def _missing(what: str, field: str) -> DgwsError:
    return DgwsError(f"{what} is missing", FaultCode.MISSING_REQUIRED_HEADER, field=field)


def _wrong(message: str, field: str) -> DgwsError:
    return DgwsError(message, FaultCode.SYNTAX_ERROR, field=field)
