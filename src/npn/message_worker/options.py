"""The options of a job, which came as text: read strictly, named as the commands name them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from npn.errors import ConfigurationError, InvalidInputError, codes, details
from npn.messages import Interchange, read_all, validate
from npn.messages.documents import Check
from npn.messages.model.number_forms import KNOWN_SCHEMES
from npn.messages.profiles import known, named
from npn.messages.rules import Options, select
from npn.messages.versions.notation import Version
from npn.numbers.notation import KNOWN, named_scheme
from npn.numbers.scheme import NumberScheme

MAX_LIMIT = 1_000_000


def check_of(options: Mapping[str, str]) -> Check:
    """Return the check of an interchange that the options ask for. Raises InvalidInputError naming the wrong one."""
    patterns = tuple(filter(None, options.get("rules", "").replace(" ", "").split(",")))
    settled = Options(
        limit=limit_of(options),
        schemes=schemes_of(options),
        stated=bool(options.get("scheme")),
        now=datetime.now().astimezone().replace(tzinfo=None),  # messages state local time without a zone
        show_persons=is_set(options, "show_persons"),
    )
    return partial(validate, rules=select(patterns), options=settled)


def limit_of(options: Mapping[str, str]) -> int | None:
    """Return the most results that the receiver takes. Raises InvalidInputError."""
    text = options.get("limit")
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and 1 <= int(text[:8]) <= MAX_LIMIT:
        return int(text)
    raise InvalidInputError(details.MESSAGE_LIMIT.of(most=MAX_LIMIT), code=codes.INVALID_PARAMETER, field="limit")


def schemes_of(options: Mapping[str, str]) -> tuple[NumberScheme, ...]:
    """Return the schemes that make a number an NPN, named with semicolons between; all known where none is.

    Raises InvalidInputError.
    """
    names = filter(None, (name.strip() for name in options.get("scheme", "").split(";")))
    try:
        return tuple(map(named_scheme, names)) or KNOWN_SCHEMES
    except InvalidInputError as error:
        raise _wrong("scheme", (*KNOWN, "LENGTH:WEIGHT,...:MODULUS:REMAINDER")) from error


def version_of(options: Mapping[str, str]) -> Version:
    """Return the version that a message is to be written in. Raises InvalidInputError."""
    try:
        return named(options.get("to", ""))
    except ConfigurationError as error:
        raise _wrong("to", [version.name for version in known()]) from error


def consents_of(options: Mapping[str, str]) -> tuple[str, ...]:
    """Return the losses that are let through, with semicolons between."""
    return tuple(filter(None, (rule.strip() for rule in options.get("consent", "").split(";"))))


def one_of(options: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return an option that has a few values; the first where it is left out. Raises InvalidInputError."""
    value = options.get(name, choices[0])
    if value not in choices:
        raise _wrong(name, choices)
    return value


def required(options: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return an option that must be given. Raises InvalidInputError."""
    if not options.get(name):
        raise _wrong(name, choices)
    return one_of(options, name, choices)


def is_set(options: Mapping[str, str], name: str) -> bool:
    """Return an option that is on or off. Raises InvalidInputError."""
    return one_of(options, name, ("false", "true")) == "true"


def only_interchange(data: bytes) -> Interchange:
    """Read a file that must hold one interchange. Raises InvalidInputError."""
    interchanges = read_all(data)
    if len(interchanges) != 1:
        raise InvalidInputError(
            f"the file holds {len(interchanges)} interchanges", code=codes.MESSAGE_NOT_FIT, hint="send one at a time"
        )
    return interchanges[0]


def _wrong(name: str, choices: Iterable[str]) -> InvalidInputError:
    detail = details.MESSAGE_OPTION.of(name=name, choices=", ".join(choices))
    return InvalidInputError(detail, code=codes.INVALID_PARAMETER, field=name)
