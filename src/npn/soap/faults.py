"""How errors are told in SOAP: with the DGWS fault code that the catalogue names for a code.

DGWS has a closed list of codes; our own code stands beside it in the fault's detail, with the field and the way out.
SOAP 1.1 sends every fault with HTTP status 500 (SOAP 1.1, section 6.2), SOAP 1.2 the caller's with 400.
"""

from dataclasses import dataclass

from npn.errors import Code, FaultCode, NpnError, RefusedError, UnavailableError, codes, meaning_of
from npn.wire.problems import RequestError


class DgwsError(NpnError):
    """The envelope or its headers are refused; `fault` is the DGWS code itself.

    `reason` is what SOAP calls the fault where that is not simply the caller's: VersionMismatch, MustUnderstand.
    `status`: the HTTP status where SOAP never came to it.
    """

    def __init__(
        self, message: str, code: FaultCode, *, hint: str = "", field: str = "", reason: str = "", status: int = 0
    ) -> None:
        """`message`: what is wrong and with what."""
        super().__init__(message, code=Code(code.value), field=field, hint=hint)
        self.fault = code
        self.reason = reason
        self.status = status


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
        server = error.fault in _SERVERS
        return Fault(
            error.fault, error.message, server, error.code, error.field, error.hint, error.reason, error.status
        )
    if not isinstance(error, NpnError) or isinstance(error, RequestError) or meaning_of(error).status == 500:
        return Fault(FaultCode.PROCESSING_PROBLEM, _FAILED, server=True, problem=codes.INTERNAL_ERROR)
    meaning = meaning_of(error)
    wait = error.retry_after if isinstance(error, RefusedError | UnavailableError) else None
    if isinstance(error, UnavailableError):
        return Fault(meaning.fault, _HIDDEN, server=True, problem=error.code, retry_after=wait)
    server = meaning.status > 500
    return Fault(meaning.fault, error.message, server, error.code, error.field, error.hint, retry_after=wait)
