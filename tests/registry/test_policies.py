"""Policies that rooms above the registry put into a draw."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from npn.errors import NpnError, RefusedError
from npn.ledger.service import Transaction
from npn.registry.draws import GrantedSeries
from npn.registry.policy import DrawFacts, Policies, Policy
from npn.registry.service import Registry
from npn.wiring.service import Service
from wishes import Connected, wish


@dataclass(frozen=True)
class TlsOnly:
    """Refuses what came without TLS."""

    systems: frozenset[str]

    def verify(self, facts: DrawFacts) -> NpnError | None:
        if facts.draw.secure or facts.system.id not in self.systems:
            return None
        return RefusedError("over plain HTTP", code="insecure_transport")


@dataclass(frozen=True)
class NoLargeSeries:
    """Refuses by the size of the series."""

    def verify(self, facts: DrawFacts) -> NpnError | None:
        return RefusedError("held back", code="held") if facts.size > 20 else None


@dataclass
class Source:
    """Notes what it was asked."""

    gives: Sequence[Policy]
    asked: list[set[str]] = field(default_factory=list)

    def policies(self, tx: Transaction, systems: Collection[str]) -> Sequence[Policy]:
        assert tx.connection.in_transaction()
        self.asked.append(set(systems))
        return self.gives


def registry(service: Service, policies: Policies) -> Registry:
    return replace(service.registry, policies=policies)


def test_a_source_is_asked_once_for_a_batch_with_its_systems(service: Service, connected: Connected) -> None:
    source = Source([TlsOnly(frozenset({connected[0].id}))])
    draws = [replace(wish(connected, f"r{n}"), secure=n % 2 == 0) for n in range(4)]
    answers = registry(service, Policies(sources_before=[source])).draw(draws)
    assert [isinstance(a, GrantedSeries) for a in answers] == [True, False, True, False]
    assert source.asked == [{connected[0].id}]


def test_a_repeat_is_answered_without_asking_any_source(service: Service, connected: Connected) -> None:
    service.registry.draw([wish(connected, "a")])
    source = Source([TlsOnly(frozenset({connected[0].id}))])
    (answer,) = registry(service, Policies(sources_before=[source])).draw([wish(connected, "a")])
    assert isinstance(answer, GrantedSeries)
    assert answer.repeated
    assert source.asked == []


def test_a_refused_draw_leaves_its_request_id_free(service: Service, connected: Connected) -> None:
    guarded = registry(service, Policies(sources_before=[Source([TlsOnly(frozenset({connected[0].id}))])]))
    (refused,) = guarded.draw([wish(connected, "a")])
    assert isinstance(refused, RefusedError)
    assert refused.code == "insecure_transport"
    (granted,) = guarded.draw([replace(wish(connected, "a"), secure=True)])
    assert isinstance(granted, GrantedSeries)


def test_a_source_asked_afterwards_sees_the_size_of_the_series(service: Service, connected: Connected) -> None:
    source = Source([NoLargeSeries()])
    guarded = registry(service, Policies(sources_after=[source]))
    answers = guarded.draw([wish(connected, "a", count=20), wish(connected, "b", usable=20), wish(connected, "c")])
    assert [isinstance(a, GrantedSeries) for a in answers] == [True, False, True]
    first, third = answers[0], answers[2]
    assert isinstance(first, GrantedSeries)
    assert isinstance(third, GrantedSeries)
    assert third.series.first == first.series.last + 1  # what was refused has moved no cursor
