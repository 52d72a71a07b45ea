"""The table of detected errors is exact: on short numbers it equals trying them all; the page is current."""

import importlib.util
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from stdnum import damm, luhn, verhoeff
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_37_2, mod_97_10

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "detection.py"
PEERS = {
    "Luhn": luhn,
    "Damm": damm,
    "Verhoeff": verhoeff,
    "ISO 7064 MOD 11,10": mod_11_10,
    "ISO 7064 MOD 11-2": mod_11_2,
    "ISO 7064 MOD 37-2": mod_37_2,
    "ISO 7064 MOD 97-10": mod_97_10,
}
LENGTH = 4


@pytest.fixture(scope="module")
def detection() -> ModuleType:
    spec = importlib.util.spec_from_file_location("detection", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["detection"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def errors(number: str) -> Iterator[tuple[str, str]]:
    """Every error of every kind in the table."""
    for i, a in enumerate(number):
        for b in set("0123456789") - {a}:
            yield "one digit", number[:i] + b + number[i + 1 :]
            for distance, kind in ((1, "twin"), (2, "jump twin")):
                if number[i + distance : i + distance + 1] == a:
                    between = number[i + 1 : i + distance]
                    yield kind, number[:i] + b + between + b + number[i + distance + 1 :]
        for j in range(i + 1, len(number)):
            if number[j] != a:
                swapped = number[:i] + number[j] + number[i + 1 : j] + a + number[j + 1 :]
                yield "any swap", swapped
                if j - i < 3:
                    yield ("neighbours", "jump swap")[j - i - 1], swapped


@pytest.mark.parametrize("name", PEERS)
def test_the_shares_equal_trying_every_error_on_every_short_number(detection: ModuleType, name: str) -> None:
    valid = PEERS[name].is_valid
    missed: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    for number in (f"{value:0{LENGTH}d}" for value in range(10**LENGTH)):
        if valid(number):
            for kind, wrong in errors(number):
                possible[kind] += 1
                missed[kind] += valid(wrong)
    (check,) = (check for check in detection.checks(LENGTH) if check.name == name)
    computed = detection.shares(check)
    assert {kind: (share.missed, share.possible) for kind, share in computed.items()} == {
        kind: (missed[kind], possible[kind]) for kind in computed
    }


def test_the_table_in_the_page_is_the_computed_one() -> None:
    done = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
