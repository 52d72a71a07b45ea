"""A version as its differences from another: what a file says of itself, put into the lines of its base.

    version XQ0132K
    base XQ0131K
    edifact MEDREQ Q0132K REQ01
      in S02
        ? FTX+EXA+P00++{R/AnswerText}
    changes
      after RequisitionInformation/Comments
        AnswerText[0..1]: string 1..70
      remove Sender/Physician

Paths are those of elements below the letter; `sequence` and `choice` are not part of one. `after`, `before` and
`replace` name an element, `in` one that holds others; `remove` has nothing below. Below `types` a type is added or
replaced. `edifact` without lines is the base's mapping under another code; `in` and a group's line add to that group,
`remove` takes a line away, and any other line is added at the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy

from npn.messages.versions.notation import NotationError, NotationLine

HEADING = ("version", "type", "letter", "namespace", "base", "assumed", "local-elements", "edifact")
SECTIONS = ("changes", "types", "edifact")
GROUPS = ("sequence", "choice")
PLACES = ("after", "before", "in", "replace", "remove")


def check_heading(top: NotationLine) -> None:
    """Raise NotationError where a line at the margin means nothing."""
    for line in top.below:
        word, _ = line.word()
        if word not in HEADING and word not in (*SECTIONS, "structure"):
            raise NotationError(line, f"`{word}` means nothing at the margin", hint=f"known are {', '.join(HEADING)}")

    heading = {line.word()[0]: line for line in top.below}
    if "assumed" in heading and "base" not in heading:
        raise NotationError(
            heading["assumed"], "an assumed version needs a `base` that it is read as", hint="write `base …`"
        )


def merged(differences: NotationLine, base: NotationLine) -> NotationLine:
    """Return the whole tree of lines of a version that is described by its differences."""
    own = {line.word()[0]: line for line in differences.below}
    if "structure" in own:
        raise NotationError(own["structure"], "a file with a `base` has no `structure`", hint="write `changes`")
    top = NotationLine("", 0, [*inherited(base, own), *headed(own)], differences.file)
    structure, types = (line for line in top.below if line.word()[0] in ("structure", "types"))
    for change in below("changes", own):
        apply_change(change, structure.below[1])
    for line in below("types", own):
        set_type(line, types)
    set_codes(structure.below[1], own)
    if "edifact" in own:
        top.below.append(mapping(own["edifact"], base))
    return top


def inherited(base: NotationLine, own: Mapping[str, NotationLine]) -> Iterator[NotationLine]:
    """Yield the lines at the margin that a version has from its base; those that change are copies."""
    for line in base.below:
        word, _ = line.word()
        if word in ("structure", "types"):
            yield deepcopy(line)
        elif word not in own and word not in ("edifact", "assumed"):
            yield line


def headed(own: Mapping[str, NotationLine]) -> Iterator[NotationLine]:
    """Yield the lines of a version's own heading."""
    return (line for word, line in own.items() if word not in SECTIONS)


def below(section: str, own: Mapping[str, NotationLine]) -> Sequence[NotationLine]:
    """Return the lines below a section; none where there is no such section."""
    return own[section].below if section in own else ()


def set_codes(letter: NotationLine, own: Mapping[str, NotationLine]) -> None:
    """Let the letter name its own version, and its own type where that is another."""
    for word, path in (("version", "Letter/VersionCode"), ("type", "Letter/TypeCode")):
        if word in own:
            line = own[word]
            parent, at = found(line, path, letter=letter)
            text = f"{path.rpartition('/')[2]}: string one of {line.word()[1]}"
            parent.below[at] = NotationLine(text, line.number, file=line.file)


def set_type(line: NotationLine, types: NotationLine) -> None:
    """Add a type, or put it in the place of the one of its name."""
    name = line.text.partition(":")[0]
    types.below = [other for other in types.below if other.text.partition(":")[0] != name]
    types.below.append(line)


def apply_change(change: NotationLine, letter: NotationLine) -> None:
    """Make one change to the structure."""
    word, path = change.word()
    if word not in PLACES or not path:
        raise NotationError(
            change, f"not a change: {change.text!r}", hint=f"a change is one of {', '.join(PLACES)}, and a path"
        )
    if bool(change.below) == (word == "remove"):
        raise NotationError(change, f"`{word}` needs {'nothing' if change.below else 'lines'} below it")
    parent, at = found(change, path, letter=letter)
    if word == "in":
        target = parent.below[at]
        if ": " in target.text:
            name = target.text.partition(": ")[2]
            raise NotationError(change, f"{path} has the type {name}", hint=f"describe {name} below `types`")
        target.below += change.below
        return
    start, end = {"after": (at + 1, at + 1), "before": (at, at)}.get(word, (at, at + 1))
    parent.below[start:end] = change.below


def found(change: NotationLine, path: str, *, letter: NotationLine) -> tuple[NotationLine, int]:
    """Return the line that holds the element at a path, and the element's place there."""
    parent, at, line = letter, 0, letter
    for name in path.split("/"):
        place = within(name, line)
        if place is None:
            elements = ", ".join(names(line)) or "nothing that can be named: its type has no name"
            raise NotationError(change, f"there is no {name} at {path}", hint=f"there is {elements}")
        parent, at = place
        line = parent.below[at]
    return parent, at


def within(name: str, line: NotationLine) -> tuple[NotationLine, int] | None:
    """Find an element below a line, in its groups too."""
    for at, child in enumerate(line.below):
        if name_of(child) == name and name not in GROUPS:
            return line, at
        if name_of(child) in GROUPS:
            inner = within(name, child)
            if inner is not None:
                return inner
    return None


def names(line: NotationLine) -> list[str]:
    """Return the names of the elements below a line."""
    inner: list[str] = []
    for child in line.below:
        inner += names(child) if name_of(child) in GROUPS else [name_of(child)]
    return inner


def name_of(line: NotationLine) -> str:
    """Return the name that a line of the structure describes."""
    return line.text.partition(":")[0].partition("[")[0]


def mapping(own: NotationLine, base: NotationLine) -> NotationLine:
    """Return the mapping to EDIFACT: the base's, under the code of this version, with what is added and removed."""
    original = next((line for line in base.below if line.word()[0] == "edifact"), None)
    if len(own.text.split()) != 4:
        raise NotationError(
            own, "`edifact` needs message, version and type", hint="write `edifact MEDREQ Q0132K REQ01`"
        )
    whole = NotationLine(own.text, own.number, deepcopy(original.below) if original else [], own.file)
    for line in own.below:
        word, rest = line.word()
        if word == "in":
            group(line, rest, whole=whole).below += line.below
        elif word == "remove":
            remove(line, rest, below=whole.below)
        else:
            whole.below.append(line)
    return whole


def group(line: NotationLine, text: str, *, whole: NotationLine) -> NotationLine:
    """Return the one group whose line is, or begins with, a text."""
    groups = [candidate for candidate in whole.below if f"{candidate.text} ".startswith(f"{text} ") and candidate.below]
    if len(groups) != 1:
        texts = "; ".join(candidate.text for candidate in groups or whole.below if candidate.below)
        raise NotationError(line, f"{len(groups)} groups begin with {text!r}", hint=f"name one of: {texts}")
    return groups[0]


def remove(line: NotationLine, text: str, *, below: Sequence[NotationLine]) -> None:
    """Take the one line away that reads as a text, wherever it stands."""
    queue = [NotationLine("", 0, list(below))]
    while queue:
        holder = queue.pop(0)
        for inner in holder.below:
            match = next((candidate for candidate in inner.below if candidate.text == text), None)
            if match is not None:
                inner.below.remove(match)
                return
        queue += holder.below
    raise NotationError(line, f"the base's mapping has no line {text!r}", hint="copy the line as it stands there")
