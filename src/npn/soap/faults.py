"""THE table: which DGWS fault code each of our errors is answered with, and how it is told.

DGWS has a closed list of codes; our own code stands beside it in the fault's detail, with the field and the way out.
SOAP 1.1 sends every fault with HTTP status 500 (SOAP 1.1, section 6.2), SOAP 1.2 the caller's with 400.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from npn.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NpnError,
    RefusedError,
    UnauthenticatedError,
    UnavailableError,
)


class FaultCode(StrEnum):
    """The fault codes of DGWS."""

    SYNTAX_ERROR = "syntax_error"
    MISSING_REQUIRED_HEADER = "missing_required_header"
    SECURITY_LEVEL_FAILED = "security_level_failed"
    INVALID_USERNAME_PASSWORD = "invalid_username_password"  # noqa: S105  # a code's name, no password
    INVALID_SIGNATURE = "invalid_signature"
    INVALID_IDCARD = "invalid_idcard"
    INVALID_CERTIFICATE = "invalid_certificate"
    EXPIRED_IDCARD = "expired_idcard"
    NOT_AUTHORIZED = "not_authorized"
    ILLEGAL_HTTP_METHOD = "illegal_http_method"
    NONREPUDIATION_NOT_SUPPORTED = "nonrepudiation_not_supported"
    SIGNATURE_NOT_SUPPORTED = "signature_not_supported"
    PROCESSING_PROBLEM = "processing_problem"
    INVALID_DATE_TIMEZONE = "invalid_date_timezone"


class DgwsError(NpnError):
    """The envelope or its headers are refused; `code` is the DGWS code itself.

    `reason` is what SOAP calls the fault where that is not simply the caller's: VersionMismatch, MustUnderstand.
    `status`: the HTTP status where SOAP never came to it.
    """

    def __init__(
        self, message: str, code: FaultCode, *, hint: str = "", field: str = "", reason: str = "", status: int = 0
    ) -> None:
        """`message`: what is wrong and with what."""
        super().__init__(message, code=code.value, field=field, hint=hint)
        self.reason = reason
        self.status = status


_OF_CODE: Mapping[str, FaultCode] = {
    "system_suspended": FaultCode.NOT_AUTHORIZED,
    "agreement_missing": FaultCode.NOT_AUTHORIZED,
    "insecure_transport": FaultCode.NOT_AUTHORIZED,
    "wrong_space": FaultCode.NOT_AUTHORIZED,
    "not_owner": FaultCode.NOT_AUTHORIZED,
    "not_a_system": FaultCode.NOT_AUTHORIZED,
    "space_exhausted": FaultCode.PROCESSING_PROBLEM,
    "quota_exceeded": FaultCode.PROCESSING_PROBLEM,
    "rate_limited": FaultCode.PROCESSING_PROBLEM,
    "count_too_large": FaultCode.PROCESSING_PROBLEM,
    "count_too_small": FaultCode.PROCESSING_PROBLEM,
}
_OF_KIND: tuple[tuple[type[NpnError], FaultCode], ...] = (
    (InvalidInputError, FaultCode.SYNTAX_ERROR),
    (UnauthenticatedError, FaultCode.INVALID_USERNAME_PASSWORD),
    (RefusedError, FaultCode.NOT_AUTHORIZED),
    (NotFoundError, FaultCode.PROCESSING_PROBLEM),
    (ConflictError, FaultCode.PROCESSING_PROBLEM),
    (UnavailableError, FaultCode.PROCESSING_PROBLEM),
)
_SERVERS = (FaultCode.NONREPUDIATION_NOT_SUPPORTED, FaultCode.SIGNATURE_NOT_SUPPORTED)
_HIDDEN = "The service can't do it now. Repeat the message with the same MessageID."
_FAILED = "The service has a fault. Its log has the details, under the MessageID."


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault ready to be written. `server`: ours, not the caller's. `problem`: our own stable code."""

    code: FaultCode
    text: str
    server: bool
    problem: str
    field: str = ""
    hint: str = ""
    reason: str = ""
    status: int = 0
    retry_after: int | None = None


def fault_of(error: Exception) -> Fault:
    """Return the fault of an error. An error that is not ours says only where to look."""
    if isinstance(error, DgwsError):
        code = FaultCode(error.code)
        server = code in _SERVERS
        return Fault(code, error.message, server, error.code, error.field, error.hint, error.reason, error.status)
    known = None
    if isinstance(error, NpnError):
        known = _OF_CODE.get(error.code) or next((c for kind, c in _OF_KIND if isinstance(error, kind)), None)
    if known is None or not isinstance(error, NpnError):
        return Fault(FaultCode.PROCESSING_PROBLEM, _FAILED, server=True, problem="internal_error")
    wait = error.retry_after if isinstance(error, RefusedError | UnavailableError) else None
    if isinstance(error, UnavailableError):
        return Fault(known, _HIDDEN, server=True, problem=error.code, retry_after=wait)
    server = error.code == "space_exhausted"
    return Fault(known, error.message, server, error.code, error.field, error.hint, retry_after=wait)
