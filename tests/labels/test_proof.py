"""The proof of a design: what is measured on its page, and what is left of it after damages."""

import doctest

import pytest

from npn.labels import content, layout, proof
from npn.labels.designs import find_design
from npn.labels.model import Dpi
from npn.labels.proof import DAMAGES, UNDAMAGED, prove_design, sample_numbers
from npn.labels.sheet import proof_sheet
from npn.numbers.scheme import NPN10, NPN14


@pytest.mark.parametrize("module", [proof, layout, content])
def test_the_examples_are_right(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_bars_and_quiet_zones_are_measured_in_millimetres(dpi: Dpi) -> None:
    proved = prove_design(find_design("tube-50x25"), NPN10, dpi=dpi, count=2)
    linear, matrix = proved.measures
    assert proved.is_sound
    assert [linear.deviation, matrix.deviation] == [0, 0]
    assert linear.module == pytest.approx(linear.module_dots * 25.4 / dpi, abs=0.0001)
    assert linear.width == pytest.approx(90 * linear.module, abs=0.02)
    assert min(linear.quiet_left, linear.quiet_right) >= 10 * linear.module
    assert matrix.width == pytest.approx(matrix.height, abs=0.02)


def test_damages_are_counted_for_each_symbol() -> None:
    proved = prove_design(find_design("tube-50x25"), NPN14, dpi=300, count=6)
    rows = {(result.symbol, result.damage): result for result in proved.results}
    assert len(rows) == 2 * len(DAMAGES)
    assert all(row.read + row.unread + row.wrong == 6 for row in rows.values())
    assert all(row.undetected == 0 for row in rows.values())
    assert rows["code128", UNDAMAGED].read == rows["datamatrix", UNDAMAGED].read == 6
    assert rows["code128", "quiet zone cut"].read == 0
    assert rows["datamatrix", "quiet zone cut"].read == 6
    assert rows["code128", "blur 0.6 module"].unread == 6


def test_the_samples_are_usable_and_begin_with_99_and_00_too() -> None:
    for scheme in (NPN10, NPN14):
        samples = sample_numbers(scheme, 50)
        assert len(set(samples)) == 50
        assert all(scheme.is_usable(int(number)) for number in samples)
        assert [number[:2] for number in samples[:2]] == ["99", "00"]


@pytest.mark.parametrize("design", ["tube-50x25", "requisition-8"])
def test_the_sheet_to_measure_by_hand_is_a_pdf(design: str) -> None:
    proved = prove_design(find_design(design), NPN10, dpi=300, count=2)
    assert proof_sheet(find_design(design), proved, "da").startswith(b"%PDF")
