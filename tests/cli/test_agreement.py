"""`npn admin agreement` as an operator uses it."""

from pathlib import Path

from command import npn, one_line_error
from npn.config import Settings


def test_an_operator_publishes_sets_a_date_and_records_an_acceptance(tmp_path: Path) -> None:
    on = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    assert npn("admin", "init", on=on).status == 0
    npn("admin", "system", "add", "Lab", "--vendor", "V", "--owner", "O", "--environment", "production", on=on)
    danish = tmp_path / "da.md"
    danish.write_text(npn("admin", "agreement", "template", "da").out, "utf-8")
    made = npn("admin", "agreement", "publish", "1.0", "--danish", danish, "--json", on=on).json
    assert npn("admin", "agreement", "list", "--json", on=on).json["digest_da"] == made["digest_da"]

    policy = ("admin", "agreement", "set-policy", "1.0", "--refuse", made["effective_from"], "--json")
    assert npn(*policy, on=on).json["refused_today"] == ["lab"]
    assert npn("admin", "agreement", "status", "lab", "--json", on=on).json["stage"] == "refuse"
    npn("admin", "agreement", "accept", "lab", "--by", "Anna", "--as", "manager", "--evidence", "a letter", on=on)
    assert npn("admin", "agreement", "status", "lab", "--json", on=on).json["accepted"] == "1.0"

    again = npn("admin", "agreement", "publish", "1.1", on=on)
    assert (again.status, "notice_too_short" in one_line_error(again)) == (3, True)
    absent = npn("admin", "agreement", "publish", "1.1", "--danish", tmp_path / "absent", on=on)
    assert (absent.status, "can't read" in one_line_error(absent)) == (2, True)
