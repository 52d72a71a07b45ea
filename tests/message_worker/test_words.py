"""The texts of a message's page: in both languages, with the same values, none missing and none left over."""

import re
from pathlib import Path
from string import Formatter

import npn.message_worker
from npn.message_worker.words import data
from npn.messages.comparison import Relation

ROOM = Path(npn.message_worker.__file__).parent
SOURCES = "".join(path.read_text("utf-8") for path in (*ROOM.glob("*.py"), *(ROOM / "templates").glob("*.j2")))
MADE_UP = {  # put together from a severity, a part or a column
    *(f"{kind}" for kind in ("error", "warning", "info", "line", "column", "segment", "clinician", "citizen", "other")),
    *(f"one_{severity}" for severity in ("error", "warning", "info")),
    *(f"column_{name}" for name in ("severity", "rule", "line", "column", "segment", "path", "text")),
    *(f"as_{syntax}" for syntax in ("xml", "edifact")),
    *(f"view_of_{audience}" for audience in ("clinician", "citizen")),
    *(f"is_{relation}" for relation in Relation),
    *("rule_passes", "rule_fails", "yes", "no", "numbers"),
}


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_text_says_the_same_values_in_both_languages() -> None:
    for key, (english, danish) in data().items():
        assert values(english) == values(danish), key
        assert english.strip()
        assert danish.strip()


def test_no_text_is_missing_and_none_is_left_over() -> None:
    used = set(re.findall(r"say\([\"'](\w+)[\"']", SOURCES)) - {"as_", "one_", "column_", "is_"}
    assert used - set(data()) == set()
    assert set(data()) - used - MADE_UP == set()
