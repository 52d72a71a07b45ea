"""Changes a sound letter at one or two places: the passing and the failing sample of each rule."""

import re
from collections.abc import Mapping

import msgspec

from npn.messages.examples import example
from npn.messages.model.interchange import Element, Interchange, Letter

STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def changed(name: str, changes: Mapping[str, str | None], letters: int = 1) -> Interchange:
    """Make the interchange of a version's sound letter with changes (see `npn.messages.rules.model.Sample`)."""
    sound = example(name, letters)
    roots = [letter.root for letter in sound.letters]
    for path, text in changes.items():
        number, _, rest = path.rpartition(":")
        which = int(number or 1) - 1
        roots[which] = replaced(roots[which], rest, text)
    made = tuple(msgspec.structs.replace(old, root=root) for old, root in zip(sound.letters, roots, strict=True))
    return msgspec.structs.replace(sound, letters=made)


def replaced(root: Element, path: str, text: str | None) -> Element:
    """Give the tree with the text at a path changed, added where missing, taken away for None, or repeated for `+`."""
    repeat = path.startswith("+")
    step, _, rest = path.lstrip("+").partition("/")
    match = STEP.fullmatch(step)
    if match is None:
        raise ValueError(f"no path: {path!r}")
    name, number = match[1], int(match[2] or 1)
    children = list(root.children)
    places = [index for index, child in enumerate(children) if child.name == name]
    if len(places) < number:
        if rest or text is None:
            raise ValueError(f"nothing at {path!r}")
        return msgspec.structs.replace(root, children=(Element(name, text), *children))
    at = places[number - 1]
    if rest:
        children[at] = replaced(children[at], ("+" if repeat else "") + rest, text)
    elif repeat:
        children.insert(at, children[at])
    elif text is None:
        del children[at]
    else:
        children[at] = Element(name, text)
    return msgspec.structs.replace(root, children=tuple(children))


def letter_of(interchange: Interchange) -> Letter:
    """Give the last letter: the one that a sample is about."""
    return interchange.letters[-1]
