"""The kinds of error the platform knows, in its own words: nothing here knows of HTTP or SOAP."""

from npn.errors import codes
from npn.errors.catalogue import CATALOGUE, Code, Meaning


class NpnError(Exception):
    """Something a caller can be told: a stable `code`, a sentence, and the way out.

    code   stable, snake_case; documented in docs/reference/errors.md
    field  the member of the input that is to blame, where one is
    hint   one line that says what to do about it
    """

    code: Code = codes.ERROR

    def __init__(self, message: str, *, code: Code | None = None, field: str = "", hint: str = "") -> None:
        """`message`: what happened; `code` overrides the class's own where a kind has several."""
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.hint = hint


class InvalidInputError(NpnError):
    """The input can't be understood or is out of bounds; `field` says where."""

    code = codes.INVALID_INPUT


class NotFoundError(NpnError):
    """What was asked for does not exist, or not for this caller."""

    code = codes.NOT_FOUND


class ConflictError(NpnError):
    """The input is sound but contradicts what is already there."""

    code = codes.CONFLICT


class UnauthenticatedError(NpnError):
    """Nobody knows who is calling."""

    code = codes.UNAUTHENTICATED


class RefusedError(NpnError):
    """A policy says no; `code` says which. `retry_after` in seconds where waiting helps."""

    code = codes.REFUSED

    def __init__(
        self, message: str, *, code: Code, field: str = "", hint: str = "", retry_after: int | None = None
    ) -> None:
        """`retry_after`: seconds until asking again makes sense."""
        super().__init__(message, code=code, field=field, hint=hint)
        self.retry_after = retry_after


class UnavailableError(NpnError):
    """It can't be done now, or its outcome is not known; repeat it with the same request id.

    `nothing_done`: it is certain that nothing was changed, so that it may be repeated without asking anybody.
    `passes`: it may be a failover, which is over in seconds. `lasting`: waiting helps nothing, somebody
    must set it right.
    """

    code = codes.UNAVAILABLE
    nothing_done = False
    passes = False
    lasting = False

    def __init__(self, message: str, *, code: Code | None = None, hint: str = "", retry_after: int = 5) -> None:
        """`retry_after`: seconds until asking again makes sense."""
        super().__init__(message, code=code, hint=hint)
        self.retry_after = retry_after


class ConfigurationError(NpnError):
    """A setting, a file or a command's usage is wrong; nothing was started or changed."""

    code = codes.CONFIGURATION


def meaning_of(error: NpnError) -> Meaning:
    """Return the meaning of an error's code; of its kind's where the code is another program's."""
    return CATALOGUE.get(error.code) or CATALOGUE[type(error).code]
