"""What the writer writes, the reader reads without a warning: for every version with an EDIFACT form."""

import pytest

from npn.messages import Severity, Syntax, convert, read, versions
from npn.messages.examples import example
from npn.messages.mapping.program import program

VERSIONS = [name for name in versions.names() if program(versions.version(name)) is not None]


def written(name: str) -> bytes:
    """The example of a version in EDIFACT."""
    data = convert(example(name), Syntax.EDIFACT, force=True).data
    assert data
    return data


def remarks(data: bytes) -> list[str]:
    """What reading says of it, other than that a place is assumed."""
    findings = read(data).findings
    return [f"{each.rule} {each.en}" for each in findings if each.severity is not Severity.INFO]


@pytest.mark.parametrize("name", VERSIONS)
def test_the_example_with_every_field_is_read_without_a_warning(name: str) -> None:
    assert remarks(written(name)) == []


@pytest.mark.parametrize("name", ["XQ0330P", "XQ0331P"])
@pytest.mark.parametrize("treatment", ["fikseret", "frysesnit"])
def test_what_was_done_to_the_material_is_read_without_a_warning(name: str, treatment: str) -> None:
    data = written(name)
    texts = {"fikseret": b"SPC+PRM+T998:PA3:SST:Fikseret", "frysesnit": b"SPC+PRM+T100:PA3:SST:Frysesnit"}
    with_it = data if texts[treatment] in data else data.replace(b"SPC+PRM+T998:PA3:SST:Fikseret", texts[treatment])
    assert texts[treatment] in with_it
    assert remarks(with_it) == []
