"""`npn check`, `npn numbers` and `npn suggest`: the arithmetic of sample numbers, without any service."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import click

from npn.cli.errors import ANSWER_IS_NO, DONE, say
from npn.errors import InvalidInputError
from npn.numbers.check import NOT_USABLE, validate
from npn.numbers.digits import is_digits
from npn.numbers.notation import read_scheme
from npn.numbers.quoting import quoted
from npn.numbers.scheme import NumberScheme
from npn.text import iterate_lines

if TYPE_CHECKING:
    from npn.numbers.series import Series
    from npn.numbers.suggest import Mistake

READ_AT_ONCE = 65_536
LONGEST_LINE = 1_000  # of a line that is too long to be a number its beginning is enough, to be shown
LONG_LIST = 5_000_000  # usable numbers from which importing numpy pays

_EXPLAINED: "dict[Mistake, str]" = {
    "swap": "two neighbouring digits changed places",
    "digit": "one digit was typed as another",
    "jump_swap": "two digits on either side of a third changed places",
    "twin": "two equal digits were typed as two others",
    "dropped": "one digit was left out",
    "doubled": "one digit was typed twice",
}


def _scheme(_ctx: click.Context, _parameter: click.Parameter, value: str) -> NumberScheme:
    return read_scheme(value)


scheme_option = click.option(
    "--scheme",
    default="npn10",
    show_default=True,
    callback=_scheme,
    metavar="SCHEME",
    help="The number scheme: npn10, or one written out as LENGTH:WEIGHT,WEIGHT,...:MODULUS:REMAINDER.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.command(short_help="Is each number usable?")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@scheme_option
@json_option
def check(numbers: tuple[str, ...], scheme: NumberScheme, as_json: bool) -> int:  # noqa: FBT001  # click's way
    """Report for each NUMBER whether it is usable; - reads standard input, one number a line.

    Spaces and hyphens within a number are ignored, and so are empty lines. With --json, one document a line.
    Exit status 1 if any is not usable.
    """
    all_usable, any_answer = True, False
    for texts in _batches(numbers):
        answers = [_answer(text, scheme) for text in texts]
        any_answer = any_answer or bool(answers)
        all_usable = all_usable and all(answer["usable"] for answer in answers)
        _write_answers(answers, as_json=as_json)
    if not any_answer:
        raise InvalidInputError("no number was given", field="NUMBER", hint="one number a line")
    return DONE if all_usable else ANSWER_IS_NO


def _batches(numbers: Iterable[str]) -> Iterator[list[str]]:
    """Yield the arguments one by one, and in the place of - what can be read from standard input at once."""
    for number in numbers:
        if number == "-":
            yield from _lines(sys.stdin.buffer)
        else:
            yield [number]


def _lines(stream: BinaryIO) -> Iterator[list[str]]:
    """Yield the lines of a stream as they arrive, in whatever encoding and with whatever line ends."""
    yield from iterate_lines(iter(lambda: stream.read1(READ_AT_ONCE), b""))  # type: ignore[attr-defined]  # buffered


def _answer(text: str, scheme: NumberScheme) -> dict[str, str | bool]:
    """Return whether the number is usable, and if not, why."""
    try:
        return {"number": scheme.format(validate(text, scheme)), "usable": True}
    except InvalidInputError as error:
        reason = f"fails the check of {scheme.name}" if error.code == NOT_USABLE else error.hint
        return {"number": text[:LONGEST_LINE], "usable": False, "code": error.code, "reason": reason}


def _write_answers(answers: list[dict[str, str | bool]], *, as_json: bool) -> None:
    """Write one line for each answer, at once."""
    if as_json:
        import json

        lines = [json.dumps(answer) for answer in answers]
    else:
        lines = [
            f"{answer['number']}  usable" if answer["usable"] else f"{_shown(answer)}  not usable: {answer['reason']}"
            for answer in answers
        ]
    if lines:
        click.echo("\n".join(lines))


def _shown(answer: dict[str, str | bool]) -> str:
    """Show the number as it was typed, quoted where it is more than digits."""
    text = str(answer["number"])
    return text if is_digits(text) and len(text) <= 18 else quoted(text)


@click.command(short_help="List, count or pick the usable numbers of a range.")
@click.argument("first")
@click.argument("last")
@click.option("--count", "count_only", is_flag=True, help="Print only how many there are.")
@click.option("--nth", type=click.IntRange(min=1), metavar="N", help="Print only the N-th, counted from 1.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="List at most N numbers.")
@scheme_option
@json_option
def numbers(
    *,
    first: str,
    last: str,
    count_only: bool,
    nth: int | None,
    limit: int | None,
    scheme: NumberScheme,
    as_json: bool,
) -> int:
    """List the usable numbers from FIRST to LAST, one a line.

    --count and --nth give their figure without listing. With --json, one document a line. Exit status 1 if
    there is no N-th.
    """
    if sum((count_only, nth is not None, limit is not None)) > 1:
        raise click.UsageError("Use only one of --count, --nth and --limit.", click.get_current_context())
    from npn.numbers.series import Series

    series = Series.parse(scheme, first, last)
    if count_only:
        _write_count(series, as_json=as_json)
    elif nth is not None:
        return _write_nth(series, nth, as_json=as_json)
    else:
        _list(series, limit, as_json=as_json)
    return DONE


def _write_count(series: "Series", *, as_json: bool) -> None:
    """Write how many usable numbers the series has."""
    if not as_json:
        click.echo(series.usable)
        return
    import json

    bounds = {"first": series.scheme.format(series.first), "last": series.scheme.format(series.last)}
    click.echo(json.dumps({**bounds, "size": series.size, "usable": series.usable}))


def _write_nth(series: "Series", n: int, *, as_json: bool) -> int:
    """Write the n-th usable number; one for the exit status where there is none."""
    number = series.nth(n)
    if number is None:
        say(f"no usable number {n} in this range [none]", f"it has {series.usable} usable numbers")
        return ANSWER_IS_NO
    text = series.scheme.format(number)
    click.echo(f'{{"n": {n}, "number": "{text}"}}' if as_json else text)
    return DONE


def _list(series: "Series", limit: int | None, *, as_json: bool) -> None:
    """Write the usable numbers as they are made; memory stays flat."""
    last = series.last
    if limit is not None:
        end = series.nth(limit) if limit else series.first - 1
        last = last if end is None else end
    if series.scheme.count(series.first, last) >= LONG_LIST:
        from npn.numbers.fastest import blocks
    else:
        from npn.numbers.text import blocks
    prefix, suffix = (b'{"number": "', b'"}\n') if as_json else (b"", b"\n")
    for block in blocks(series.scheme, series.first, last, prefix=prefix, suffix=suffix):
        sys.stdout.buffer.write(block)


@click.command(short_help="Usable numbers one mistake away from NUMBER.")
@click.argument("number")
@scheme_option
@json_option
def suggest(number: str, scheme: NumberScheme, as_json: bool) -> int:  # noqa: FBT001  # click's way
    """List the usable numbers one mistake away from NUMBER, most likely first.

    The mistakes are a swap, a wrong digit, a jump swap, a twin, a dropped and a doubled digit. NUMBER may be
    a digit too short or too long. Exit status 1 if there is none.
    """
    from npn.numbers.check import is_valid
    from npn.numbers.suggest import suggestions

    guesses = suggestions(number, scheme)
    usable = is_valid(number, scheme)
    if as_json:
        import json

        rows = [{"number": scheme.format(one.number), "mistake": one.mistake} for one in guesses]
        click.echo(json.dumps({"number": number, "usable": usable, "suggestions": rows}))
    else:
        for one in guesses:
            click.echo(f"{scheme.format(one.number)}  {one.mistake:<9}  {_EXPLAINED[one.mistake]}")
    if usable:
        click.echo(f"{quoted(number)} is itself usable.", err=True)
    elif not guesses:
        say(f"no usable number is one mistake away from {quoted(number)} [none]")
    return DONE if usable or guesses else ANSWER_IS_NO
