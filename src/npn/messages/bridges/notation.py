"""The notation of bridge files.

    bridge XQ0132K XQ0131K
    lines
      fold RequisitionInformation/AnswerWanted into RequisitionInformation/Comments as Answer wanted {Date} {Time}
        administrative The wish is kept as text. / Ønsket bevares som tekst.
      constant LaboratoryResults/GeneralResultInformation/ReportStatusCode = komplet_svar when A/B is x | y
        harmless ...
      keep ResultStatus as ReportStatusCode
        codes komplet = komplet_svar | delvis = del_svar
        harmless ...
      drop Sender/Physician
        lost_to_reader ...
      refuse RequisitionInformation/Haste
        lost_to_reader ...
      keep *
        harmless ...

Below a line stand its weight with the reason in English and Danish (a plain `keep` needs none), and for `keep` lines
for what is in the element. `keep *` is everything else that both versions know under the same name.
"""

import re
from collections.abc import Iterator

from npn.messages.bridges.model import Action, Bridge, BridgeLine, Condition, Weight
from npn.messages.model.finding import Text
from npn.messages.versions.notation import NotationError, NotationLine

PATH = r"(?:\*|/?[\w:+]+(?:/[\w:+]+)*)"
FORMS = {
    Action.KEEP: re.compile(rf"(?P<path>{PATH})(?: as (?P<target>{PATH}))?"),
    Action.DROP: re.compile(rf"(?P<path>{PATH})"),
    Action.REFUSE: re.compile(rf"(?P<path>{PATH})"),
    Action.FOLD: re.compile(rf"(?P<path>{PATH}) into (?P<target>{PATH}) as (?P<text>.+)"),
    Action.CONSTANT: re.compile(rf"(?P<path>{PATH}) = (?P<text>.*?)(?: when (?P<when>{PATH})(?: is (?P<values>.+))?)?"),
}
HINTS = {
    Action.KEEP: "write `keep PATH`, `keep PATH as PATH` or `keep *`",
    Action.DROP: "write `drop PATH`",
    Action.REFUSE: "write `refuse PATH`",
    Action.FOLD: "write `fold PATH into PATH as TEXT WITH {}`",
    Action.CONSTANT: "write `constant PATH = VALUE` or `constant PATH = VALUE when PATH is A | B`",
}
WEIGHTS = ", ".join(Weight)
KEPT = Text("both versions have it", "begge versioner har det")


def bridges_of(top: NotationLine, *, title: str, origin: str) -> Iterator[Bridge]:
    """Read a bridge's file: one bridge for each version that it starts from."""
    heading = {line.word()[0]: line for line in top.below}
    for word, line in heading.items():
        if word not in ("bridge", "assumed", "lines"):
            raise NotationError(line, f"`{word}` means nothing at the margin", hint="known are bridge, assumed, lines")
    versions = heading["bridge"].word()[1].split()
    if len(versions) != 2:
        raise NotationError(heading["bridge"], "a bridge has two ends", hint="write `bridge XQ0132K XQ0131K`")
    if "lines" not in heading:
        raise NotationError(top, "the bridge has no `lines`", hint="write `lines`, and an action a line below it")
    lines = tuple(map(line_of, heading["lines"].below))
    assumed = heading["assumed"].word()[1] if "assumed" in heading else ""
    for source in versions[0].split(","):
        yield Bridge(source, versions[1], title, lines, origin, assumed)


def line_of(line: NotationLine) -> BridgeLine:
    """Read one line with what is below it."""
    word, rest = line.word()
    if word not in Action.__members__.values():
        raise NotationError(line, f"`{word}` is not an action", hint=f"an action is one of {', '.join(Action)}")
    action = Action(word)
    match = FORMS[action].fullmatch(rest)
    if match is None:
        raise NotationError(line, f"not a line of a bridge: {line.text!r}", hint=HINTS[action])
    parts = match.groupdict()
    path = tuple(match["path"].split("/"))
    weight, reason = weighed(line)
    return BridgeLine(
        action,
        path,
        tuple((parts.get("target") or match["path"]).split("/")),
        weight,
        reason,
        parts.get("text") or "",
        condition(parts),
        codes(line),
        tuple(line_of(below) for below in line.below if below.word()[0] in Action.__members__.values()),
    )


def condition(parts: dict[str, str | None]) -> Condition | None:
    """Read what a constant depends on."""
    if not parts.get("when"):
        return None
    values = tuple(value.strip() for value in (parts.get("values") or "").split("|") if value.strip())
    return Condition(tuple(str(parts["when"]).split("/")), values)


def weighed(line: NotationLine) -> tuple[Weight, Text]:
    """Read the weight of a line and its reason in both languages."""
    for below in line.below:
        word, rest = below.word()
        if word in Weight.__members__.values():
            en, slash, da = rest.partition(" / ")
            if not (slash and en.strip() and da.strip()):
                raise NotationError(
                    below, "the reason is not there in both languages", hint="write `harmless English. / Dansk.`"
                )
            return Weight(word), Text(en.strip(), da.strip())
        if word != "codes" and word not in Action.__members__.values():
            raise NotationError(
                below, f"`{word}` is neither a weight nor an action", hint=f"a weight is one of {WEIGHTS}"
            )
    if line.word()[0] == Action.KEEP:
        return Weight.HARMLESS, KEPT
    raise NotationError(
        line, "the line has no weight and no reason", hint=f"write one of {WEIGHTS} below it, with a reason"
    )


def codes(line: NotationLine) -> dict[str, str]:
    """Read `codes a = b | c = d`."""
    pairs = {}
    for below in line.below:
        word, rest = below.word()
        for pair in rest.split(" | ") if word == "codes" else ():
            code, equals, other = pair.partition(" = ")
            if not equals:
                raise NotationError(below, f"not a pair of codes: {pair!r}", hint="write `codes a = b | c = d`")
            pairs[code.strip('"')] = other.strip('"')
    return pairs
