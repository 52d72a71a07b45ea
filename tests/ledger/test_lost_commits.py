"""A commit that a failover lost before its witness was written: nobody may be told of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from drawing import add, draw
from npn.config import Settings
from npn.db import Database
from npn.db.backup import back_up
from npn.errors import UnavailableError
from npn.ledger.witness import Witness, WitnessState
from npn.registry.model import Draw, Series
from npn.wiring.assembly import build
from npn.wiring.setup import initialise


class FailingOver:
    """A witness before whose next step something happens elsewhere."""

    def __init__(self, witness: Witness, meanwhile: Callable[[], None]) -> None:
        self._witness = witness
        self._meanwhile: Callable[[], None] | None = meanwhile
        self.read, self.replace, self.exists, self.close = (
            witness.read,
            witness.replace,
            witness.exists,
            witness.close,
        )

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return self._witness.advance(expected, new)


@pytest.mark.parametrize("ours", [1, 2])
def test_a_draw_whose_commit_a_failover_lost_is_not_answered(tmp_path: Path, ours: int) -> None:
    """Between our commit and our witness the database is another one, and another server drew from that."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    key_file = str(tmp_path / "npn.secrets")
    standby = Settings(
        database=f"sqlite:///{tmp_path / 'standby.db'}", witness=settings.witness, secrets_key_file=key_file
    )
    initialise(settings)
    first = build(settings)
    lab = add(first)
    draw(first, lab, 10)
    back_up(first.database, tmp_path / "standby.db")
    second = build(standby)
    theirs: list[Series] = []

    def fail_over() -> None:
        theirs.append(draw(second, lab, 10))
        first.ledger.database = Database(standby.database)

    first.ledger.witness = FailingOver(first.ledger.witness, fail_over)
    try:
        system, key = lab
        wishes = [Draw(system.id, key.digest, f"ours{n}", 10, None, None, None) for n in range(ours)]
        with pytest.raises(UnavailableError) as caught:
            first.registry.draw(wishes)
        assert caught.value.code == "witness_behind"
        assert second.ledger.witness.read() == second.ledger.state(), "the witness is the other server's"
        assert draw(second, lab, 10).first == theirs[0].last + 1
    finally:
        first.ledger.database.close()
        first.close()
        second.close()
