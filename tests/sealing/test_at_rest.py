"""Secrets in the database are encrypted: found nowhere, tied to their row, under the right key or not at all."""

import base64
import json
import os
import stat
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from hidden import LINK, Hidden, bytes_of, everything, leave_in_clear, private_half
from npn.config import Settings
from npn.db import Database
from npn.db.sealing import (
    KEY_BYTES,
    PLACES,
    PRIVATE_JWK,
    TOTP_SECRET,
    Key,
    SealedPlace,
    Sealer,
    UnreadableError,
    new_key_file,
    read_keys,
)
from npn.errors import ConfigurationError
from npn.ledger.secrets import counts, key_file, open_key, rotate
from npn.ledger.witness import FileWitness, open_witness
from npn.ownership import Readers, tighten
from npn.people import store
from npn.wiring.assembly import build
from npn.wiring.setup import initialise


def key_of(settings: Settings) -> Path:
    """Where the key is by default."""
    database = Database(settings.database)
    path = key_file(settings, database, open_witness(settings.witness, database_path=database.path), environment={})
    database.close()
    assert path is not None
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def events(settings: Settings) -> list[tuple[str, dict[str, object]]]:
    service = build(settings, key_is_lost=True)
    with service.database.read() as connection:
        rows = connection.execute(
            sa.text("SELECT type, data FROM ledger WHERE type LIKE 'secrets%' ORDER BY seq")
        ).all()
    service.close()
    return [(kind, json.loads(data)) for kind, data in rows]


def test_no_secret_is_found_in_the_database(settings: Settings, hidden: Hidden) -> None:
    database = Database(settings.database)
    dump = everything(database)
    database.close()
    for text in hidden.texts:
        assert text not in dump
    if database.path is not None:
        raw = bytes_of(database.path)
        assert not [text for text in hidden.texts if text.encode() in raw]
    key = key_of(settings)
    assert mode(key) == 0o600
    assert read_keys(key)[0].fingerprint in dump
    assert base64.b64encode(read_keys(key)[0].secret).decode() not in dump


def test_what_was_encrypted_is_used_as_before(settings: Settings, hidden: Hidden) -> None:
    service = build(settings)
    with service.database.read() as connection:
        kept = store.secrets_of(connection, hidden.account)
    assert kept is not None
    assert kept.totp_secret == hidden.factor
    assert any(LINK in letter.text for letter in service.outbox.emails())
    service.close()
    assert events(settings)[0][0] == "secrets_rotated"


def test_the_upgrade_encrypts_what_is_clear_and_leaves_nothing_of_it(settings: Settings, hidden: Hidden) -> None:
    leave_in_clear(settings, hidden)
    with pytest.raises(ConfigurationError) as refused:
        build(settings)
    assert refused.value.code == "secrets_in_clear"
    assert "npn admin init" in refused.value.hint
    before = len(events_in_clear(settings))
    initialise(settings)
    service = build(settings)
    assert private_half(service.database) == hidden.private
    assert set(counts(service.database)) == {service.database.sealer.current.fingerprint}
    dump = everything(service.database)
    path = service.database.path
    service.close()
    assert not [text for text in hidden.texts if text in dump]
    if path is not None:
        raw = bytes_of(path)
        assert not [text for text in hidden.texts if text.encode() in raw]
    found = events(settings)
    assert len(found) == before + 1
    assert found[-1] == ("secrets_rotated", {"by": "init", "key": read_keys(key_of(settings))[0].fingerprint})
    initialise(settings)
    assert len(events(settings)) == before + 1, "nothing was left to encrypt"


def events_in_clear(settings: Settings) -> list[object]:
    database = Database(settings.database)
    with database.read() as connection:
        rows = connection.execute(sa.text("SELECT seq FROM ledger WHERE type = 'secrets_rotated'")).all()
    database.close()
    return list(rows)


@pytest.mark.parametrize("place", [PRIVATE_JWK, TOTP_SECRET], ids=lambda place: place.column)
def test_the_database_refuses_clear_text(settings: Settings, hidden: Hidden, place: SealedPlace) -> None:
    assert hidden.account
    database = Database(settings.database, as_owner=True)
    change = sa.text(f"UPDATE {place.table} SET {place.column} = 'clear'")  # ours
    with pytest.raises(sa.exc.IntegrityError, match="encrypted"), database.write() as connection:
        connection.execute(change)
    database.close()


def test_a_value_moved_to_another_row_or_column_does_not_open(tmp_path: Path) -> None:
    sealer = Sealer()
    new_key_file(tmp_path / "key")
    sealer.load(tmp_path / "key")
    for place in PLACES:
        sealed = sealer.seal("prøve", place, "row-1")
        assert sealer.open(sealed, place, "row-1") == "prøve"
        assert sealed != sealer.seal("prøve", place, "row-1")
        others = [(place, "row-2"), *((other, "row-1") for other in PLACES if other != place)]
        for other, row in others:
            with pytest.raises(UnreadableError) as refused:
                sealer.open(sealed, other, row)
            assert refused.value.code == "secrets_damaged"
        for wrong in (sealed[:-2], sealed + "A", sealed[:20], sealed[:18], sealed[:18] + "!" * 60):
            with pytest.raises(UnreadableError):
                sealer.open(wrong, place, "row-1")


def test_under_another_key_nothing_starts_and_the_error_names_file_and_key(settings: Settings, hidden: Hidden) -> None:
    key = key_of(settings)
    held = key.read_bytes()
    fingerprint = read_keys(key)[0].fingerprint
    key.unlink()
    with pytest.raises(ConfigurationError) as refused:
        build(settings)
    assert (refused.value.code, str(key) in refused.value.message) == ("secrets_key_missing", True)
    with pytest.raises(ConfigurationError) as refused:
        initialise(settings)
    assert refused.value.code == "secrets_key_missing"
    assert not key.exists(), "a new key would hide that the old one is lost"
    new_key_file(key)
    with pytest.raises(ConfigurationError) as refused:
        build(settings)
    assert refused.value.code == "secrets_key_wrong"
    assert fingerprint in refused.value.message
    assert read_keys(key)[0].fingerprint in refused.value.message
    assert "--key-is-lost" in refused.value.hint
    key.write_bytes(held)
    build(settings).close()
    assert hidden.account


@pytest.mark.parametrize(
    "wrong", [b"", b"\n", b"short", b"x" * 31, b"x" * 33, b"#only this\n", b"\xff" * 40, b"A" * 44]
)
def test_a_file_that_is_no_key_file_is_named_and_not_shown(tmp_path: Path, wrong: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(wrong)
    with pytest.raises(ConfigurationError) as refused:
        read_keys(path)
    assert refused.value.code == "secrets_key_wrong"
    assert str(path) in refused.value.message
    assert wrong.strip() not in refused.value.message.encode() or not wrong.strip() or wrong == b"short"


def test_a_key_file_is_32_bytes_or_lines_of_base64(tmp_path: Path) -> None:
    raw = os.urandom(KEY_BYTES)
    text = base64.b64encode(raw)
    forms = [
        raw,
        text,
        text + b"\r\n",
        b"\xef\xbb\xbf" + text,
        text.rstrip(b"="),
        base64.urlsafe_b64encode(raw) + b"\n",
    ]
    forms += [b"# of the test server\n" + text + b"\n", text + b"\n" + base64.b64encode(os.urandom(KEY_BYTES))]
    for n, form in enumerate(forms):
        (tmp_path / f"{n}").write_bytes(form)
        assert read_keys(tmp_path / f"{n}")[0] == Key(raw)
    assert repr(Key(raw)) == "Key()"


def test_the_key_is_as_set_or_the_credential_or_beside_what_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "npn-secrets").write_bytes(os.urandom(KEY_BYTES))
    credentials = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    sqlite = Database(f"sqlite:///{tmp_path / 'a.db'}")
    postgresql = Database("postgresql://nobody@127.0.0.1:1/none")
    file = FileWitness(tmp_path / "w" / "b.witness")
    apart = open_witness("postgresql://nobody@127.0.0.1:1/witness", database_path=None)
    named, unnamed = Settings(secrets_key_file=str(tmp_path / "named")), Settings()
    assert key_file(named, sqlite, file, environment=credentials) == tmp_path / "named"
    assert key_file(unnamed, sqlite, file, environment=credentials) == tmp_path / "credentials" / "npn-secrets"
    assert key_file(unnamed, sqlite, apart, environment={}) == tmp_path / "a.secrets"
    assert key_file(unnamed, postgresql, file, environment={}) == tmp_path / "w" / "b.secrets"
    assert key_file(unnamed, postgresql, apart, environment={}) is None
    with pytest.raises(ConfigurationError) as refused:
        open_key(unnamed, postgresql, apart)
    assert (refused.value.code, refused.value.field) == ("secrets_key_missing", "secrets_key_file")
    for each in (sqlite, postgresql):
        each.close()
    apart.close()


def test_a_rotation_puts_everything_under_the_new_key_while_both_are_read(settings: Settings, hidden: Hidden) -> None:
    key, new = key_of(settings), key_of(settings).with_suffix(".new")
    running = build(settings)
    sealed = sum(counts(running.database).values())
    old = read_keys(key)
    made = new_key_file(new, others=old)
    new.rename(key)
    other = build(settings)
    done = rotate(other.ledger, by="admin:t")
    assert (done.key, done.sealed) == (made.fingerprint, sealed)
    other.close()
    assert private_half(running.database) == hidden.private, "the file is read again without a restart"
    assert counts(running.database) == {made.fingerprint: sealed}
    alone = key.with_suffix(".alone")
    alone.write_bytes(key.read_bytes().splitlines(keepends=True)[0])
    alone.rename(key)
    assert private_half(running.database) == hidden.private
    assert running.database.sealer.current == made
    running.close()
    build(settings).close()
    assert events(settings)[-1] == ("secrets_rotated", {"by": "admin:t", "key": made.fingerprint})


def test_after_the_loss_of_the_key_there_is_a_new_signing_key_and_factors_are_enrolled_again(
    settings: Settings, hidden: Hidden
) -> None:
    key = key_of(settings)
    key.unlink()
    new_key_file(key)
    service = build(settings, key_is_lost=True)
    with pytest.raises(UnreadableError):
        rotate(service.ledger, by="admin:t")
    done = rotate(service.ledger, by="admin:t", key_is_lost=True)
    assert done.lost_accounts == [hidden.account]
    assert done.lost_emails == len(service.outbox.emails()) >= 1
    assert done.signing_key
    assert not service.accounts.get(hidden.account).has_second_factor
    assert private_half(service.database) != hidden.private
    assert {letter.state.value for letter in service.outbox.emails()} == {"failed"}
    service.close()
    build(settings).close()


def test_a_file_of_somebody_else_s_is_named_where_it_can_t_be_tightened() -> None:
    with tempfile.TemporaryDirectory(prefix="npn-") as folder:  # pytest's own folders let nobody else in
        look_at(Path(folder))


def look_at(tmp_path: Path) -> None:
    mine, loose = tmp_path / "mine", tmp_path / "loose"
    for path, rights in ((mine, 0o600), (loose, 0o644)):
        path.write_bytes(b"x")
        path.chmod(rights)
    assert tighten(mine) is None
    found = tighten(loose)
    assert found is not None
    assert (found.mode, found.tightened, mode(loose)) == (0o644, True, 0o600)
    assert tighten(tmp_path / "absent") is None
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    tmp_path.chmod(0o755)
    loose.chmod(0o644)
    group = tmp_path / "group"
    group.write_bytes(b"x")
    group.chmod(0o640)
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        named = tighten(loose)
        right = named is not None and not named.tightened and tighten(group, Readers.OUR_GROUP) is None
        os._exit(0 if right and tighten(group) is not None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
