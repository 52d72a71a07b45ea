"""Start, stop and rotation with the key missing, wrong, loose, old; whatever the umask, files are their owner's."""

import os
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from command import NPN, npn
from hidden import LINK, furnish, private_half
from npn.config import Settings
from npn.db.sealing import new_key_file, read_keys
from npn.wiring.assembly import build
from running import running
from sealing.test_at_rest import key_of


@pytest.fixture
def embedded(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))


def loose_files(folder: Path) -> dict[str, str]:
    return {
        path.name: f"{stat.S_IMODE(path.stat().st_mode):04o}"
        for path in folder.iterdir()
        if path.is_file() and path.name.startswith("npn.") and path.suffix != ".toml"
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    }


@pytest.mark.parametrize("umask", ["000", "022"])
def test_every_file_is_its_owner_s_alone(tmp_path: Path, embedded: Settings, umask: str) -> None:
    said = npn("admin", "init", on=embedded, prefix=["sh", "-c", f'umask {umask}; exec "$@"', "sh"])
    assert said.status == 0, said.err
    assert str(tmp_path / "npn.secrets") in said.err, "it says that it made the key"
    assert (tmp_path / "npn.secrets").exists()
    with running(embedded, tmp_path, under=["sh", "-c", f'umask {umask}; exec "$@"', "sh"]):
        assert (tmp_path / "npn.db-wal").exists()
        assert loose_files(tmp_path) == {}
        done = npn("admin", "backup", tmp_path / "npn.backup", on=embedded)
        assert done.status == 0, done.err
        assert loose_files(tmp_path) == {}


def test_loose_files_are_tightened_at_start_and_said(tmp_path: Path, embedded: Settings) -> None:
    hidden = furnish(embedded)
    names = ("npn.db", "npn.db.lock", "npn.witness", "npn.secrets")
    for name in names:
        (tmp_path / name).chmod(0o666)
    with running(embedded, tmp_path) as server:
        assert loose_files(tmp_path) == {}
        log = server.log.read_text("utf-8")
        assert all(f'"{tmp_path / name}"' in log for name in names)
        assert log.count("file_tightened") == len(names)
        with server.client() as client:
            assert f'npn_file_readable_by_others{{file="{tmp_path / "npn.db"}"}} 0.0' in client.get("/metrics").text
        assert server.stop(signal.SIGTERM) == 0
    log = server.log.read_text("utf-8")
    key = (tmp_path / "npn.secrets").read_text("ascii").strip()
    assert not [text for text in (key, LINK, *hidden.texts) if text in log]


def test_the_settings_the_password_of_the_mail_and_the_token_are_looked_at_too(
    tmp_path: Path, embedded: Settings
) -> None:
    furnish(embedded)
    password, token = tmp_path / "smtp", tmp_path / "token"
    for path in (password, token):
        path.write_text("a-secret-of-the-test\n")
        path.chmod(0o644)
    names = {"smtp_password_file": str(password), "metrics_token_file": str(token), "openid_client_secret": "hemmelig"}
    before = os.umask(0o022)
    try:
        with running(embedded, tmp_path, toml=names) as server:
            log = server.log.read_text("utf-8")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (password, token)] == [0o600, 0o640]
    assert [line for line in log.splitlines() if "file_tightened" in line and f'"{password}"' in line]
    named = [line for line in log.splitlines() if "file_readable_by_others" in line]
    assert [f'"{tmp_path / "npn.toml"}"' in line for line in named] == [True], "the settings hold a secret themselves"
    assert stat.S_IMODE((tmp_path / "npn.toml").stat().st_mode) == 0o644
    with running(embedded, tmp_path, toml={"smtp_password_file": str(password)}) as server:
        assert "file_readable_by_others" not in server.log.read_text("utf-8")


def serve(settings: Settings, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [NPN, "serve", "--port", "0", "--database", settings.database, "--witness", settings.witness],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_serve_exits_2_and_names_a_key_that_is_missing_or_wrong(tmp_path: Path, embedded: Settings) -> None:
    furnish(embedded)
    key, fingerprint = tmp_path / "npn.secrets", read_keys(tmp_path / "npn.secrets")[0].fingerprint
    held = key.read_bytes()
    key.unlink()
    status, said = serve(embedded)
    assert (status, str(key) in said, "secrets_key_missing" in said) == (2, True, True)
    key.write_bytes(b"not a key")
    status, said = serve(embedded)
    assert (status, str(key) in said, "secrets_key_wrong" in said, "not a key" in said) == (2, True, True, False)
    key.unlink()
    new_key_file(key)
    status, said = serve(embedded)
    assert (status, str(key) in said, fingerprint in said) == (2, True, True)
    status, said = serve(embedded, NPN_SECRETS_KEY_FILE=str(tmp_path / "elsewhere"))
    assert (status, str(tmp_path / "elsewhere") in said) == (2, True)
    key.write_bytes(held)
    (tmp_path / "npn-secrets").write_bytes(held)
    key.rename(tmp_path / "moved")
    with running(embedded, tmp_path, under=["env", f"CREDENTIALS_DIRECTORY={tmp_path}"]) as server:
        assert fingerprint in server.log.read_text("utf-8")


def test_a_key_is_made_rotated_and_given_up_by_commands(tmp_path: Path, embedded: Settings) -> None:
    hidden = furnish(embedded)
    key, new = tmp_path / "npn.secrets", tmp_path / "new"
    assert npn("admin", "secrets", "new-key", on=embedded).status == 2, "a key is never overwritten"
    made = npn("admin", "secrets", "new-key", new, "--keys-of", key, "--json", on=embedded).json
    assert (made["file"], made["noted"], stat.S_IMODE(new.stat().st_mode)) == (str(new), True, 0o600)
    assert len(read_keys(new)) == 2
    held = key.read_bytes()
    new.rename(key)
    shown = npn("admin", "secrets", "show", "--json", on=embedded).json
    sealed = shown["keys"][1]["secrets"]
    assert sealed >= 3
    assert [(each["key"], each["secrets"]) for each in shown["keys"]] == [
        (made["key"], 0),
        (read_keys(key)[1].fingerprint, sealed),
    ]
    rotated = npn("admin", "secrets", "rotate", "--json", on=embedded).json
    assert (rotated["key"], rotated["sealed"], rotated["accounts"]) == (made["key"], sealed, [])
    key.write_bytes(held)
    lost = npn("admin", "secrets", "rotate", on=embedded)
    assert (lost.status, "secrets_key_wrong" in lost.err) == (2, True)
    given_up = npn("admin", "secrets", "rotate", "--key-is-lost", "--json", on=embedded).json
    assert [each["email"] for each in given_up["accounts"]] == ["a@b.dk"]
    assert given_up["accounts"][0]["mailed"] or given_up["accounts"][0]["path"].startswith("/welcome/")
    ledger = tmp_path / "ledger"
    assert npn("ledger", "export", ledger, on=embedded).status == 0
    assert npn("ledger", "verify", ledger).status == 0
    text = ledger.read_text("utf-8")
    assert text.count('"type":"secrets_key_made"') == 1
    assert text.count('"type":"secrets_rotated"') == 3
    assert given_up["signing_key"] in text
    assert not [secret for secret in (*hidden.texts, *held.decode().split()) if secret in text]


def test_what_was_lost_with_the_key_is_recovered_by_commands_that_name_each_other(settings: Settings) -> None:
    """The disk of witness and key is gone: each error names the next command, and none needs another first."""
    hidden, key = furnish(settings), key_of(settings)
    for path in (key, Path(settings.witness), Path(f"{settings.witness}.lock")):
        path.unlink(missing_ok=True)
    refused = npn("recover", "--rebuild-witness", "--yes", on=settings)
    assert (refused.status, "npn admin secrets new-key" in refused.err) == (2, True)
    made = npn("admin", "secrets", "new-key", on=settings)
    assert (made.status, "npn admin secrets rotate --key-is-lost" in made.err) == (0, True)
    early = npn("admin", "secrets", "rotate", "--key-is-lost", on=settings)
    assert (early.status, "npn recover" in early.err) == (4, True)
    recovered = npn("recover", "--rebuild-witness", "--yes", on=settings)
    assert (recovered.status, "rotate --key-is-lost" in recovered.err) == (0, True), recovered.err
    upgraded = npn("admin", "init", on=settings)
    assert (upgraded.status, "rotate --key-is-lost" in upgraded.err) == (0, True), upgraded.err
    given_up = npn("admin", "secrets", "rotate", "--key-is-lost", "--json", on=settings)
    assert (given_up.status, len(given_up.json["accounts"])) == (0, 1), given_up.err
    service = build(settings)
    assert private_half(service.database) != hidden.private
    service.close()


def test_a_key_can_be_made_before_there_is_a_database(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'none.db'}", witness=str(tmp_path / "w"))
    made = npn("admin", "secrets", "new-key", tmp_path / "key", on=settings)
    assert (made.status, made.out.strip()) == (0, str(tmp_path / "key"))
    assert "ledger" in made.err
    assert not (tmp_path / "none.db").exists()
