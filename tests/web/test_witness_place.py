"""An operator is asked to move a witness that would be lost with the database."""

from pathlib import Path

import pytest

from npn.ledger import pairing
from npn.ledger.witness import open_witness
from npn.people.model import AccountRole
from web.conftest import town_in

ASKED = {
    "en": "The witness is on the same disk as the database: move it",
    "da": "Vidnet ligger på samme disk som databasen: flyt det",
}


def test_a_witness_on_the_databases_disk_is_a_task_for_operators_until_it_is_moved(tmp_path: Path) -> None:
    elsewhere = Path("/dev/shm")  # noqa: S108  # another device than any other folder is on
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second device here")
    place = elsewhere / f"npn-test-{tmp_path.name}.witness"
    try:
        with town_in(tmp_path) as town:
            for language, text in ASKED.items():
                assert text in town.browser(AccountRole.OPERATOR, language=language).get("/overview").text
            assert ASKED["en"] not in town.browser(AccountRole.REGION).get("/overview").text
            pairing.move(town.service.ledger, open_witness(str(place), database_path=None))
            shown = town.browser(AccountRole.OPERATOR).get("/overview").text
            assert "the witness and the database don&#39;t agree" in shown, "this server still has the old one"
            assert ASKED["en"] not in shown
    finally:
        place.unlink(missing_ok=True)
        Path(f"{place}.lock").unlink(missing_ok=True)
