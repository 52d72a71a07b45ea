"""The versions that are known, each described by one file here; read when first needed."""

from functools import cache
from pathlib import Path

from npn.messages.structure.notation import Version, read

FOLDER = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """Every version's name, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))


@cache
def version(name: str) -> Version:
    """Give a version by its name (`XR0131K`, `XR0130K-2007`)."""
    return read(FOLDER / f"{name}.txt")


@cache
def headings() -> dict[str, dict[str, str]]:
    """The heading of each file, by name, without reading the rest."""
    found = {}
    for name in names():
        heading = {}
        with (FOLDER / f"{name}.txt").open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("structure"):
                    break
                key, _, value = line.rstrip("\n").partition(" ")
                heading[key] = value
        found[name] = heading
    return found


@cache
def of_letter(namespace: str, letter: str, code: str) -> Version | None:
    """Give the version of an XML letter; None where no version of ours has that namespace, element and code."""
    for name, heading in headings().items():
        if (heading["namespace"], heading["letter"], heading["version"]) == (namespace, letter, code):
            return version(name)
    return None


@cache
def of_namespace(namespace: str) -> tuple[str, ...]:
    """Names of the versions in a namespace."""
    return tuple(name for name, heading in headings().items() if heading["namespace"] == namespace)
