"""Text from Windows is read, or named with the way out, at every edge."""

import codecs
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent_process import agent, settings
from npn.agent.mock import MockService
from npn.agent.settings import read_settings
from npn.config import read_settings as read_server_settings
from npn.errors import ConfigurationError, InvalidInputError
from npn.text import clean_line, decode_text, iterate_lines, parse_key, read_text

NPN = [sys.executable, "-c", "from npn.cli import main; main()"]
TEXT = 'naïve = "æøå"\nsecond = 1\n'
WAYS = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16 little": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "utf-16 big": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "utf-16 little without a mark": TEXT.encode("utf-16-le"),
    "utf-16 big without a mark": TEXT.encode("utf-16-be"),
    "utf-32": codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
    "cr lf": TEXT.replace("\n", "\r\n").encode(),
    "cr alone": TEXT.replace("\n", "\r").encode(),
    "utf-16, cr lf": codecs.BOM_UTF16_LE + TEXT.replace("\n", "\r\n").encode("utf-16-le"),
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


def saved(text: str, way: str) -> bytes:
    """A text as some program saves it."""
    encoded = WAYS[way]
    mark = next(
        (
            m
            for m in (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            if encoded.startswith(m)
        ),
        b"",
    )
    name = "utf-32-le" if "32" in way else "utf-16-be" if "big" in way else "utf-16-le" if "16" in way else "utf-8"
    ends = "\r\n" if "cr lf" in way else "\r" if "cr alone" in way else "\n"
    return mark + text.replace("\n", ends).encode(name)


@EVERY_WAY
def test_a_text_is_the_same_however_it_was_saved(way: str) -> None:
    assert decode_text(WAYS[way]) == TEXT


@pytest.mark.parametrize(
    ("data", "words"), [(b"\xe6\xf8\xe5", "not text in UTF-8"), (b"ab\0", "NUL"), (b"\xff\xfea", "UTF-16")]
)
def test_what_is_no_text_is_named_with_the_way_out(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        decode_text(data, name="list.csv")
    assert "list.csv" in caught.value.message
    assert "UTF-8" in caught.value.hint


@EVERY_WAY
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_lines_come_out_the_same_in_blocks_of_any_size(way: str, size: int) -> None:
    data = saved("1000000015\n\n  1000000023 \nxx\n", way)
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    assert [line for lines in iterate_lines(blocks) for line in lines] == ["1000000015", "1000000023", "xx"]


def test_a_line_that_a_scanner_has_ended_is_there_at_once() -> None:
    assert next(iterate_lines([b"1000000015\r", b"1000000023\r"])) == ["1000000015"]


def test_a_byte_that_is_no_text_spoils_its_own_line_only() -> None:
    assert list(iterate_lines([b"10\xff\n1000000015\n"])) == [["10\\xff", "1000000015"]]


KEYS = [
    "npn_lab-1_secret",
    "\n npn_lab-1_secret \n\n",
    "NPN_KEY=npn_lab-1_secret",
    'NPN_KEY="npn_lab-1_secret"',
    "export NPN_KEY='npn_lab-1_secret'",
    "set NPN_KEY=npn_lab-1_secret",
    '$env:NPN_KEY = "npn_lab-1_secret"',
    "key: npn_lab-1_secret",
    '"npn_lab-1_secret"',
    "# the key of the test system\nnpn_lab-1_secret",
    "\u200bnpn_lab-1_secret\ufeff",
]


@pytest.mark.parametrize("text", KEYS)
def test_a_key_is_found_in_what_people_save(text: str) -> None:
    assert parse_key(text, field="key_file") == "npn_lab-1_secret"


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "a\nb", "NPN_KEY=", "npn lab", "npn_æ", "<html>\n</html>"])
def test_what_can_not_be_a_key_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_key(text, field="key_file")
    assert caught.value.field == "key_file"
    assert "npn_<system>_<secret>" in caught.value.hint


@EVERY_WAY
def test_the_agent_reads_settings_and_key_however_they_were_saved(tmp_path: Path, way: str) -> None:
    (tmp_path / "agent.key").write_bytes(saved("NPN_KEY=npn_lab-1_secret\n", way))
    path = tmp_path / "agent.toml"
    path.write_bytes(saved('url = "https://npn.example.dk"\nkey_file = "agent.key"\n[stock]\nmin_draw = 7\n', way))
    found = read_settings(path, {})
    assert (found.stock.min_draw, found.read_key()) == (7, "npn_lab-1_secret")


@EVERY_WAY
def test_the_server_reads_its_settings_however_they_were_saved(tmp_path: Path, way: str) -> None:
    path = tmp_path / "npn.toml"
    path.write_bytes(saved('database = "sqlite:///x.db"\npublic_url = "https://npn.example.dk"\n', way))
    assert read_server_settings(path, {}, {}).public_url == "https://npn.example.dk"


@pytest.mark.parametrize("way", ["utf-8 with a mark", "utf-16 little", "utf-16 big", "cr alone", "utf-16, cr lf"])
def test_a_list_of_numbers_is_checked_however_it_was_saved(way: str) -> None:
    done = subprocess.run(
        [*NPN, "check", "-", "--json"], input=saved("1000000015\n1000000023\n", way), capture_output=True, check=False
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert ([row["number"] for row in rows], done.returncode) == (["1000000015", "1000000023"], 0)


def test_an_agent_with_a_key_from_windows_draws(tmp_path: Path) -> None:
    with MockService() as service:
        (tmp_path / "agent.key").write_bytes(codecs.BOM_UTF16_LE + f"{service.key}\r\n".encode("utf-16-le"))
        config = settings(tmp_path, service.url, "x")
        config.write_text(config.read_text().replace('key = "x"', 'key_file = "agent.key"'))
        assert agent("refill", config=config).stdout.startswith("drew 1000")


def test_a_key_that_can_not_be_one_ends_the_start_with_exit_status_2(tmp_path: Path) -> None:
    (tmp_path / "agent.key").write_text("two\nlines")
    config = settings(tmp_path, "http://127.0.0.1:1", "x")
    config.write_text(config.read_text().replace('key = "x"', 'key_file = "agent.key"'))
    done = agent("run", config=config)
    assert done.returncode == 2
    assert "agent.key" in done.stderr
    assert "two" not in done.stderr.replace("there are 2 lines", "")


def test_a_file_that_is_not_there_or_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="absent"):
        read_text(tmp_path / "absent")
    (tmp_path / "long").write_bytes(b"x" * 11)
    with pytest.raises(ConfigurationError, match="more than 10 bytes"):
        read_text(tmp_path / "long", limit=10)


def test_an_address_is_read_without_what_copying_leaves_around_it() -> None:
    assert clean_line("\ufeff https://npn.example.dk\r\n") == "https://npn.example.dk"
