"""`npn check`, `npn numbers` and `npn suggest` as a user runs them: processes, output, exit status."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from npn.numbers.scheme import NPN10

NPN = str(Path(sys.executable).with_name("npn"))
FIRST, LAST = "1000000000", "1000000030"
THREE = "1000000007\n1000000015\n1000000023\n"


def npn(*arguments: str, typed: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run([NPN, *arguments], input=typed, capture_output=True, check=False)
    text = [stream.decode("utf-8") for stream in (done.stdout, done.stderr)]
    assert "Traceback" not in text[1]
    return subprocess.CompletedProcess(done.args, done.returncode, *text)


def documents(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_usable_number_is_said_to_be_usable() -> None:
    done = npn("check", "1000000015")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1000000015  usable\n", "")


def test_one_number_that_is_not_usable_makes_the_status_one() -> None:
    done = npn("check", "1000000015", "1000000016")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "1000000015  usable",
        "1000000016  not usable: fails the check of npn10",
    ]


@pytest.mark.parametrize("typed", ["12", "³²", "1" * 400, "abc", "", "\u200f1000000015", "1000000015\n1000000023"])
def test_what_is_no_number_is_not_usable_and_shown_on_one_line(typed: str) -> None:
    done = npn("check", typed)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "not usable: a sample number is 10 digits" in done.stdout
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    "typed",
    [
        b"\xef\xbb\xbf1000000015\r\n1000000023\r\n",
        "\ufeff1000000015\r\n1000000023\r\n".encode("utf-16-le"),
        "\ufeff1000000015\r\n1000000023\r\n".encode("utf-16-be"),
        b"1000000015\r1000000023\r",
    ],
    ids=["byte order mark", "UTF-16", "UTF-16, big-endian", "CR alone"],
)
def test_lists_of_numbers_from_windows_and_scanners_are_read(typed: bytes) -> None:
    done = npn("check", "-", typed=typed)
    assert done.stdout.splitlines() == ["1000000015  usable", "1000000023  usable"]
    assert done.returncode == 0


def test_standard_input_is_read_line_by_line() -> None:
    done = npn("check", "-", typed=b"1000000015\r\n\n  1000 000-015\nx\xff\x00\n1000000016")
    assert done.returncode == 1
    assert [line.split("  ")[1][:10] for line in done.stdout.splitlines()] == [
        "usable",
        "usable",
        "not usable",
        "not usable",
    ]
    assert npn("check", "-", typed=b"1000000015").returncode == 0


def test_check_in_json_is_one_document_a_line() -> None:
    done = npn("check", "--json", "1000000015", "1000000016", "x")
    answers = documents(done)
    assert [answer["usable"] for answer in answers] == [True, False, False]
    assert [answer.get("code") for answer in answers] == [None, "not_usable", "not_a_number"]
    assert [answer["number"] for answer in answers] == ["1000000015", "1000000016", "x"]


def test_a_program_that_writes_a_number_gets_its_answer_before_it_writes_the_next() -> None:
    with subprocess.Popen([NPN, "check", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for number in (b"1000000015", b"1000000023"):
            running.stdin.write(number + b"\n")
            running.stdin.flush()
            assert running.stdout.readline() == number + b"  usable\n"


def test_an_empty_standard_input_checks_nothing_and_says_so() -> None:
    done = npn("check", "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no number was given" in done.stderr


def test_an_endless_line_is_refused_without_being_kept() -> None:
    done = npn("check", "-", typed=b"1" * 3_000_000 + b"\n1000000015\n")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "1000000015  usable"
    assert len(done.stdout) < 500


def test_the_usable_numbers_of_a_range_are_listed() -> None:
    assert npn("numbers", FIRST, LAST).stdout == THREE
    assert npn("numbers", FIRST, LAST, "--limit", "2").stdout == THREE[:22]
    assert npn("numbers", FIRST, LAST, "--limit", "9").stdout == THREE
    assert npn("numbers", FIRST, LAST, "--limit", "0").stdout == ""
    assert [row["number"] for row in documents(npn("numbers", FIRST, LAST, "--json"))] == THREE.split()


def test_a_range_without_usable_numbers_lists_none() -> None:
    done = npn("numbers", "1000000008", "1000000014")
    assert (done.returncode, done.stdout) == (0, "")


def test_counting_and_the_nth_need_no_listing() -> None:
    whole = ("0000000000", "9999999999")
    assert npn("numbers", *whole, "--count").stdout == "909090909\n"
    assert npn("numbers", *whole, "--nth", "909090909").stdout == f"{NPN10.previous(10**10)}\n"
    counted = documents(npn("numbers", FIRST, LAST, "--count", "--json"))
    assert counted == [{"first": FIRST, "last": LAST, "size": 31, "usable": 3}]
    assert documents(npn("numbers", FIRST, LAST, "--nth", "2", "--json")) == [{"n": 2, "number": "1000000015"}]


def test_a_number_past_the_last_is_a_no() -> None:
    done = npn("numbers", FIRST, LAST, "--nth", "4")
    assert (done.returncode, done.stdout) == (1, "")
    assert "3 usable" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "blamed"),
    [
        (("numbers", LAST, FIRST), "last"),
        (("numbers", "12", LAST), "first"),
        (("numbers", FIRST, "x"), "last"),
        (("numbers", FIRST), "LAST"),
        (("numbers", FIRST, LAST, "--nth", "0"), "--nth"),
        (("numbers", FIRST, LAST, "--limit", "-1"), "--limit"),
        (("numbers", FIRST, LAST, "--count", "--nth", "1"), "--nth"),
        (("numbers", FIRST, LAST, "--scheme", "no"), "scheme"),
        (("numbers", FIRST, LAST, "--scheme", "6:1"), "weights"),
        (("suggest", "abc"), "number"),
        (("check",), "NUMBER"),
        (("check", "--wrong", "1"), "--wrong"),
        (("nosuch",), "nosuch"),
    ],
)
def test_wrong_usage_is_one_line_and_a_hint(arguments: tuple[str, ...], blamed: str) -> None:
    done = npn(*arguments)
    error, hint = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert error.startswith("Error: ")
    assert blamed in error
    assert hint.startswith("Hint: ")


def test_another_scheme_can_be_written_out() -> None:
    assert npn("check", "--scheme", "6:1,1,1,1,1,1:10:5", "000005").returncode == 0
    assert npn("numbers", "--scheme", "6:1,1,1,1,1,1:10:5", "000000", "000020", "--count").stdout == "2\n"
    assert npn("suggest", "--scheme", "6:0,0,0,0,0,0:11:1", "000000").returncode == 1


def test_suggestions_come_with_the_mistake() -> None:
    done = npn("suggest", "1000000051")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split()[:2] == ["1000000015", "swap"]
    (document,) = documents(npn("suggest", "--json", "100000015"))
    assert document["usable"] is False
    assert {"number": "1000000015", "mistake": "dropped"} in document["suggestions"]  # type: ignore[operator]  # a list


def test_a_usable_number_is_said_to_need_no_suggestion() -> None:
    done = npn("suggest", "1000000015")
    assert done.returncode == 0
    assert "itself usable" in done.stderr


def test_a_reader_that_leaves_early_is_no_error() -> None:
    with subprocess.Popen(
        [NPN, "numbers", "0000000000", "9999999999"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"0000000000\n"
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(30) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("numbers", "0000000000", "9999999999"), ("check", "1000000015")])
def test_a_full_disk_is_told_in_one_line(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([NPN, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_listing_a_billion_numbers_takes_little_memory() -> None:
    code = textwrap.dedent("""
        import resource, subprocess, sys
        subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    """)  # a small process starts it: a peak begins with the size of the process that it was forked from
    call = [sys.executable, "-c", code, NPN, "numbers", "1000000000", "1999999999"]
    kib = int(subprocess.run(call, capture_output=True, check=True).stdout)
    assert kib < 100_000


@pytest.mark.parametrize("arguments", [("--help",), ("check", "1000000015"), ("numbers", FIRST, LAST)])
def test_the_quick_commands_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    code = textwrap.dedent("""
        import atexit, sys
        heavy = "rich httpx asyncio msgspec sqlalchemy litestar numpy importlib.metadata lxml".split()
        atexit.register(lambda: print(*(name for name in heavy if name in sys.modules), file=sys.stderr))
        from npn.cli import main
        main()
    """)
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr.split() == []


def test_an_unforeseen_fault_is_one_line_too_and_a_traceback_only_on_demand() -> None:
    code = "import npn.cli as c\n@c.cli.command()\ndef broken(): raise RuntimeError('dark\\x1b[2J')\nc.main()"
    call = [sys.executable, "-c", code, "broken"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert done.stderr.splitlines()[0] == "Error: RuntimeError: dark\\x1b[2J [internal]"
    done = subprocess.run(call, capture_output=True, text=True, check=False, env={**os.environ, "NPN_TRACEBACK": "1"})
    assert "Traceback" in done.stderr


def test_a_command_whose_part_is_not_installed_says_what_to_install() -> None:
    code = "from npn.cli import cli, main; cli.table['gone'] = ('nosuchpackage.x:y', ''); main()"
    done = subprocess.run([sys.executable, "-c", code, "gone"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nosuchpackage" in done.stderr
    assert "pip install nosuchpackage" in done.stderr


def test_the_examples_in_the_page_on_numbers_print_what_it_says() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "numbers.md").read_text("utf-8")
    session = page.split("```console\n")[1].split("```")[0]
    examples = session.split("$ ")[1:]
    path = f"{Path(NPN).parent}{os.pathsep}{os.environ['PATH']}"
    for example in examples:
        command, _, expected = example.partition("\n")
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
        )
        assert done.stdout == expected
    assert len(examples) == 4
