"""Documents made of the schema files alone: the verdict, the way through EDIFACT, and the pages."""

from functools import cache
from random import Random

import pytest
from lxml import etree
from tests.messages.generator import ALL_VERSIONS
from tests.messages.schema_walker import Schemas, Walker
from tests.messages.schemas import MEDCOM, NEEDS_SHARED, schema, schema_accepts

from npn.messages import Severity, Syntax, convert, read, validate, versions, view
from npn.messages.mapping.losses import plain
from npn.messages.versions.notation import Version

pytestmark = NEEDS_SHARED
ENCODINGS = ("UTF-8", "ISO-8859-1", "windows-1252", "us-ascii")


@cache
def schemas_of(namespace: str) -> Schemas:
    return Schemas(MEDCOM / "schemas" / "/".join(namespace.strip("/").split("/")[-3:]))


def made(version: Version, lots: Random) -> bytes:
    """A document of the version in one of the ways in which programs write it."""
    document = Walker(schemas_of(version.namespace), lots).document(version.letter)
    if lots.random() < 0.3:  # with a prefix
        prefixed = etree.Element(document.tag, nsmap={"m": version.namespace})
        prefixed.extend(list(document))
        document = prefixed
    return etree.tostring(document, encoding=lots.choice(ENCODINGS), xml_declaration=True)


def hold(name: str, seed: int) -> bool:
    """Hold one document against the schema; a sound one there and back. Give whether it was sound."""
    version = versions.version(name)
    data = made(version, Random(f"{name} {seed}"))
    sound, interchange = schema_accepts(data, version.namespace), read(data)
    errors = [each for each in validate(interchange, rules=()) if each.severity is Severity.ERROR]
    ours = [each for each in errors if each.rule.partition(".")[0] in ("structure", "version", "xml")]
    assert sound == (not ours), (seed, ours[:3], schema(version.namespace).error_log.last_error)
    if sound and version.edifact is not None:
        there = convert(interchange, Syntax.EDIFACT, force=True)
        again = read(there.data or b"")
        same = plain(interchange.letters[0].root) == plain(again.letters[0].root)
        assert same or there.losses or there.errors, seed
    for audience in ("clinician", "citizen"):
        assert "</html>" in view(interchange, audience, "da")  # type: ignore[arg-type]  # a loop gives plain strings
    return sound


@pytest.mark.parametrize("name", ALL_VERSIONS)
def test_documents_of_the_schema_alone_get_its_verdict(name: str) -> None:
    assert sum(hold(name, seed) for seed in range(8)) >= 4  # the others break a key of the schema


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL_VERSIONS)
def test_thousands_of_documents_of_the_schema_alone_get_its_verdict(name: str) -> None:
    assert sum(hold(name, seed) for seed in range(1_000, 3_000)) >= 800
