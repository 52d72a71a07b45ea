"""The kinds of error the platform knows, in its own words: nothing here knows of HTTP or SOAP."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from npn.bilingual import BilingualText, FilledText
from npn.errors import codes
from npn.errors.catalogue import CATALOGUE, Code, Meaning

Said = str | BilingualText | FilledText  # English alone is enough where no page shows it
_T = TypeVar("_T")


class NpnError(Exception):
    """Something a caller can be told: a stable `code`, a sentence, and the way out.

    code   stable, snake_case; documented in docs/reference/errors.md
    field  the member of the input that is to blame, where one is
    hint   one line that says what to do about it
    detail what exactly is wrong, in both languages, where it was said by a text of `npn.errors.details`
    """

    code: Code = codes.ERROR

    def __init__(self, message: Said, *, code: Code | None = None, field: str = "", hint: str = "") -> None:
        """`message`: what happened; `code` overrides the class's own where a kind has several."""
        detail = message.of() if isinstance(message, BilingualText) else message
        self.message = detail if isinstance(detail, str) else detail.plain
        self.detail = None if isinstance(detail, str) else detail
        super().__init__(self.message)
        self.code = code or type(self).code
        self.field = field
        self.hint = hint


class InvalidInputError(NpnError):
    """The input can't be understood or is out of bounds; `field` says where."""

    code = codes.INVALID_INPUT


class InvalidFieldsError(InvalidInputError):
    """Several fields are invalid: to a program it is the first of them, a page shows `errors` beside their fields."""

    def __init__(self, errors: Sequence[NpnError]) -> None:
        """`errors`: two or more, in the order of the fields."""
        first = errors[0]
        super().__init__(first.detail or first.message, code=first.code, field=first.field, hint=first.hint)
        self.errors = tuple(errors)


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
        self, message: Said, *, code: Code, field: str = "", hint: str = "", retry_after: int | None = None
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

    def __init__(self, message: Said, *, code: Code | None = None, hint: str = "", retry_after: int = 5) -> None:
        """`retry_after`: seconds until asking again makes sense."""
        super().__init__(message, code=code, hint=hint)
        self.retry_after = retry_after


class ConfigurationError(NpnError):
    """A setting, a file or a command's usage is wrong; nothing was started or changed."""

    code = codes.CONFIGURATION


def meaning_of(error: NpnError) -> Meaning:
    """Return the meaning of an error's code; of its kind's where the code is another program's."""
    return CATALOGUE.get(error.code) or CATALOGUE[type(error).code]


def check_all(*checks: Callable[[], _T]) -> list[_T]:
    """Make every check and return their results; whatever they find wrong is raised at once.

    Raises what the one check raised that failed (invalid input, a conflict, a refusal), or InvalidFieldsError with all
    of them in order.
    """
    results, errors = [], list[NpnError]()
    for check in checks:
        try:
            results.append(check())
        except (InvalidInputError, ConflictError, RefusedError) as error:
            errors.extend(errors_of(error))
    if len(errors) > 1:
        raise InvalidFieldsError(errors)
    if errors:
        raise errors[0]
    return results


def errors_of(error: NpnError) -> tuple[NpnError, ...]:
    """Return the errors that one stands for: itself, or those of several fields."""
    return error.errors if isinstance(error, InvalidFieldsError) else (error,)
