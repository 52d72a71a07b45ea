"""`npn simulate` and `npn agent reset` as a person at a terminal meets them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from agent_process import agent, settings
from npn.agent.mock import MockService

NPN = [sys.executable, "-c", "from npn.cli import main; main()"]


def npn(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*NPN, *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_a_policy_that_works_shows_a_table_and_a_chart() -> None:
    done = npn("simulate", "--rate", "100", "--days", "365", "--pattern", "winter")
    assert (done.returncode, done.stderr) == (0, "")
    assert "never ran out" in done.stdout
    assert "█" in done.stdout


def test_the_known_trap_is_shown_with_the_reason_why_the_agent_refuses_it(tmp_path: Path) -> None:
    picture = tmp_path / "trap.svg"
    done = npn(
        *("simulate", "--rate", "100", "--days", "365", "--start", "2000", "--trigger", "crossing"),
        *("--max-draw", "5000", "--svg", str(picture)),
    )
    assert done.returncode == 1
    assert "150 x 100.0 used a day = 15000 (stock.max_draw)" in done.stderr
    assert "ran out on day 70" in done.stdout
    assert picture.read_text().startswith("<svg")


def test_the_table_sums_up_to_the_totals_and_the_chart_explains_its_marks(tmp_path: Path) -> None:
    picture = tmp_path / "away.svg"
    done = npn(
        "simulate", "--rate", "100", "--days", "300", "--away", "20:200", "--start", "9000", "--svg", str(picture)
    )
    heading, *lines = done.stdout.split("\n\n")[0].splitlines()
    assert heading.split()[:4] == ["TO", "DAY", "USED", "DRAWN"]
    used, drawn, missing = (sum(int(line.split()[n]) for line in lines) for n in (1, 2, 3))
    assert f"{missing} numbers missing" in done.stdout
    assert f"{drawn} drawn, {used} used" in done.stdout
    assert missing > 0
    assert "~ the service away" in done.stdout
    assert "! numbers missing" in done.stdout
    svg = picture.read_text("utf-8")
    assert svg.count('fill="#dddddd"') == 2  # one band for all days, and the legend
    for part in ("<title>", "<desc>", "reorder point", "stroke-dasharray", 'role="img"'):
        assert part in svg
    plain = npn("simulate", "--rate", "100", "--days", "60")
    assert "~" not in plain.stdout


def test_a_policy_that_would_take_too_much_of_the_space_is_warned_of() -> None:
    done = npn("simulate", "--rate", "40000", "--days", "200", "--pattern", "outbreak", "--max-draw", "50000000")
    assert "Warning: the draws take" in done.stderr
    assert "% of a space of 8,000,000,000" in done.stderr
    assert "lasts" in done.stderr
    assert npn("simulate", "--rate", "100", "--days", "300").stderr == ""


def test_it_is_one_document_for_programs() -> None:
    done = npn("simulate", "--rate", "10", "--days", "30", "--away", "0:30", "--start", "100", "--json")
    document = json.loads(done.stdout)
    assert document["summary"]["missing"] == 200
    assert len(document["days"]) == 30
    assert document["refused"] is None


def test_wrong_usage_names_what_is_wrong() -> None:
    for arguments in (["--rate", "0", "--days", "1"], ["--rate", "1"], ["--rate", "1", "--days", "9", "--away", "x"]):
        done = npn("simulate", *arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_a_restored_pool_is_refused_and_set_right_by_a_reset(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        agent("refill", config=config)
        shutil.copy(tmp_path / "agent.db", tmp_path / "backup.db")
        handed = set(agent("take", "30", config=config).stdout.split())
        shutil.copy(tmp_path / "backup.db", tmp_path / "agent.db")
        refused = agent("run", config=config)
        assert refused.returncode == 3
        assert "older than what has been used" in refused.stderr
        assert "npn agent reset" in refused.stderr
        assert agent("status", "--check", config=config).returncode == 2
        asked = subprocess.run(
            [*NPN, "agent", "reset", "--config", str(config)], input="n\n", capture_output=True, text=True, check=False
        )
        assert asked.returncode != 0
        assert "1000 usable numbers in this pool are withheld for good" in asked.stdout
        assert agent("reset", "--yes", "--json", config=config).returncode == 0
        agent("refill", config=config)
        assert not handed & set(agent("take", "100", config=config).stdout.split())
