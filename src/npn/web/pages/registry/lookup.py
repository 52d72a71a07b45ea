"""Looking a number up: its whole history, and what may have been meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.errors import InvalidInputError
from npn.http.answers import Answer
from npn.numbers.check import compact
from npn.numbers.digits import is_digits
from npn.people.model import AccountRole, Person
from npn.reading import Reading
from npn.registry.lookup import NumberStatus, SuggestedNumber, lengths, look_up, mistyped
from npn.systems.service import Systems
from npn.web.forms import Field, Form
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.texts import _
from npn.web.visit import Visit

STATES = {
    "granted": _("granted"),
    "released": _("given back"),
    "imported": _("in use from before"),
    "withheld": _("withheld after a recovery"),
    "never_issued": _("never issued"),
    "given_free": _("may be granted again"),
}
_FIELDS = (Field("number", _("Sample number"), largest=40),)
_SHORTEST, _LONGEST = 6, 20  # digits that may be a number with some left out or typed twice
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))


@dataclass(frozen=True, slots=True)
class _Guess:
    """A number that may have been meant. `parts`: its digits in order, each part with whether it differs.

    `system`: whose it is, where the visitor may know that; `hidden` where it is somebody's and they may not.
    """

    number: str
    state: str
    parts: Sequence[tuple[str, bool]]
    system: str
    hidden: bool


@get("/lookup", signed_in())
async def show_lookup(visit: Visit) -> Answer:
    """Look a number up; who it belongs to is said to whom it concerns alone."""
    form, history = visit.question(_FIELDS), None
    typed = compact(form["number"].translate(_BLANKS))
    guesses: Sequence[SuggestedNumber] = ()
    if typed and not form.errors:
        try:
            history = await visit.look(_history, typed)
            guesses = history.suggestions
        except InvalidInputError as error:
            visit.blame(form, error)
            guesses = await _mistyped(visit, form, typed)
    hidden = history is not None and not _may_know(visit.person, history)
    names = await visit.read(_names, visit.services.systems) if typed else {}
    return await visit.page(
        "registry/lookup.html",
        form=form,
        history=history,
        hidden=hidden,
        states=STATES,
        names=names,
        guesses=[_guess(visit.person, typed, guess) for guess in guesses],
    )


def _names(systems: Systems) -> dict[str, str]:
    return {system.id: system.name for system in systems.list(closed=True)}


def _history(reading: Reading, number: str) -> NumberStatus:
    return look_up(reading.database, number)


async def _mistyped(visit: Visit, form: Form, typed: str) -> Sequence[SuggestedNumber]:
    """Put the number of digits beside the field, and return what may have been meant."""
    if not (is_digits(typed) and len(typed) <= _LONGEST):
        return ()
    digits = visit.text(_(" or ")).join(map(str, await visit.look(_lengths)))
    text = _("A sample number has %(digits)s digits, and this has %(there)s.")
    form.errors["number"] = visit.text(text, digits=digits, there=str(len(typed)))
    return await visit.look(_close_to, typed) if len(typed) >= _SHORTEST else ()


def _lengths(reading: Reading) -> list[int]:
    return lengths(reading.database)


def _close_to(reading: Reading, typed: str) -> list[SuggestedNumber]:
    return mistyped(reading.database, typed)


def _guess(person: Person, typed: str, guess: SuggestedNumber) -> _Guess:
    is_told = guess.system is not None and person.role is not AccountRole.GROUP and person.may_see(guess.system)
    return _Guess(
        number=guess.number,
        state=guess.state,
        parts=differing(typed, guess.number),
        system=guess.system or "" if is_told else "",
        hidden=guess.system is not None and not is_told,
    )


def differing(typed: str, meant: str) -> list[tuple[str, bool]]:
    """Return the digits of the number that was meant in parts, each with whether it differs from what was typed.

    >>> differing("1000000051", "1000000015")
    [('10000000', False), ('15', True)]
    >>> differing("100000001", "1000000015")
    [('100000001', False), ('5', True)]
    """
    start = _alike(typed, meant)
    rest = min(len(typed), len(meant)) - start
    end = min(_alike(typed[::-1], meant[::-1]), rest)
    middle = meant[start : len(meant) - end]
    if not middle:  # a digit was typed twice: of the two that are alike the one that stays is pointed out
        start, middle = start - 1, meant[start - 1 : start]
    parts = ((meant[:start], False), (middle, True), (meant[start + len(middle) :], False))
    return [part for part in parts if part[0]]


def _alike(one: str, other: str) -> int:
    """Count the digits with which both begin."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _may_know(person: Person, history: NumberStatus) -> bool:
    """Whether the person may know whose number it is; the state of a number is known to everybody who signs in."""
    if history.system is None or person.role is AccountRole.GROUP:
        return history.system is None
    return person.may_see(history.system)
