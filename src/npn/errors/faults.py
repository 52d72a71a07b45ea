"""The fault codes of DGWS: a closed list of somebody else's, each with what it means and the way out."""

from enum import StrEnum
from typing import Self


class FaultCode(StrEnum):
    """A fault code of DGWS. `meaning` and `way_out` are the documentation's."""

    meaning: str
    way_out: str

    def __new__(cls, code: str, meaning: str, way_out: str) -> Self:
        """Keep the texts beside the code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.way_out = way_out
        return member

    SYNTAX_ERROR = (
        "syntax_error",
        "the message, its header or its body is not right; `Problem/Field` and the text say where",
        "mend the message",
    )
    MISSING_REQUIRED_HEADER = (
        "missing_required_header",
        "Security, its Timestamp, the DGWS Header, Linking or MessageID is missing",
        "send it",
    )
    SECURITY_LEVEL_FAILED = (
        "security_level_failed",
        "the credentials are of another level than SecurityLevel says, of one the system may not use, or there are none",
        "ask the operator which levels your system may use",
    )
    INVALID_USERNAME_PASSWORD = (
        "invalid_username_password",
        "nobody has this user name and password",
        "the user name is the system's id, the password its API key",
    )
    INVALID_SIGNATURE = (
        "invalid_signature",
        "the ID card is not signed, the signature does not hold, or it is of something else",
        "sign the ID card, with its certificate in KeyInfo",
    )
    INVALID_IDCARD = (
        "invalid_idcard",
        "the ID card lacks something, is not good yet, is good for too long, or names another key",
        "compare it with the guide",
    )
    INVALID_CERTIFICATE = (
        "invalid_certificate",
        "the certificate is bound to no system, or not valid now",
        "have the operator bind it",
    )
    EXPIRED_IDCARD = (
        "expired_idcard",
        "the ID card is over, or older than 24 hours",
        "make a new one",
    )
    NOT_AUTHORIZED = (
        "not_authorized",
        "suspended, another system's series, or a policy says no; `Problem/Code` says which",
        "ask the operator",
    )
    ILLEGAL_HTTP_METHOD = (
        "illegal_http_method",
        "messages are sent with POST",
        "send it with POST",
    )
    NONREPUDIATION_NOT_SUPPORTED = (
        "nonrepudiation_not_supported",
        "there are no non-repudiation receipts",
        "send `no`, or leave it out",
    )
    SIGNATURE_NOT_SUPPORTED = (
        "signature_not_supported",
        "a signature over the message (level 5) is not supported",
        "sign the ID card alone",
    )
    PROCESSING_PROBLEM = (
        "processing_problem",
        "it can't be done as asked, or not now; `Problem/Code` says why",
        "a Server fault: repeat the message; else change the request",
    )
    INVALID_DATE_TIMEZONE = (
        "invalid_date_timezone",
        "a time is not in Zulu",
        "write `2026-01-31T12:00:00Z`",
    )
