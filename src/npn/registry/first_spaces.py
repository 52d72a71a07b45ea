"""The two spaces that `npn admin init` opens: which scheme, which ranges; and that neither ever changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from npn.errors import ConfigurationError, InvalidInputError, codes, details
from npn.numbers.digits import is_digits
from npn.numbers.notation import named_scheme, same_scheme, write_scheme
from npn.numbers.scheme import NPN10, NumberScheme
from npn.registry import store
from npn.registry.model import Space
from npn.systems.model import Environment


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator says of the first spaces; empty where nothing: `npn10`, and the usual shares."""

    scheme: str = ""
    production: str = ""
    test: str = ""

    def beside(self, known: Sequence[Space]) -> "Wish":
        """Return the wish for what an init that was cut short has left to do: the scheme is that of the first space."""
        return self if self.scheme or not known else replace(self, scheme=write_scheme(known[0].scheme))

    def spaces(self) -> list[Space]:
        """Return the two spaces, production first. Raises InvalidInputError naming what is wrong."""
        scheme = named_scheme(self.scheme) if self.scheme else NPN10
        unit: int = 10 ** (scheme.length - 1)
        production = _range(self.production, "production", scheme) or (unit, 9 * unit - 1)
        test = _range(self.test, "test", scheme) or (9 * unit, 10 * unit - 1)
        if production[0] <= test[1] and test[0] <= production[1]:
            raise InvalidInputError(details.RANGES_OVERLAP, field="test", hint="no number may be of both")
        return [
            Space(environment.value, environment, scheme, first, last, first)
            for environment, (first, last) in ((Environment.PRODUCTION, production), (Environment.TEST, test))
        ]


def _range(text: str, field: str, scheme: NumberScheme) -> tuple[int, int] | None:
    """Read FIRST-LAST; None where nothing was said."""
    if not text:
        return None
    first, _, last = text.partition("-")
    if not all(is_digits(bound, scheme.length) for bound in (first, last)):
        raise InvalidInputError(details.RANGE_FORM.of(length=scheme.length), field=field, hint=f"as {_example(scheme)}")
    if first > last:
        raise InvalidInputError(details.RANGE_BACKWARDS, field=field, hint=f"as {_example(scheme)}")
    return int(first), int(last)


def _example(scheme: NumberScheme) -> str:
    unit: int = 10 ** (scheme.length - 1)
    return f"{unit}-{9 * unit - 1}"


def require_same(connection: sa.Connection, wish: Wish) -> None:
    """Raise ConfigurationError `scheme_fixed` where the database has other first spaces than were asked for.

    Works on every schema since the first one: it is asked before the schema is migrated.
    """
    wished = {Environment.PRODUCTION.value: wish.production, Environment.TEST.value: wish.test}
    wanted = named_scheme(wish.scheme) if wish.scheme else None
    for row in store.rows_of_spaces(connection, wished):
        weights = tuple(map(int, row.weights.split(",")))
        scheme = NumberScheme(row.scheme, row.length, weights, row.modulus, row.remainder)
        if wanted is not None and not same_scheme(scheme, wanted):
            raise ConfigurationError(
                f"the space {row.name} has the scheme {scheme.name} ({write_scheme(scheme)}), which never changes",
                code=codes.SCHEME_FIXED,
                field="scheme",
                hint="another scheme takes another space: npn admin space add, then npn admin space default",
            )
        there = f"{scheme.format(row.first)}-{scheme.format(row.last)}"
        if wished[row.name] and wished[row.name] != there:
            raise ConfigurationError(
                f"the space {row.name} is {there}, which never changes",
                code=codes.SCHEME_FIXED,
                field=row.name,
                hint="further numbers take a further space: npn admin space add",
            )
