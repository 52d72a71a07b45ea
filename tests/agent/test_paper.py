"""Numbers on paper: the journal before the file, never in two jobs, whatever stops when."""

import contextlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp

from agent_process import AGENT, AgentProcess, agent, settings
from npn.agent.mock import MockService
from npn.agent.paper import printing
from npn.agent.paper.journal import Journal, journal_of
from npn.agent.paper.model import PaperOrder
from npn.agent.paper.printing import Printer
from npn.agent.paper.store import unused_on_paper
from npn.agent.stock.pool import Pool
from npn.errors import ConflictError, InvalidInputError
from npn.labels.designs import find_design, known_designs
from npn.labels.zpl import picture_of

ORDER = PaperOrder(design="tube-50x25", dpi=300, language="da", file="x.zpl", by="me")
WITHOUT_ZINT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "zint":
            raise ModuleNotFoundError("No module named 'zint'", name="zint")
sys.meta_path.insert(0, Missing())
from npn.cli import main
main()
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """Settings of a pool with stock; no agent runs."""
    with MockService() as service:
        path = settings(tmp_path, service.url, service.key, stock="min_draw = 5000\nmax_draw = 6000")
        filled = agent("refill", config=path)
        assert filled.returncode == 0, filled.stderr
        yield path


def free(config: Path) -> int:
    return int(json.loads(agent("status", "--json", config=config).stdout)["free"])


def printed(zpl: Path) -> list[str]:
    """The numbers on a file's labels, as a scanner reads them."""
    return [zxingcpp.read_barcodes(picture_of(line))[0].text for line in zpl.read_bytes().splitlines()]


def sheets(config: Path, job: int) -> dict[str, str]:
    listed = json.loads(agent("print", "list", "--job", str(job), "--json", config=config).stdout)["numbers"]
    return {sheet["number"]: sheet["state"] for sheet in listed}


def test_numbers_are_printed_used_spoiled_and_printed_again_as_copies(config: Path, tmp_path: Path) -> None:
    before = free(config)
    file = tmp_path / "labels.zpl"
    ran = agent("print", "--design", "tube-50x25", "--count", "4", "-o", str(file), "--place", "Ward 7", config=config)
    assert ran.returncode == 0, ran.stderr
    numbers = printed(file)
    assert ran.stderr == f"job 1: 4 numbers, {numbers[0]} to {numbers[-1]}, every symbol read back: {file}\n"
    assert sheets(config, 1) == dict.fromkeys(numbers, "printed")
    assert free(config) == before - 4

    spaced = f"{numbers[0][:4]} {numbers[0][4:]}"
    assert agent("print", "use", spaced, "--note", "REQ 12", "--by", "Kim", config=config).returncode == 0
    again = agent("print", "use", numbers[0], config=config)
    assert (again.returncode, "was used already, by Kim" in again.stderr) == (3, True)
    assert agent("print", "spoil", numbers[1], "--reason", "torn", config=config).returncode == 0
    both = agent("print", "spoil", numbers[2], numbers[0], config=config)
    assert (both.returncode, "paper_is_final" in both.stderr) == (3, True)
    assert list(sheets(config, 1).values()) == ["used", "spoiled", "printed", "printed"]

    copies = agent("print", "reprint", "1", "-o", str(tmp_path / "copies.zpl"), "--reason", "lost", config=config)
    assert copies.returncode == 0, copies.stderr
    assert printed(tmp_path / "copies.zpl") == [numbers[0], *numbers[2:]]
    assert (tmp_path / "copies.zpl").read_bytes() not in file.read_bytes()
    assert free(config) == before - 4
    refused = agent("print", "reprint", "1", "--number", numbers[1], "-o", str(tmp_path / "c.zpl"), config=config)
    assert (refused.returncode, (tmp_path / "c.zpl").exists()) == (3, False)

    assert agent("print", "place", "1", "Store room", config=config).returncode == 0
    (job,) = json.loads(agent("print", "list", "--json", config=config).stdout)["jobs"]
    assert (job["counts"], job["copies"], job["order"]["place"]) == (
        {"used": 1, "spoiled": 1, "printed": 2},
        3,
        "Store room",
    )
    table = agent("print", "list", "--job", "1", "--csv", config=config).stdout.splitlines()
    assert table[0] == "number,state,place,changed,by,note"
    assert table[1].startswith(f"{numbers[0]},used,Store room,")
    assert table[1].endswith(",Kim,REQ 12")
    assert agent("print", "spoil", "--job", "1", config=config).returncode == 0
    assert unused_on_paper(tmp_path / "agent.db.printed") == 0


def test_unused_paper_is_shown_beside_the_cover_and_not_counted_in_it(config: Path, tmp_path: Path) -> None:
    with AgentProcess(config):
        ran = agent("print", "--design", "cassette", "--count", "3", "-o", str(tmp_path / "l.pdf"), config=config)
        assert ran.returncode == 0, ran.stderr
        running = json.loads(agent("status", "--json", config=config).stdout)
        assert (running["on_paper"], running["running"]) == (3, True)
        shown = agent("status", config=config).stdout
        assert "on paper     3 printed ahead and not used; not in the stock" in shown
    stopped = json.loads(agent("status", "--json", config=config).stdout)
    assert (stopped["on_paper"], stopped["running"]) == (3, False)
    assert stopped["free"] == running["free"]


def test_without_the_extra_nothing_is_taken(config: Path, tmp_path: Path) -> None:
    before = free(config)
    arguments = ["agent", "print", "--design", "tube-50x25", "--count", "5", "-o", "l.pdf", "--config", str(config)]
    command = [sys.executable, "-c", WITHOUT_ZINT, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert (ran.returncode, "pip install npn-platform[labels]" in ran.stderr) == (2, True)
    assert free(config) == before
    assert not (tmp_path / "agent.db.printed").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--design", "none", "-o", "l.pdf"], 2, "there is no design 'none'"),
        (["--design", "tube-50x25", "-o", "none/l.pdf"], 2, "can't write into"),
        (["--design", "tube-50x25", "-o", "l.doc"], 2, "does not say what to write"),
        (["--design", "emergency-form", "-o", "l.zpl"], 2, "label printers take 168 mm at most"),
        (["--design", "own.toml", "-o", "l.pdf"], 2, "has no zone for the mark of a copy"),
        (["--design", "narrow.toml", "-o", "l.pdf"], 2, "27.9 mm at 3 dots of 300 dpi"),
    ],
)
def test_what_can_not_be_printed_takes_nothing(  # noqa: PLR0917  # parameters of a test
    arguments: list[str], status: int, said: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    design = (Path(find_design.__code__.co_filename).parent / "library" / "tube-50x25.toml").read_text("utf-8")
    Path("narrow.toml").write_text(design.replace("width = 36.6", "width = 20"), "utf-8")
    Path("own.toml").write_text(design.replace("[[face.copies]]", "[[face.boxes]]"), "utf-8")
    before = free(config)
    ran = agent("print", *arguments, "--count", "2", config=config)
    assert (ran.returncode, said in ran.stderr) == (status, True), ran.stderr
    assert free(config) == before
    assert not (tmp_path / "l.pdf").exists()


def test_too_few_numbers_print_nothing(config: Path, tmp_path: Path) -> None:
    ran = agent("print", "--design", "cassette", "--count", "9999", "-o", str(tmp_path / "l.zpl"), config=config)
    assert (ran.returncode, "too_few_numbers" in ran.stderr) == (4, True)
    assert agent("print", "list", "--json", config=config).stdout == '{"jobs":[]}\n'


# the journal -------------------------------------------------------------------------------------------------
def test_a_number_is_never_in_two_jobs_and_the_second_job_is_not_there(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.reserve(ORDER, ["1000000007", "1000000015"])
        with pytest.raises(ConflictError) as caught:
            journal.reserve(ORDER, ["1000000023", "1000000015"])
        assert caught.value.code == "number_on_paper"
        assert [job.id for job in journal.jobs()] == [1]
        journal.reserve(ORDER, ["1000000023"])
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sheet VALUES ('1000000007', 2, 1, 'reserved', '', '', '')",
        "UPDATE sheet SET number = '1000000015' WHERE number = '1000000023'",
        "UPDATE sheet SET job = 2 WHERE number = '1000000007'",
        "UPDATE sheet SET state = 'printed' WHERE number = '1000000007'",
        "UPDATE sheet SET state = 'reserved' WHERE number = '1000000015'",
        "DELETE FROM sheet WHERE number = '1000000007'",
        "DELETE FROM job",
        "DELETE FROM entry",
        "UPDATE entry SET by = 'you'",
    ],
)
def test_the_file_itself_refuses_what_must_never_happen(statement: str, tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.finish(journal.reserve(ORDER, ["1000000007", "1000000015"]), "me")
        journal.reserve(ORDER, ["1000000023"])
        journal.move(["1000000007"], "used", by="me", note="")
    with contextlib.closing(sqlite3.connect(tmp_path / "j")) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)


def test_every_design_of_the_platform_can_say_that_it_is_a_copy() -> None:
    assert all(design.can_be_copied for design in known_designs().values())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
@pytest.mark.parametrize(("language", "word"), [("da", "KOPI"), ("en", "COPY")])
def test_each_label_of_a_copy_says_so_and_none_of_the_first_print(language: str, word: str, tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        form = find_design("emergency-form")
        printer = Printer(journal, form, dpi=300, language=language, form="pdf")  # type: ignore[arg-type]  # one of two
        printer.print_new(["1000000007"], tmp_path / "new.pdf", by="me", place="")
        printer.print_copies(["1000000007"], tmp_path / "copy.pdf")
    counts = [
        subprocess.run(["pdftotext", tmp_path / name, "-"], check=True, capture_output=True, text=True).stdout.count(
            word
        )
        for name in ("new.pdf", "copy.pdf")
    ]
    assert counts == [0, 1 + 6]


@pytest.mark.parametrize("step", ["print_labels", "write_files", "finish"])
def test_what_stops_between_the_steps_leaves_numbers_that_count_as_printed(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCutError(Exception):
        pass

    def stop(*_: object) -> None:
        raise PowerCutError

    with Journal(tmp_path / "j") as journal:
        printer = Printer(journal, find_design("cassette"), dpi=300, language="da", form="zpl")
        monkeypatch.setattr(*((journal, step) if step == "finish" else (printing, step)), stop)
        with pytest.raises(PowerCutError):
            printer.print_new(["1000000007", "1000000015"], tmp_path / "l.zpl", by="me", place="")
    assert unused_on_paper(tmp_path / "j") == 2
    with Journal(tmp_path / "j") as journal:
        (job,) = journal.jobs()
        assert (job.is_in_doubt, job.counts) == (True, {"reserved": 2})
        with pytest.raises(ConflictError):
            journal.reserve(ORDER, ["1000000015"])
        journal.move(["1000000007"], "used", by="me", note="it was on paper")


def test_numbers_of_another_job_are_not_copied_with_it(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        one, two = journal.reserve(ORDER, ["1000000007"]), journal.reserve(ORDER, ["1000000015"])
        with pytest.raises(InvalidInputError, match=f"1000000015 is of job {two}, not of {one}"):
            journal.copy(one, ["1000000015"], by="me", note="")


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=(pytest.mark.slow, pytest.mark.timeout(0)))])
def test_no_number_is_on_two_sheets_whatever_is_killed_when(config: Path, tmp_path: Path, kills: int) -> None:
    lots = random.Random(kills)
    started = time.monotonic()
    whole = agent("print", "--design", "cassette", "--count", "20", "-o", str(tmp_path / "p-whole.zpl"), config=config)
    assert whole.returncode == 0, whole.stderr
    takes = time.monotonic() - started
    for kill in range(kills):
        file = tmp_path / f"p-{kill}.zpl"
        arguments = ["print", "--design", "cassette", "--count", "20", "-o", str(file), "--config", str(config)]
        process = subprocess.Popen([*AGENT, *arguments], stderr=subprocess.DEVNULL)
        time.sleep(lots.uniform(0.4, 1.05) * takes)
        process.send_signal(signal.SIGKILL)
        process.wait()
    on_paper = [number for file in tmp_path.glob("p-*.zpl") for number in printed(file)]
    assert len(on_paper) == len(set(on_paper)) >= 20
    journal_path = journal_of(tmp_path / "agent.db")
    with Journal(journal_path) as journal:
        jobs = journal.jobs()
        known = {sheet.number: sheet.state for job in jobs for sheet in journal.sheets(job.id)}
    assert set(on_paper) <= set(known)
    assert set(known.values()) <= {"reserved", "printed"}
    assert unused_on_paper(journal_path) == len(known)
    with Pool.open(tmp_path / "agent.db") as pool:
        assert not set(pool.take_many(min(pool.free(), 1000))) & set(known)
