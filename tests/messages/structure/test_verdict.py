"""Our structure verdict against lxml's XML Schema with MedCom's own schemas, on generated and broken documents."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.messages.generator import ALL_VERSIONS, WILD, Generator, all_names, mutate
from tests.messages.schemas import NEEDS_SHARED, schema_accepts

from npn.messages import Element, Finding, Interchange, Severity, read, validate, versions
from npn.messages.oioxml.writing import document, write

pytestmark = NEEDS_SHARED


def structure_errors(data: bytes) -> list[Finding]:
    """What the layers of reading and structure say is wrong."""
    layers = ("structure", "version", "xml")
    return [f for f in validate(read(data)) if f.severity is Severity.ERROR and f.rule.split(".")[0] in layers]


def whole(interchange: Interchange) -> Element:
    """The `Emessage` as one tree."""
    return Element("Emessage", "", (interchange.envelope, *(letter.root for letter in interchange.letters)))


def agree(name: str, seed: int) -> Counter[bool]:
    """Hold both verdicts against each other on one generated document and three broken ones."""
    version, lots = versions.version(name), Random(seed)
    made = Generator(version, lots, alphabet=WILD).document(lots.choice((1, 1, 2)))
    data = write(made)
    assert schema_accepts(data, version.namespace), "the generator made a document the schema refuses"
    assert structure_errors(data) == []
    verdicts: Counter[bool] = Counter()
    for _ in range(3):
        broken = mutate(whole(made), lots, all_names(version))
        data = document(broken, version.namespace)
        verdict, ours = schema_accepts(data, version.namespace), structure_errors(data)
        assert verdict == (not ours), (seed, ours[:3])
        verdicts[verdict] += 1
    return verdicts


@pytest.mark.parametrize("name", ALL_VERSIONS)
def test_the_verdict_is_the_schemas_on_valid_and_broken_documents(name: str) -> None:
    verdicts = sum((agree(name, seed) for seed in range(40)), Counter[bool]())
    assert verdicts[True] >= 8
    assert verdicts[False] >= 40


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL_VERSIONS)
def test_the_verdict_is_the_schemas_on_thousands(name: str) -> None:
    for seed in range(1_000, 4_000):
        agree(name, seed)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(ALL_VERSIONS))
def test_the_verdict_is_the_schemas_on_what_hypothesis_finds(lots: Random, name: str) -> None:
    version = versions.version(name)
    made = Generator(version, lots).document()
    broken = document(mutate(whole(made), lots, all_names(version)), version.namespace)
    assert schema_accepts(broken, version.namespace) == (not structure_errors(broken))


@pytest.mark.parametrize("name", ALL_VERSIONS)
def test_every_structure_finding_has_an_exact_place_and_both_languages(name: str) -> None:
    version, lots = versions.version(name), Random(7)
    for _ in range(20):
        made = Generator(version, lots).document()
        data = document(mutate(whole(made), lots, all_names(version)), version.namespace)
        for finding in structure_errors(data):
            assert finding.en
            assert finding.da
            assert finding.en != finding.da
            assert finding.citation
            assert finding.place.path.startswith("/Emessage")
            line = data.decode("latin-1").splitlines()[(finding.place.line or 0) - 1]
            last = finding.place.path.rpartition("/")[2].partition("[")[0].rpartition("}")[2]
            assert (
                line[(finding.place.column or 0) - 1 :].partition(">")[0].split(" ")[0].rpartition(":")[2].strip("</")
                == last
            )
