"""Questions to the matrix: what differs since a day, who sends and is not approved, who takes more, what blocks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from npn import wire
from npn.standards.matrix import FeatureCondition
from npn.standards.model import CapabilityState, Direction, VersionReference

_Subject = tuple[str, str, str | None]  # system, vendor, installation
_YES = CapabilityState.YES.value


@dataclass(frozen=True, slots=True)
class CapabilityDifference:
    """What a system could take on a day, and can now; None where nothing was, or is, known of it."""

    system: str
    vendor: str
    installation: str | None
    version: str
    direction: str
    before: str | None
    after: str | None

    @property
    def change(self) -> str:
        """Return what happened: new, gone or changed."""
        return "new" if self.before is None else "gone" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class Blocker:
    """A system that can what is to be retired, and what is known of its successor."""

    system: str
    vendor: str
    state: str
    installation: str | None = None

    @property
    def document(self) -> dict[str, object]:
        """Return it as JSON has it."""
        document: dict[str, object] = {"system": self.system, "vendor": self.vendor, "state": self.state}
        return document if self.installation is None else {**document, "installation": self.installation}


def differences(
    before: Iterable[wire.CapabilityRow], after: Iterable[wire.CapabilityRow]
) -> list[CapabilityDifference]:
    """Return what is another in `after`; a system is known by its product, whatever it is called."""
    old, new = _by_product(before), _by_product(after)
    changes = []
    for key in old.keys() | new.keys():
        was, now = old.get(key), new.get(key)
        line = now or was
        if line is not None and (was is None or now is None or was.state != now.state):
            states = (None if was is None else was.state, None if now is None else now.state)
            changes.append(
                CapabilityDifference(line.system, line.vendor, line.installation, line.version, line.direction, *states)
            )
    return sorted(changes, key=lambda one: (one.system.casefold(), one.version, one.direction, one.installation or ""))


def _by_product(rows: Iterable[wire.CapabilityRow]) -> dict[tuple[str | None, ...], wire.CapabilityRow]:
    return {(row.product or row.system, row.installation, row.version, row.direction): row for row in rows}


def senders(rows: Iterable[wire.CapabilityRow], version: VersionReference) -> list[wire.CapabilityRow]:
    """Return the lines of who sends a version."""
    return _able(rows, version, Direction.SEND)


def not_approved(
    sending: Iterable[wire.CapabilityRow], rows: Iterable[wire.CapabilityRow], version: VersionReference
) -> list[tuple[wire.CapabilityRow, str]]:
    """Return of the senders those that may not send another version, each with what is known of that."""
    able = {_subject(line) for line in _able(rows, version, Direction.SEND)}
    lines = list(rows)
    return [
        (line, _known_state(lines, line, version, direction=Direction.SEND))
        for line in sending
        if _subject(line) not in able
    ]


def takers_of_more(rows: Iterable[wire.CapabilityRow], than: int) -> list[wire.CapabilityRow]:
    """Return the lines of who receives more results in one answer than a number."""
    condition = FeatureCondition("max_results", ">", str(than))
    return [
        row
        for row in rows
        if row.direction == Direction.RECEIVE.value
        and row.state == _YES
        and condition.state(row.features) is CapabilityState.YES
    ]


def blockers(
    rows: Sequence[wire.CapabilityRow], *, retire: VersionReference, successor: VersionReference, direction: Direction
) -> list[Blocker]:
    """Return who can what is to be retired and can't its successor, each system once."""
    lines = _in_operation(rows)
    able = {_subject(line) for line in _able(lines, successor, direction)}
    blocked = {_subject(line): line for line in _able(lines, retire, direction) if _subject(line) not in able}
    return [
        Blocker(line.system, line.vendor, _known_state(lines, line, successor, direction=direction), line.installation)
        for line in blocked.values()
    ]


def _in_operation(rows: Sequence[wire.CapabilityRow]) -> list[wire.CapabilityRow]:
    """Return the lines of installations, and of the systems that have none."""
    installed = {row.product for row in rows if row.installation is not None}
    return [row for row in rows if row.installation is not None or row.product not in installed or row.product is None]


def _able(
    rows: Iterable[wire.CapabilityRow], version: VersionReference, direction: Direction
) -> list[wire.CapabilityRow]:
    return [
        row
        for row in rows
        if row.state == _YES and row.direction == direction.value and version.covers(row.standard, row.version)
    ]


def _subject(line: wire.CapabilityRow) -> _Subject:
    return line.system, line.vendor, line.installation


def _known_state(
    rows: Iterable[wire.CapabilityRow], of: wire.CapabilityRow, version: VersionReference, *, direction: Direction
) -> str:
    """Return what is known of a version: of several the state that is nearest to yes."""
    nearest = (CapabilityState.TESTING, CapabilityState.CONTRADICTORY, CapabilityState.NO)
    states = {
        row.state
        for row in rows
        if _subject(row) == _subject(of)
        and row.direction == direction.value
        and version.covers(row.standard, row.version)
    }
    return next((state.value for state in nearest if state in states), CapabilityState.UNKNOWN.value)
