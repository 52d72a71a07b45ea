"""Settings: where they come from, and that each is documented."""

from pathlib import Path

import pytest

from npn.config import Settings, read_settings
from npn.errors import ConfigurationError

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"


@pytest.mark.parametrize("key", Settings.__struct_fields__)
def test_every_setting_is_documented(key: str) -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert any(f"`{key}`" in row.split("|")[1] for row in rows)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "npn.toml"
    file.write_text('database = "sqlite:///file.db"\nwitness = "file"\nport = 9\n')
    found = read_settings(file, {"NPN_WITNESS": "environment"}, {"database": "sqlite:///line.db", "host": None})
    assert (found.database, found.witness, found.port, found.host) == (
        "sqlite:///line.db",
        "environment",
        9,
        "127.0.0.1",
    )


def test_an_unknown_key_is_refused_and_the_known_ones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "npn.toml"
    file.write_text("prot = 9\n")
    with pytest.raises(ConfigurationError, match="prot") as refused:
        read_settings(file, {}, {})
    assert "port" in refused.value.hint


def test_a_file_that_is_not_toml_or_not_there_is_an_error_of_one_line(tmp_path: Path) -> None:
    file = tmp_path / "npn.toml"
    file.write_text("port = \n")
    for path in (file, tmp_path / "absent.toml"):
        with pytest.raises(ConfigurationError) as refused:
            read_settings(path, {}, {})
        assert "\n" not in refused.value.message
