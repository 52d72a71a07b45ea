"""The developers' page keeps up with the code."""

import re
from pathlib import Path
from string import Formatter

from npn.messages import versions
from npn.messages.mapping.program import program
from npn.messages.rules.catalogue import CATALOGUE, FLOORS, RULES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "message-rules.md").read_text("utf-8")
RULE = re.compile(r'"((?:structure|mapping|version|xml|file|loss|edifact)\.[a-z0-9-]+)"')


def test_every_rule_of_reading_structure_and_conversion_is_in_the_catalogue_and_documented() -> None:
    named = {
        rule for path in (ROOT / "src/npn/messages").rglob("*.py") for rule in RULE.findall(path.read_text("utf-8"))
    }
    assert len(named) > 90
    assert named - CATALOGUE.keys() == set()
    assert {rule for rule in CATALOGUE if f"`{rule}`" not in PAGE} == set()


def test_every_rule_is_declared_once_and_speaks_both_languages() -> None:
    declared = [rule.id for rules in (*FLOORS.values(), RULES) for rule in rules]
    assert len(declared) == len(set(declared)) == len(CATALOGUE)
    for rule in CATALOGUE.values():
        assert all(rule.finds), rule.id
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in rule.finds]
        assert {name.removesuffix("_en") for name in fields[0]} == {name.removesuffix("_da") for name in fields[1]}


def test_every_version_of_the_inventory_is_described_and_compiles() -> None:
    wanted = "XQ0130K XQ0131K XQ0230M XQ0330P XQ0331P XQ0430M XR0130K XR0131K XR0130F XR0230M XR0231M XR0330P XR0331P"
    wanted += " XR0430P XR0431P XR0432P XR0530M XR0531M XR0532M XR0630M XR0730G XC0130Q XC0230Q XC0330Q"
    assert {versions.version(name).code for name in versions.names()} == set(wanted.split())
    for name in versions.names():
        version = versions.version(name)
        for as_peer in (False, True):
            assert (program(version, as_peer=as_peer) is None) == (version.edifact is None)
