"""The failover suite's short form, part of `make test`: two faults, once each, on one machine's loopback."""

import pytest
from deployment import inhabited, lacking, machinery
from failures import FAULTS
from test_failover import suffered


def test_a_lost_primary_and_a_lost_server_lose_no_draw_and_give_none_twice() -> None:
    if reason := lacking():
        pytest.skip(reason)
    by_name = {fault.name: fault for fault in FAULTS}
    with machinery(nodes=2, members=1) as made, inhabited(made, servers=2) as house:
        for name in ("postgres", "server"):
            suffered(house, by_name[name])
            assert house.prove() > 40
