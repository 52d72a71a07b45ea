"""Sixteen clients draw throughout, half of them through nginx and TLS, while machines are lost.

After each fault: nothing acknowledged is lost, nothing was given twice, the ledger verifies, and repeated request ids
are answered with their series. `make test-ha` runs all of it and writes the table into docs/high-availability.md.
"""

import os
import time
from collections.abc import Iterator

import proof
import pytest
import report
from deployment import House, Machinery, inhabited, lacking, machinery
from failures import FAULTS, Fault

TIMES = int(os.environ.get("NPN_HA_TIMES", "5"))


@pytest.fixture(scope="module")
def made() -> Iterator[Machinery]:
    """Three machines, in namespaces of their own where that is permitted."""
    if reason := lacking():
        pytest.skip(reason)
    with machinery(namespaces=True) as all_of_it:
        yield all_of_it


def suffered(house: House, fault: Fault) -> proof.Pause:
    """Do it, see draws go on, repair it, see all become whole; give how long nobody was told anything."""
    house.machinery.nodes.whole()
    house.wait_for_draws()
    began = time.monotonic()
    repair = fault.do(house)
    if fault.draws_go_on:
        house.wait_for_draws()
        paused = proof.pause(house.told(), began, time.monotonic())
        repair()
        house.machinery.nodes.whole()
        house.wait_for_draws()
        return paused
    repair()
    house.wait_for_draws()
    paused = proof.pause(house.told(), began, time.monotonic())
    house.machinery.nodes.whole()
    return paused


@pytest.mark.ha
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_nothing_acknowledged_is_lost_and_nothing_is_given_twice(made: Machinery, fault: Fault) -> None:
    if fault.needs_cables and made.network.why_not:
        report.skipped(fault, made.network.why_not)
        pytest.skip(made.network.why_not)
    with inhabited(made) as house:
        for _ in range(TIMES):
            report.add(fault, suffered(house, fault), house.prove())
