"""The versions that are known, each described by one file here; read when first needed."""

from functools import cache
from pathlib import Path

from npn.messages.versions.notation import Version, read

FOLDER = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """Every version's name, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))


@cache
def version(name: str) -> Version:
    """Return a version by its name (`XR0131K`, `XR0130K-2007`)."""
    return read(FOLDER / f"{name}.txt")


@cache
def headings() -> dict[str, dict[str, str]]:
    """The lines at the margin of each file, by name: its heading, and what it is in EDIFACT."""
    by_name = {}
    for name in names():
        heading = {}
        with (FOLDER / f"{name}.txt").open(encoding="utf-8") as file:
            for line in file:
                if line[0] not in " #":
                    key, _, value = line.rstrip("\n").partition(" ")
                    heading[key] = value
        by_name[name] = heading
    return by_name


@cache
def of_letter(namespace: str, letter: str, *, code: str) -> Version | None:
    """Return the version of an XML letter; None where no version of ours has that namespace, element and code."""
    for name, heading in headings().items():
        if (heading["namespace"], heading["letter"], heading["version"]) == (namespace, letter, code):
            return version(name)
    return None


@cache
def of_edifact(message: str, association: str) -> Version | None:
    """Return the version that a message of EDIFACT is read as (`MEDRPT`, `R0131K`); None where there is none.

    Two versions have a form of 2005 and one of 2007 that share the same EDIFACT; it is read as the later one.
    """
    matches = [
        name for name, heading in headings().items() if heading.get("edifact", "").split()[:2] == [message, association]
    ]
    return version(matches[-1]) if matches else None


@cache
def of_namespace(namespace: str) -> tuple[str, ...]:
    """Names of the versions in a namespace."""
    return tuple(name for name, heading in headings().items() if heading["namespace"] == namespace)
