"""The operator's versions in the service: REST and pages read by them, and a faulty file keeps it from starting."""

import subprocess
from pathlib import Path

import pytest

from house import populated
from npn.config import Settings
from npn.messages import write
from npn.messages.examples import example
from running import NPN, running

PROFILE = "# 0132\nversion XQ0132K\nbase XQ0131K\nnamespace *\nchanges\n  remove Collector\n"
HEAD = {"Content-Type": "application/xml"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database, with a folder of versions beside it."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "XQ0132K.txt").write_text(PROFILE)
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    populated(settings)
    return settings


def test_messages_are_judged_by_the_operators_description(settings: Settings, tmp_path: Path) -> None:
    """The profile takes the collector away, which the example has."""
    data = write(example("XQ0131K"), "xml").replace(b"XQ0131K", b"XQ0132K")
    toml = {"message_versions": str(tmp_path / "versions")}
    with running(settings, tmp_path, toml=toml) as server, server.client() as client:
        answer = client.post("/v1/messages/validate", content=data, headers=HEAD).json()
    assert answer["verdict"] == "invalid"
    assert "structure.unexpected" in {finding["rule"] for finding in answer["findings"]}


def test_a_faulty_file_keeps_the_service_from_starting(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "versions" / "XQ0132K.txt").write_text(PROFILE.replace("Collector", "Colector"))
    config = tmp_path / "faulty.toml"
    config.write_text(f'message_versions = "{tmp_path / "versions"}"\n')
    command = [NPN, "serve", "--port", "0", "--database", settings.database, "--witness", settings.witness]
    done = subprocess.run([*command, "--config", config], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "XQ0132K.txt, line 6: there is no Colector" in done.stderr
