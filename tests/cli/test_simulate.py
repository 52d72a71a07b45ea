"""`npn simulate` and `npn agent reset` as a person at a terminal meets them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from lxml import etree

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


def test_the_lines_of_the_table_sum_up_to_the_run() -> None:
    for every in ("30", "7", "400"):
        done = npn("simulate", "--rate", "120", "--days", "365", "--pattern", "outbreak", "--every", every)
        heading, *lines = done.stdout.partition("\n\n")[0].splitlines()
        assert heading.split() == ["DAYS", "USED", "DRAWN", "MISSING", "LOWEST", "STOCK", "COVER", "DAYS"]
        cells = [line.replace(",", "").split() for line in lines]
        used, drawn = (sum(int(line[at]) for line in cells) for at in (3, 4))
        assert f"{drawn:,} drawn, {used:,} used" in done.stdout
        assert [line[0] for line in cells] == [str(day) for day in range(0, 365, int(every))]


def test_signs_under_the_chart_are_explained_where_there_are_any() -> None:
    quiet = npn("simulate", "--rate", "100", "--days", "100")
    assert "~" not in quiet.stdout
    trouble = npn("simulate", "--rate", "100", "--days", "100", "--away", "0:100", "--start", "10")
    assert "! numbers missing   ~ service out of reach" in trouble.stdout


def test_a_policy_that_would_draw_a_share_of_the_country_s_numbers_is_warned_of() -> None:
    modest = npn("simulate", "--rate", "120", "--days", "365")
    assert modest.stderr == ""
    wide = ("simulate", "--rate", "100000", "--days", "365", "--pattern", "outbreak")
    done = npn(*wide)
    assert (done.returncode, "of the production space (more than 1 %)" in done.stderr) == (0, True)
    document = json.loads(npn(*wide, "--json").stdout)
    assert document["summary"]["space_share"] > 0.01
    assert len(document["warnings"]) == 1
    assert "production space" not in npn(*wide, "--share", "100").stderr


def test_the_picture_has_a_title_a_description_a_legend_and_whole_bands(tmp_path: Path) -> None:
    picture = tmp_path / "stock.svg"
    npn("simulate", "--rate", "1000", "--days", "300", "--away", "50:250", "--start", "100000", "--svg", str(picture))
    drawn = etree.fromstring(picture.read_bytes())
    words = [element.text for element in drawn.iter() if element.text]
    assert {"stock", "reorder point", "service out of reach", "numbers missing", "day 300"} <= set(words)
    assert any(text.startswith("Stock of usable numbers over 300 days") for text in words)
    bands = [each for each in drawn.iter() if each.get("height") == "220"]
    assert len(bands) == 2  # one for the time away, one for what was missing: no seams between days


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
