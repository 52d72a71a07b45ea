"""The DGWS ID card: a SAML assertion that says who calls, on which level, from when to when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from npn.errors import FaultCode
from npn.soap.dates import read_time
from npn.soap.envelope import elements, text_of
from npn.soap.faults import DgwsError
from npn.soap.header import Password, read_password
from npn.soap.names import DS, SAML, WSSE, split

LONGEST_LIFE = timedelta(hours=24)
HOLDER_OF_KEY = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
_STATEMENTS = ("IDCardData", "UserLog", "SystemLog")
_VERSIONS = ("1.0", "1.0.1")


@dataclass(frozen=True, slots=True)
class IdCard:
    """An ID card as it was read. `key_name`: which key its holder proves; `attributes` by name."""

    id: str
    issuer: str
    name: str
    method: str | None
    key_name: str | None
    password: Password | None
    issued_at: datetime
    not_before: datetime
    not_after: datetime
    attributes: Mapping[str, str]

    @property
    def level(self) -> int | None:
        """Return the level that the card says, None where it says none."""
        text = self.attributes.get("sosi:AuthenticationLevel")
        if text is None:
            return None
        if text not in ("1", "2", "3", "4"):
            raise DgwsError(
                "AuthenticationLevel is 1, 2, 3 or 4", FaultCode.INVALID_IDCARD, field="AuthenticationLevel"
            )
        return int(text)


def read_card(assertion: etree._Element) -> IdCard:
    """Read an ID card. Raises DgwsError `invalid_idcard`, `invalid_date_timezone` or `syntax_error`."""
    parts: dict[str, etree._Element] = {}
    attributes: dict[str, str] = {}
    for child in elements(assertion):
        namespace, local = split(child.tag)
        if (namespace, local) == (SAML, "AttributeStatement"):
            _add_attributes(child, attributes)
        elif local in parts or (namespace, local) not in _PARTS:
            raise _wrong(f"the ID card has a {local} too many, or of another kind", local)
        else:
            parts[local] = child
    missing = [name for name in ("Issuer", "Subject", "Conditions") if name not in parts]
    if missing or not assertion.get("id"):
        name = missing[0] if missing else "id"
        raise _wrong(f"the ID card has no {name}", name)
    version = attributes.get("sosi:IDCardVersion")
    if version is not None and version not in _VERSIONS:
        raise _wrong(f"the ID card's version is {' or '.join(_VERSIONS)}", "IDCardVersion")
    name, method, key_name, password = _subject(parts["Subject"])
    conditions = parts["Conditions"]
    return IdCard(
        id=str(assertion.get("id")),
        issuer=text_of(parts["Issuer"]),
        name=name,
        method=method,
        key_name=key_name,
        password=password,
        issued_at=read_time(str(assertion.get("IssueInstant", "")), "IssueInstant"),
        not_before=read_time(str(conditions.get("NotBefore", "")), "NotBefore"),
        not_after=read_time(str(conditions.get("NotOnOrAfter", "")), "NotOnOrAfter"),
        attributes=attributes,
    )


_PARTS = ((SAML, "Issuer"), (SAML, "Subject"), (SAML, "Conditions"), (DS, "Signature"))


def check_age(card: IdCard, at: datetime, skew: timedelta) -> None:
    """Refuse a card that is over, too old, not yet good, or good for too long."""
    if card.not_after <= card.not_before:
        raise _wrong("the ID card ends before it begins", "Conditions")
    if card.not_after - card.not_before > LONGEST_LIFE + skew:
        raise _wrong("the ID card is good for more than 24 hours", "Conditions")
    if at >= card.not_after + skew or at - card.issued_at > LONGEST_LIFE + skew:
        raise DgwsError("the ID card has expired", FaultCode.EXPIRED_IDCARD, hint="make a new one; it lasts 24 hours")
    if at < card.not_before - skew or at < card.issued_at - skew:
        raise _wrong("the ID card is not good yet", "Conditions", "set your clock: it is ahead of ours")


def _add_attributes(statement: etree._Element, attributes: dict[str, str]) -> None:
    if statement.get("id") not in _STATEMENTS:
        raise _wrong(f"an AttributeStatement's id is {', '.join(_STATEMENTS)}", "AttributeStatement")
    for attribute in elements(statement):
        name, values = str(attribute.get("Name", "")), elements(attribute)
        if attribute.tag != f"{{{SAML}}}Attribute" or len(values) != 1 or not name or name in attributes:
            raise _wrong("an attribute of the ID card has its own name and one value", name or "Attribute")
        attributes[name] = text_of(values[0])


def _subject(subject: etree._Element) -> tuple[str, str | None, str | None, Password | None]:
    """Return the name, how it is confirmed, the key's name, and the password."""
    name, method, key_name = "", None, None
    password: Password | None = None
    for part in elements(subject):
        if part.tag == f"{{{SAML}}}NameID":
            name = text_of(part)
            continue
        if part.tag != f"{{{SAML}}}SubjectConfirmation":
            raise _wrong("the ID card's Subject has a part of another kind", split(part.tag)[1])
        for piece in elements(part):
            if piece.tag == f"{{{SAML}}}ConfirmationMethod":
                method = text_of(piece)
            elif piece.tag == f"{{{SAML}}}SubjectConfirmationData":
                key_name, password = _confirmation(piece)
    return name, method, key_name, password


def _confirmation(data: etree._Element) -> tuple[str | None, Password | None]:
    key_name, password = None, None
    for piece in elements(data):
        if piece.tag == f"{{{WSSE}}}UsernameToken":
            password = read_password(piece)
        elif piece.tag == f"{{{DS}}}KeyInfo":
            named = piece.find(f"{{{DS}}}KeyName")
            key_name = None if named is None else text_of(named)
        else:
            raise _wrong("SubjectConfirmationData has a part of another kind", split(piece.tag)[1])
    return key_name, password


def _wrong(message: str, field: str, hint: str = "") -> DgwsError:
    return DgwsError(message, FaultCode.INVALID_IDCARD, field=field, hint=hint)
