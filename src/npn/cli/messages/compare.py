"""`npn message compare`: two messages, field by field."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from npn.cli.errors import ANSWER_IS_NO, DONE, escaped
from npn.cli.messages.commands import content_of, say_why_unreadable
from npn.cli.messages.files import LANG
from npn.cli.printing import json_line, remark
from npn.errors import InvalidInputError

Document = Mapping[str, Any]  # Any: what JSON holds
MAX_SHOWN = 300
WORDS = {
    "en": {
        "summary": "{alike} fields alike, {count} different",
        "requisition": "a requisition and its answer, compared by what both state",
        "nothing": "not compared: a version that is not known to this tool",
        "only_first": "only in A",
        "only_second": "only in B",
        "layout": "the same words, laid out differently",
        "order": "in another order",
        "hidden": "they differ in what is hidden",
        "place": "line {line}",
        "segment": ", segment {segment}",
        "envelope": "The envelopes differ, which does not count",
    },
    "da": {
        "summary": "{alike} ens felter, {count} forskelle",
        "requisition": "en rekvisition og dens svar, sammenlignet på det, begge oplyser",
        "nothing": "ikke sammenlignet: en version, som dette værktøj ikke kender",
        "only_first": "kun i A",
        "only_second": "kun i B",
        "layout": "samme ord, sat anderledes op",
        "order": "i en anden rækkefølge",
        "hidden": "de er forskellige i det, der er skjult",
        "place": "linje {line}",
        "segment": ", segment {segment}",
        "envelope": "Kuverterne er forskellige, hvilket ikke tæller med",
    },
}


@click.command(short_help="Two messages, field by field.")
@click.argument("first", metavar="A", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.argument("second", metavar="B", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@LANG
def compare(first: str, second: str, *, json_: bool, lang: str) -> int:
    """Compare two messages: before and after an intermediary, a preliminary and a final answer, two versions.

    It makes no difference which syntax each has. A result is compared with the one of the same analysis, wherever it
    stands; another order is one difference. A requisition and its answer are compared by patient, parties, numbers and
    analyses. CPR numbers are masked.

    Exit status 1 when the messages differ, or when one of them can't be read. Envelopes do not count.
    """
    from npn.messages import comparison, read_all
    from npn.messages.documents import compared
    from npn.messages.model.persons import PersonMask

    if first == second == "-":
        raise InvalidInputError("A and B are both standard input", field="B", hint="save one of them as a file")
    files = [read_all(content_of(path)) for path in (first, second)]
    for name, interchanges in zip((first, second), files, strict=True):
        say_why_unreadable(name, interchanges)
    result = comparison.compare(*files)
    readable = all(any(interchange.letters for interchange in interchanges) for interchanges in files)
    mask = PersonMask([interchange for interchanges in files for interchange in interchanges], shows_all=False)
    document = compared(result, mask)
    if json_:
        json_line({"first_file": first, "second_file": second, **document})
    else:
        for line in lines_of(document, WORDS[lang], names=(first, second), lang=lang):
            click.echo(escaped(line))
    if not readable:
        remark({"en": "not compared: there is no message to read", "da": "ikke sammenlignet: intet at læse"}[lang])
    return ANSWER_IS_NO if result.differs or not readable else DONE


def lines_of(document: Document, words: Mapping[str, str], *, names: tuple[str, str], lang: str) -> Iterator[str]:
    """Yield the lines for people."""
    yield from (f"{side}: {name}" for side, name in zip("AB", names, strict=True))
    for letter in document["letters"]:
        yield ""
        yield heading_of(letter, words)
        yield from difference_lines(letter["differences"], words, lang=lang)
    if document["envelope"]:
        yield ""
        yield f"{words['envelope']}:"
        yield from difference_lines(document["envelope"], words, lang=lang)


def heading_of(letter: Document, words: Mapping[str, str]) -> str:
    """Return the line above the differences of two letters."""
    sides = [
        " ".join(filter(None, (side["type"], side["version"], side["identifier"])))
        for side in (letter["first"], letter["second"])
        if side is not None
    ]
    title = " / ".join(dict.fromkeys(sides))
    if letter["first"] is None or letter["second"] is None:
        return f"{title}: {words['only_second' if letter['first'] is None else 'only_first']}"
    if letter["basis"] == "nothing":
        return f"{title}: {words['nothing']}"
    summary = words["summary"].format(alike=letter["alike"], count=len(letter["differences"]))
    return f"{title}: {summary}" + (f" ({words['requisition']})" if letter["basis"] == "requisition" else "")


def difference_lines(differences: Iterable[Document], words: Mapping[str, str], *, lang: str) -> Iterator[str]:
    """Yield the lines of each difference: the field, then its text in A and in B, each with its place."""
    for difference in differences:
        relation = difference["relation"]
        is_hidden = relation == "changed" and difference["first"] == difference["second"]
        remark_ = words["hidden"] if is_hidden else words.get(relation, "")
        yield f"  {difference[lang]}" + (f" ({remark_})" if remark_ else "")
        for side, name in (("A", "first"), ("B", "second")):
            place = difference[f"{name}_place"]
            if place is not None:
                yield f"    {side}  {shortened(difference[name] or '-')}   [{place_of(place, words)}]"


def shortened(text: str) -> str:
    """Return the beginning of a long text; JSON has all of it."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def place_of(place: Document, words: Mapping[str, str]) -> str:
    """Return where a field stands."""
    text = "" if place["line"] is None else words["place"].format(line=place["line"])
    return (
        text + ("" if place["segment"] is None else words["segment"].format(segment=place["segment"])) or place["path"]
    )
