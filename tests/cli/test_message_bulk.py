"""`npn message` with many files, as a user starts it: processes of their own."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

NPN = str(Path(sys.executable).with_name("npn"))
SOUND = (
    b"UNA:+.? 'UNB+UNOC:3+5790000121526:14+5790000121519:14+260101:1200+1'"
    b"UNH+1+CONTRL:D:93A:ZZ:C0330Q+CTL03'UCI+9+5790000121519:14+5790000121526:14+7'UNT+3+1'UNZ+1+1'"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eighty files, two of them broken."""
    for number in range(80):
        (tmp_path / f"m{number:02}.edi").write_bytes(b"garbage" if number in {7, 70} else SOUND)
    return tmp_path


def npn(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    call = [NPN, "message", *arguments]
    return subprocess.run(call, input=stdin, capture_output=True, check=False)


def test_a_directory_is_checked_file_by_file_in_order_and_summed_up(folder: Path) -> None:
    done = npn("validate", str(folder), "--json", "--jobs", "2")
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(each["file"]).name for each in documents] == [f"m{n:02}.edi" for n in range(80)]
    assert [n for n, each in enumerate(documents) if "edifact.not-edifact" in str(each)] == [7, 70]
    assert done.returncode == 1
    summary = done.stderr.decode()
    assert "80 done, 0 failed" in summary
    assert "edifact.not-edifact" in summary


def test_where_nothing_was_looked_at_nothing_passes(tmp_path: Path) -> None:
    done = npn("validate", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, b"")
    assert "0 done, 0 failed" in done.stderr.decode()


def test_results_are_gone_on_with(folder: Path) -> None:
    results = folder / "results.jsonl"
    npn("validate", str(folder), "--results", str(results))
    lines = results.read_bytes().splitlines(keepends=True)
    assert len(lines) == 80
    results.write_bytes(b"".join(lines[:30]) + lines[30][:9])
    again = npn("validate", str(folder), "--results", str(results))
    assert results.read_bytes() == b"".join(lines)
    assert not again.stdout
    assert "50 done, 30 done before" in again.stderr.decode()


def test_what_was_not_valid_before_still_says_no(folder: Path) -> None:
    results = folder / "results.jsonl"
    first = npn("validate", str(folder), "--results", str(results))
    again = npn("validate", str(folder), "--results", str(results))
    assert (first.returncode, again.returncode) == (1, 1)
    assert "0 done, 80 done before" in again.stderr.decode()
    for number in (7, 70):
        (folder / f"m{number:02}.edi").write_bytes(SOUND)
    results.write_bytes(b"".join(line for line in results.read_bytes().splitlines(keepends=True) if b"m07" in line))
    mended = npn("validate", str(folder), "--results", str(results))
    assert mended.returncode == 1
    results.unlink()
    assert npn("validate", str(folder), "--results", str(results)).returncode == 0


def test_a_stream_is_cut_into_its_interchanges() -> None:
    done = npn("inspect", "-", "--json", "--jobs", "1", stdin=SOUND * 3)
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == ["-#1", "-#2", "-#3"]
    assert done.returncode == 0


def test_wrong_wishes_are_told_in_one_line(folder: Path) -> None:
    both = npn("validate", str(folder), "--jobs", "2", "--cluster", "tcp://127.0.0.1:9")
    assert both.returncode == 2
    assert b"exclude each other" in both.stderr
    other = folder / "m00.edi"
    assert npn("validate", str(folder), "--results", str(other)).returncode == 2
    assert other.read_bytes() == SOUND
    missing = npn("validate", str(folder), str(folder / "no"), "--jobs", "2")
    assert (missing.returncode, missing.stdout) == (2, b"")


def test_a_terminal_shows_progress(folder: Path) -> None:
    ours, theirs = pty.openpty()
    call = [NPN, "message", "validate", str(folder), "--results", str(folder / "r")]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            block = os.read(ours, 4096)
        except OSError:  # how a pseudo-terminal ends
            break
        if not block:
            break
        shown += block
    os.close(ours)
    assert process.wait() == 1
    assert b"80/80" in shown
