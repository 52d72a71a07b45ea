"""`npn message bridge`, `bridge-cases`, `bridge-check`: another version of a message, and a check of who makes it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.messages.commands import content_of, files, line_of
from npn.cli.messages.files import LANG, saved
from npn.cli.printing import json_line, remark
from npn.errors import ConfigurationError, InvalidInputError

if TYPE_CHECKING:
    from npn.messages import Interchange
    from npn.messages.bridges.bridging import BridgedMessage
    from npn.messages.bridges.comparison import BridgeCheck, Difference

SUFFIXES = {"xml": ".xml", "edifact": ".edi"}
KNOWN_SUFFIXES = frozenset((".xml", ".edi", ".edifact", ".txt"))


@click.command(short_help="The same message in another version of its type.")
@click.argument("path", metavar="FILE")
@click.option("--to", "to", required=True, metavar="VERSION", help="The version to write, such as XQ0131K.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The file to write; else standard output.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write all that is not as it was, as JSON.")
@click.option(
    "--consent", multiple=True, metavar="RULE", help="Let a loss to the reader through, by its rule or a glob."
)
@LANG
def bridge(path: str, to: str, *, output: str | None, report: str | None, consent: tuple[str, ...], lang: str) -> int:
    """Write the same message in another version of its type, by a bridge file.

    The syntax stays, where the other version has it. Exit status 1, and nothing is written, when something that
    matters to the reader would be lost without --consent, when something does not fit into the other version, or when
    the message has errors.
    """
    from npn.messages import read_all
    from npn.messages.bridges.bridging import bridge as carry
    from npn.messages.profiles import named

    target = named(to)
    ((name, data),) = files((path,))
    interchanges = read_all(data)
    if len(interchanges) != 1:
        raise InvalidInputError(
            f"{path} holds {len(interchanges)} interchanges", field="FILE", hint="give one at a time"
        )
    result = carry(interchanges[0], target, consent=consent)
    if report:
        write_report(Path(report), result, interchanges[0], name=name, to=target.code)
    for finding in (*result.findings, *(loss.finding for loss in result.losses)):
        remark(line_of(name, finding, lang))
    if result.data is None:
        remark(f"{name}: {refusal(result, lang)}")
        return ANSWER_IS_NO
    if output:
        saved(Path(output), result.data)
    else:
        sys.stdout.buffer.write(result.data)
    return DONE


def refusal(result: "BridgedMessage", lang: str) -> str:
    """Return why nothing was written, and which losses a consent would let through."""
    stopping = [loss for loss in result.losses if loss.stops]
    rules = sorted({loss.rule for loss in stopping if loss.is_negotiable})
    firm = len({loss.rule for loss in stopping if not loss.is_negotiable})
    if lang == "da":
        way = f"; --consent accepterer {', '.join(rules)}" if rules else ""
        losses = f"{len(rules) + firm} tab for læseren, heraf {firm} uden udvej"
        return f"ikke skrevet: {losses}, {len(result.errors)} fejl{way}"
    way = f"; --consent accepts {', '.join(rules)}" if rules else ""
    return (
        f"not written: {len(rules) + firm} losses to the reader, {firm} of them final, {len(result.errors)} errors{way}"
    )


def write_report(path: Path, result: "BridgedMessage", interchange: "Interchange", *, name: str, to: str) -> None:
    """Write what was lost, and the errors, as one JSON document."""
    import msgspec

    from npn.messages.documents import bridged

    document = {"file": name, **bridged(result, interchange, to=to)}
    saved(path, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


@click.command(short_help="Messages for testing somebody else's bridge.")
@click.option("--from", "source", required=True, metavar="VERSION", help="The version of the messages.")
@click.option("--to", "to", required=True, metavar="VERSION", help="The version that the bridge makes of them.")
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False), help="The folder to write them to.")
def bridge_cases(source: str, to: str, output: str) -> int:
    """Write messages of a version for testing an intermediary that makes another version of them.

    Each optional element alone, all at once, every code, the longest texts, many repetitions, and one made-up unknown
    element and segment; in folders xml and edifact. Give them to the intermediary, then compare with bridge-check.
    """
    from npn.messages.bridges.cases import bridge_cases as cases
    from npn.messages.bridges.registry import way
    from npn.messages.profiles import named

    version, target = named(source), named(to)
    if not way(version.name, target.name):
        hint = "`npn message versions` says which bridges there are"
        raise ConfigurationError(f"no bridge leads from {version.name} to {target.name}", field="to", hint=hint)
    counts: dict[str, int] = {}
    for case in cases(version):
        folder = case.syntax.value
        saved(Path(output) / folder / f"{case.name}{SUFFIXES[folder]}", case.data, folders=True)
        counts[folder] = counts.get(folder, 0) + 1
    remark(f"{output}: {', '.join(f'{number} in {folder}' for folder, number in counts.items())}")
    return DONE


@click.command(short_help="What an intermediary made of a message, against our bridge.")
@click.argument("original", type=click.Path(exists=True))
@click.argument("converted", type=click.Path(exists=True))
@click.option(
    "--to", "to", metavar="VERSION", help="The version that it should have made.  [default: that of CONVERTED]"
)
@click.option("--json", "json_", is_flag=True, help="Print JSON, one document a pair.")
@LANG
def bridge_check(original: str, converted: str, *, to: str | None, json_: bool, lang: str) -> int:
    """Compare what an intermediary made of ORIGINAL with what our bridge makes of it.

    Each difference is missing, changed or invented, with its place. Directories are paired by the names of their files.
    Exit status 1 when there is any difference. The identifier and the time in the envelope are the intermediary's own.
    """
    from npn.messages.bridges.comparison import check
    from npn.messages.profiles import named

    target, alike, pairs, faulty = named(to) if to else None, True, 0, 0
    for name, before, after in paired(Path(original), Path(converted)):
        pairs += 1
        if after is None:
            show_lone(name, json_=json_, lang=lang)
            alike, faulty = False, faulty + 1
            continue
        result = check(content_of(str(before)), content_of(str(after)), to=target)
        show_check(name, result, json_=json_, lang=lang)
        if result.ours is None or result.differences:
            alike, faulty = False, faulty + 1
    if not json_ or pairs != 1:
        remark(f"{pairs} compared, {faulty} with differences")
    return DONE if alike and pairs else ANSWER_IS_NO


def paired(original: Path, converted: Path) -> Iterator[tuple[str, Path, Path | None]]:
    """Yield each file of the original with the converted one of its name; the ending may be another."""
    if not original.is_dir():
        yield str(original), original, converted / original.name if converted.is_dir() else converted
        return
    for path in sorted(original.rglob("*")):
        if path.is_file() and path.suffix.lower() in KNOWN_SUFFIXES:
            name = path.relative_to(original)
            same = [converted / name, *(converted / name.with_suffix(suffix) for suffix in sorted(KNOWN_SUFFIXES))]
            yield str(name), path, next((candidate for candidate in same if candidate.is_file()), None)


def show_lone(name: str, *, json_: bool, lang: str) -> None:
    """Report a message that the intermediary did not give back."""
    if json_:
        text = {"en": "the message is missing", "da": "meddelelsen mangler"}
        json_line({"file": name, "differences": [{"kind": "missing", "path": "", **text}]})
        return
    click.echo(f"{name}: missing: {'meddelelsen mangler' if lang == 'da' else 'the message is missing'}")


def show_check(name: str, result: "BridgeCheck", *, json_: bool, lang: str) -> None:
    """Print what a pair has come to."""
    if json_:
        from npn.messages.documents import loss_described

        losses = result.ours.losses if result.ours else ()
        json_line(
            {
                "file": name,
                "from": result.source or None,
                "to": result.target or None,
                "bridge": result.ours is not None,
                "differences": [difference_described(difference) for difference in result.differences],
                "losses": [loss_described(loss) for loss in losses],
            }
        )
        return
    if result.ours is None:
        click.echo(f"{name}: {'ingen bro fra' if lang == 'da' else 'no bridge from'} {result.source or '?'}")
    for difference in result.differences:
        place = difference.place
        where = ":".join(str(part) for part in (place.line, place.column) if part is not None)
        text = difference.text.da if lang == "da" else difference.text.en
        click.echo(f"{name}:{where}: {difference.kind.value}: {text} at {difference.path}")


def difference_described(difference: "Difference") -> dict[str, object]:
    """Describe a difference for a program."""
    from msgspec import to_builtins

    return {
        "kind": difference.kind.value,
        "path": difference.path,
        "place": to_builtins(difference.place),
        "expected": difference.expected,
        "actual": difference.actual,
        "en": difference.text.en,
        "da": difference.text.da,
    }
