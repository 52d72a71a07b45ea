"""`npn admin backup`: a copy, and the note that one was taken."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command import npn, one_line_error
from npn.ledger.backups import last_backup
from npn.wiring.service import Service


def test_a_backup_is_copied_and_then_noted_in_the_ledger(service: Service, tmp_path: Path) -> None:
    settings = service.settings
    if service.database.path is not None:
        assert npn("admin", "backup", tmp_path / "copy.db", on=settings).lines == [
            f"{tmp_path / 'copy.db'}: {(tmp_path / 'copy.db').stat().st_size} bytes"
        ]
        assert npn("admin", "backup", "--json", tmp_path / "two.db", on=settings).json["bytes"] > 0
    assert last_backup(service.database) is None, "a copy alone is nobody's word that it can be restored"
    before = service.ledger.state().length
    noted = npn("admin", "backup", "seen", "--json", on=settings).json
    assert abs(datetime.fromisoformat(noted["taken_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert service.ledger.state().length == before + 1
    summer = npn("admin", "backup", "seen", "--at", "2026-07-01T02:30:00+02:00", "--json", on=settings).json
    assert summer["taken_at"].startswith("2026-07-01T00:30:00")
    note = last_backup(service.database)
    assert note is not None
    assert json.dumps(noted["taken_at"])
    assert note.taken_at == datetime.fromisoformat(noted["taken_at"]), "an older one is recorded, and is not the last"


@pytest.mark.parametrize("wrong", ["2026-07-01", "2026-07-01T02:30:00", "yesterday", "2099-01-01T00:00:00Z", ""])
def test_a_time_that_is_none_or_lies_ahead_is_refused(service: Service, wrong: str) -> None:
    refused = npn("admin", "backup", "seen", "--at", wrong, on=service.settings)
    assert refused.status in (1, 2, 3)
    assert "at" in one_line_error(refused)
    assert last_backup(service.database) is None
