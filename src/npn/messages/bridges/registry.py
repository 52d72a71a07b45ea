"""Which bridges there are: the toolkit's, with the lines of an operator's folder before them; and ways over several."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from npn.messages import versions
from npn.messages.bridges.model import Bridge
from npn.messages.bridges.notation import bridges_of
from npn.messages.versions.notation import NotationError, heading_of, lines, title_of
from npn.messages.versions.registry import VersionRegistry, fault, text_of

DATA = Path(__file__).parent / "data"
BUILT_IN = "built in"
Ends = tuple[str, str]


@cache
def bridges(registry: VersionRegistry) -> dict[Ends, Bridge]:
    """Return every bridge by its two ends. Raises ConfigurationError for a faulty file of the operator."""
    by_ends: dict[Ends, Bridge] = {}
    for path in sorted(DATA.glob("*.txt")):
        for bridge in read(path, BUILT_IN):
            by_ends[bridge.source, bridge.target] = bridge
    for path in registry.bridge_files:
        for bridge in read(path, str(registry.folder)):
            check_ends(bridge, path, registry=registry)
            shipped = by_ends.get((bridge.source, bridge.target))
            by_ends[bridge.source, bridge.target] = joined(bridge, shipped) if shipped else bridge
    return by_ends


def joined(own: Bridge, shipped: Bridge) -> Bridge:
    """Put the operator's lines before those of the toolkit: the first line about an element holds."""
    return Bridge(own.source, own.target, own.title or shipped.title, (*own.lines, *shipped.lines), own.origin)


def read(path: Path, origin: str) -> Iterator[Bridge]:
    """Read a file. Raises ConfigurationError that names the line."""
    text = text_of(path)
    try:
        yield from bridges_of(lines(text, str(path)), title=title_of(text), origin=origin)
    except NotationError as error:
        raise fault(path, error.line.number, reason=error.reason, hint=error.hint) from error


def check_ends(bridge: Bridge, path: Path, *, registry: VersionRegistry) -> None:
    """Raise ConfigurationError where a bridge starts or ends at a version that is not known."""
    heading = heading_of(lines(text_of(path), str(path)))
    for name in (bridge.source, bridge.target):
        if name not in registry.headings:
            hint = f"known: {', '.join(registry.headings)}"
            raise fault(path, 1, reason=f"`bridge {heading['bridge']}`: there is no version {name!r}", hint=hint)


def way(source: str, target: str) -> tuple[Bridge, ...]:
    """Return the shortest way over bridges from one version to another; empty where there is none."""
    by_ends = bridges(versions.registry())
    ways: dict[str, tuple[Bridge, ...]] = {source: ()}
    queue = [source]
    while queue:
        here = queue.pop(0)
        for (start, end), bridge in by_ends.items():
            if start == here and end not in ways:
                ways[end] = (*ways[here], bridge)
                queue.append(end)
    return ways.get(target, ())


def ends_at(name: str) -> tuple[list[str], list[str]]:
    """Return the versions that bridges lead to from a version, and those they lead from."""
    by_ends = bridges(versions.registry())
    return (
        sorted(target for source, target in by_ends if source == name),
        sorted(source for source, target in by_ends if target == name),
    )
