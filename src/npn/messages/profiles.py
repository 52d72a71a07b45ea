"""The operator's folder of versions and bridges: checked whole when it is taken into use, and what is known then.

One function for the command line, the service and their worker processes: `use`.
"""

from dataclasses import dataclass
from pathlib import Path

from npn.errors import ConfigurationError
from npn.messages import versions
from npn.messages.bridges.registry import bridges, ends_at
from npn.messages.mapping.program import program
from npn.messages.versions.notation import NotationError, Version
from npn.messages.versions.registry import VersionRegistry, fault


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version as `npn message versions` lists it.

    source   `built in`, or the folder that its file is in
    peer     the same version in the other syntax; None: it has none
    base     the version that it is described by its differences from, or read as
    assumed  why nothing is judged by it; empty: it is judged
    bridges_to, bridges_from  the versions that bridges lead to from here, and from which they lead here
    """

    name: str
    version: str
    type: str
    title: str
    namespace: str | None
    source: str
    peer: str | None
    base: str | None
    assumed: str
    bridges_to: list[str]
    bridges_from: list[str]


def use(folder: Path | None) -> None:
    """Use the versions and bridges of a folder besides the toolkit's, in this process; None: the toolkit's alone.

    Raises ConfigurationError that names the file, the line, what is wrong with it and what to do.
    """
    if versions.folder() == folder:
        return
    registry = VersionRegistry(folder)
    for name in registry.own:
        check(registry.version(name))
    bridges(registry)
    versions.activate(registry)


def check(version: Version) -> None:
    """Compile the mapping of a version in both ways. Raises ConfigurationError."""
    for as_peer in (False, True):
        try:
            program(version, as_peer=as_peer)
        except NotationError as error:
            raise fault(Path(error.line.file), error.line.number, reason=error.reason, hint=error.hint) from error
        except (KeyError, ValueError) as error:
            line = version.edifact
            number, file = (line.number, line.file) if line else (1, version.name)
            raise fault(
                Path(file), number, reason=f"not a mapping: {error}", hint="compare with the base's mapping"
            ) from error


def known() -> tuple[KnownVersion, ...]:
    """Return every version that is known, sorted by its name."""
    registry = versions.registry()
    return tuple(described(name, registry) for name in registry.headings)


def described(name: str, registry: VersionRegistry) -> KnownVersion:
    """Describe one version."""
    heading = registry.headings[name]
    version = registry.version(name)
    association = heading.get("edifact", "").split()
    return KnownVersion(
        name,
        version.code,
        version.type,
        version.title,
        None if heading["namespace"] == "*" else version.namespace,
        str(registry.folder) if name in registry.own else "built in",
        association[1] if association else None,
        version.base or None,
        version.assumed,
        *ends_at(name),
    )


def named(text: str) -> Version:
    """Return the version of a name, or of a code in either syntax; of several forms the latest.

    Raises ConfigurationError where none is known.
    """
    registry = versions.registry()
    wanted = text.strip().upper()
    for name in reversed(list(registry.headings)):
        heading = registry.headings[name]
        if wanted in (name.upper(), heading["version"], *heading.get("edifact", "").split()[1:2]):
            return registry.version(name)
    hint = "`npn message versions` lists those that are known; --versions DIR adds more"
    raise ConfigurationError(f"version {text!r} is not known to this tool", field="version", hint=hint)
