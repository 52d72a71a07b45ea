"""Edits a valid message in one or two places: the passing and the failing sample of each rule."""

import re
from collections.abc import Mapping

import msgspec

from npn.messages.examples import example
from npn.messages.model.interchange import Element, Interchange

STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def changed(name: str, changes: Mapping[str, str | None], *, letters: int = 1) -> Interchange:
    """Return the example of a version with changes (see `npn.messages.rules.model.Sample`)."""
    original = example(name, letters)
    roots = [letter.root for letter in original.letters]
    for path, text in changes.items():
        number, _, rest = path.rpartition(":")
        which = int(number or 1) - 1
        roots[which] = replaced(roots[which], rest, text=text)
    messages = tuple(msgspec.structs.replace(old, root=root) for old, root in zip(original.letters, roots, strict=True))
    return msgspec.structs.replace(original, letters=messages)


def replaced(root: Element, path: str, *, text: str | None) -> Element:
    """Return the tree with the text at a path changed, added where missing, removed for None, or repeated for `+`."""
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
        children[at] = replaced(children[at], ("+" if repeat else "") + rest, text=text)
    elif repeat:
        children.insert(at, children[at])
    elif text is None:
        del children[at]
    else:
        children[at] = Element(name, text)
    return msgspec.structs.replace(root, children=tuple(children))
