"""The matrix: who can take what, with what says so. Of several statements of one thing, the strongest is shown.

The order is a certificate, what an installation was said or seen to take, a listed approval of its product. Each
system of MedCom's list has its line; each installation has one more, which falls back on its product's approval.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec import structs

from npn import wire
from npn.errors import InvalidInputError, codes, details
from npn.standards.listing import state_of
from npn.standards.model import (
    Capability,
    CapabilityState,
    Direction,
    EvidenceKind,
    Installation,
    KeptRow,
)
from npn.wire.standards import DisagreementName

MEDCOM = "MedCom"
_ORDER = tuple(EvidenceKind)
_Place = tuple[str, str]  # version, direction
_CONDITION = re.compile(r"\s*(?P<name>[a-z][a-z0-9_]*)\s*(?P<sign><=|>=|<|>|=)\s*(?P<value>\S+)\s*")


@dataclass(frozen=True, slots=True)
class FeatureCondition:
    """What a feature must be: `max_results>20`."""

    name: str
    sign: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "FeatureCondition":
        """Read it. Raises InvalidInputError."""
        match = _CONDITION.fullmatch(text)
        if match is None or (match["sign"] != "=" and not match["value"].isdecimal()):
            raise InvalidInputError(
                details.FEATURE_CONDITION, code=codes.INVALID_PARAMETER, field="feature", hint="such as max_results>20"
            )
        return cls(match["name"], match["sign"], match["value"])

    def state(self, features: Mapping[str, str]) -> CapabilityState:
        """Whether features meet it: yes, no, or unknown where nothing is said of it."""
        value = features.get(self.name)
        if value is None:
            return CapabilityState.UNKNOWN
        if self.sign == "=":
            return CapabilityState.YES if value == self.value else CapabilityState.NO
        if value == "unlimited":
            return CapabilityState.YES if self.sign.startswith(">") else CapabilityState.NO
        if not value.isdecimal():
            return CapabilityState.UNKNOWN
        one, other = int(value), int(self.value)
        met = {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[self.sign]
        return CapabilityState.YES if met else CapabilityState.NO


@dataclass(frozen=True, slots=True)
class MatrixSources:
    """What a matrix of a standard is made of, as it was on a day."""

    standard: str
    list_as_of: date | None
    listed: Sequence[KeptRow]
    installations: Mapping[str, Installation]
    capabilities: Sequence[Capability]


@dataclass(frozen=True, slots=True)
class MatrixWish:
    """Which lines are wanted. `region`: installations of that region alone."""

    version: str | None = None
    direction: Direction | None = None
    region: str | None = None
    feature: FeatureCondition | None = None


def without_notes(lines: Iterable[wire.CapabilityRow]) -> list[wire.CapabilityRow]:
    """Return lines as everybody may see them: words that somebody wrote may name a person, and are left out."""
    return [
        line
        if line.evidence is None or not line.evidence.note
        else structs.replace(line, evidence=structs.replace(line.evidence, note=""))
        for line in lines
    ]


def matrix(sources: MatrixSources, wish: MatrixWish) -> list[wire.CapabilityRow]:
    """Return the lines of a matrix, by system, version and direction."""
    approvals = _approvals(sources)
    statements = _strongest(sources.capabilities)
    lines = [] if wish.region is not None else [line for by_place in approvals.values() for line in by_place.values()]
    for one in sources.installations.values():
        if wish.region in (None, one.region):
            lines += _of_installation(one, statements.get(one.id, {}), approvals.get(one.product, {}))
    wanted = [
        line
        for line in lines
        if wish.version in (None, line.version) and wish.direction in (None, Direction(line.direction))
    ]
    if wish.feature is not None:
        wanted = [_of_feature(line, wish.feature) for line in wanted]
    return sorted(wanted, key=_order)


def _order(line: wire.CapabilityRow) -> tuple[str, ...]:
    return (line.system.casefold(), line.system, line.vendor, line.version, line.direction, line.installation or "")


def _approvals(sources: MatrixSources) -> dict[str, dict[_Place, wire.CapabilityRow]]:
    """Return the listed approvals, by product (or name, where that is unclear), version and direction."""
    groups: dict[str, dict[_Place, list[KeptRow]]] = {}
    for row in sources.listed:
        whose = row.product or f"name {row.vendor} {row.system}"
        groups.setdefault(whose, {}).setdefault((row.version, row.direction.value), []).append(row)
    return {
        whose: {place: _approval(sources, rows) for place, rows in by_place.items()}
        for whose, by_place in groups.items()
    }


def _approval(sources: MatrixSources, rows: Sequence[KeptRow]) -> wire.CapabilityRow:
    states = sorted({row.state for row in rows})
    first, state = rows[0], state_of(states)
    at = sources.list_as_of or max(row.valid_from for row in rows)
    return wire.CapabilityRow(
        system=first.system,
        vendor=first.vendor,
        system_type=", ".join(sorted({row.system_type for row in rows})),
        installation=None,
        version=first.version,
        direction=first.direction.value,
        state=state.value,
        features={},
        since=(max if len(states) > 1 else min)(row.since for row in rows),
        evidence=wire.CapabilityEvidence(kind=EvidenceKind.LISTED.value, by=MEDCOM, at=at),
        standard=sources.standard,
        product=first.product,
        since_derived=True,
        states=[one.value for one in states] if state is CapabilityState.CONTRADICTORY else [],
    )


def _strongest(capabilities: Iterable[Capability]) -> dict[str, dict[_Place, Capability]]:
    """Return the strongest statement of each installation, version and direction; of equal ones the newest."""
    statements: dict[str, dict[_Place, Capability]] = {}
    for one in capabilities:
        places = statements.setdefault(one.installation, {})
        place = (one.version, one.direction.value)
        before = places.get(place)
        if before is None or _ORDER.index(one.kind) <= _ORDER.index(before.kind):
            places[place] = one
    return statements


def _of_installation(
    one: Installation, said: Mapping[_Place, Capability], approvals: Mapping[_Place, wire.CapabilityRow]
) -> Iterable[wire.CapabilityRow]:
    types = ", ".join(sorted(one.types))
    for place in said.keys() | approvals.keys():
        capability, approval = said.get(place), approvals.get(place)
        if capability is not None:
            yield _said_line(one, capability, types=types, approval=approval)
        elif approval is not None:
            yield wire.CapabilityRow(
                system=one.product_name,
                vendor=one.vendor,
                system_type=types,
                installation=one.id,
                version=approval.version,
                direction=approval.direction,
                state=approval.state,
                features=approval.features,
                since=approval.since,
                evidence=approval.evidence,
                standard=approval.standard,
                product=one.product,
                release=one.release,
                owner=one.owner,
                region=one.region,
                since_derived=True,
                states=approval.states,
            )


def _said_line(
    one: Installation, capability: Capability, *, types: str, approval: wire.CapabilityRow | None
) -> wire.CapabilityRow:
    evidence = wire.CapabilityEvidence(
        kind=capability.kind.value,
        by=capability.by,
        at=capability.recorded_on,
        note=capability.note,
        recorded_by_operator=capability.by_operator,
    )
    return wire.CapabilityRow(
        system=one.product_name,
        vendor=one.vendor,
        system_type=types,
        installation=one.id,
        version=capability.version,
        direction=capability.direction.value,
        state=capability.state.value,
        features=capability.features,
        since=capability.since,
        evidence=evidence,
        standard=capability.standard,
        product=one.product,
        release=one.release,
        owner=one.owner,
        region=one.region,
        disagreement=_disagreement(capability.state, approval),
    )


def _disagreement(state: CapabilityState, approval: wire.CapabilityRow | None) -> DisagreementName | None:
    approved = approval is not None and CapabilityState(approval.state) is CapabilityState.YES
    if state is CapabilityState.YES and not approved:
        return "in_use_not_approved"
    return "approved_not_in_use" if state is CapabilityState.NO and approved else None


def _of_feature(line: wire.CapabilityRow, feature: FeatureCondition) -> wire.CapabilityRow:
    """Return a line whose state is that of a feature: who can't take the version at all can't take the feature."""
    if CapabilityState(line.state) is not CapabilityState.YES:
        return line
    return structs.replace(line, state=feature.state(line.features).value)
