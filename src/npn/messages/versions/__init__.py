"""The versions that are known, each described by one file: here, and in a folder that an operator names."""

from collections.abc import Mapping
from pathlib import Path

from npn.messages.versions.notation import Version
from npn.messages.versions.registry import VersionRegistry


class _Active:
    """The registry in use in this process."""

    registry = VersionRegistry()


def registry() -> VersionRegistry:
    """Return the versions in use."""
    return _Active.registry


def activate(registry: VersionRegistry) -> None:
    """Use other versions from now on, in this process."""
    _Active.registry = registry


def names() -> tuple[str, ...]:
    """Return the name of every version that messages are judged by, sorted."""
    return _Active.registry.names


def assumed_names() -> tuple[str, ...]:
    """Return the name of every version that is read as another, and not judged."""
    return _Active.registry.assumed_names


def version(name: str) -> Version:
    """Return a version by its name (`XR0131K`, `XR0130K-2007`)."""
    return _Active.registry.version(name)


def headings() -> Mapping[str, Mapping[str, str]]:
    """Return the lines at the margin of each file, by name: its heading, and what it is in EDIFACT."""
    return _Active.registry.headings


def of_letter(namespace: str, letter: str, *, code: str) -> Version | None:
    """Return the version of an XML letter; None where no version is known by that namespace, element and code."""
    return _Active.registry.of_letter(namespace, letter, code=code)


def of_edifact(message: str, association: str) -> Version | None:
    """Return the version that a message of EDIFACT is read as (`MEDRPT`, `R0131K`); None where there is none.

    Two versions have a form of 2005 and one of 2007 that share the same EDIFACT; it is read as the later one.
    """
    return _Active.registry.of_edifact(message, association)


def of_namespace(namespace: str) -> tuple[str, ...]:
    """Return the names of the versions in a namespace."""
    return _Active.registry.of_namespace(namespace)


def folder() -> Path | None:
    """Return the operator's folder that is in use."""
    return _Active.registry.folder
