"""The one file with the names: an operator's own is followed everywhere, and a wrong one is refused at start."""

import tomllib
from pathlib import Path

import pytest
from desk import Desk

from messages import Message, password_card
from npn.config import Settings
from npn.errors import ConfigurationError
from npn.soap.mapping import OWN, read_mapping
from npn.soap.wsdl import schema, wsdl
from npn.wiring.assembly import build
from prepared import initialised

OFFICIAL = """
namespace = "http://official.example/npn/2005"
qualified = false
service = "NPNService"
[draw]
operation = "HentSerie"
action = "http://official.example/HentSerie"
request = "HentSerie"
response = "HentSerieSvar"
[draw.in]
count = "Antal"
[draw.out]
last = "Til"
first = "Fra"
[release]
operation = "Frigiv"
action = "http://official.example/Frigiv"
request = "Frigiv"
response = "FrigivSvar"
[release.in]
first = "Fra"
last = "Til"
[release.out]
state = "Tilstand"
[look_up]
operation = "Opslag"
action = ""
request = "Opslag"
response = "OpslagSvar"
[look_up.in]
number = "Nummer"
[look_up.out]
state = "Tilstand"
[faults]
illegal_http_method = "illegal_HTTP_method"
"""


def test_an_operators_own_names_are_followed_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "official.toml"
    file.write_text(OFFICIAL)
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "w"), soap_mapping=str(file)
    )
    initialised(settings)
    service = build(settings)
    try:
        mapping = read_mapping(str(file))
        desk = Desk.of(service, mapping)
        body = '<o:HentSerie xmlns:o="http://official.example/npn/2005"><Antal>7</Antal></o:HentSerie>'
        credentials = password_card("labka", desk.keys["labka"].secret)
        answer = desk.send(Message(body, credentials=credentials), action="http://official.example/HentSerie")
        content = answer.root[1][0]
        assert content.tag == "{http://official.example/npn/2005}HentSerieSvar"
        assert [child.tag for child in content] == ["Til", "Fra"]
        assert int(content[0].text or 0) - int(content[1].text or 0) == 6
        text = wsdl(mapping, "http://x/") + (schema("body", mapping, "http://x/") or "")
        assert "HentSerie" in text
        assert "GetAnalysis" not in text
        assert 'elementFormDefault="unqualified"' in text
    finally:
        service.close()


def test_our_own_names_are_those_of_the_contract() -> None:
    own = read_mapping("")
    assert own.namespace == "urn:npn:analysisidentifier:1"
    assert [o.operation for o in own.operations.values()] == [
        "GetAnalysisIdentifiers",
        "SetAnalysisIdentifiersFree",
        "GetAnalysisIdentifierInformation",
    ]
    assert list(own.draw.answered.values()) == [
        "SeriesIdentifier",
        "FirstIdentifier",
        "LastIdentifier",
        "NumberOfIdentifiers",
        "DrawnDateTime",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("namespace =", "name_space ="), "name_space"),
        (('namespace = "urn:npn:analysisidentifier:1"', 'namespace = ""'), "namespace"),
        (('count = "NumberOfIdentifiers"\npurpose', "purpose"), "count"),
        (('state = "State"', 'stat = "State"'), "stat"),
        (('"Purpose"', '"Number of"'), "Number of"),
        (('"Purpose"', '"NumberOfIdentifiers"'), "twice"),
        (('"SetAnalysisIdentifiersFreeRequest"', '"GetAnalysisIdentifiersRequest"'), "same request"),
        (("[draw]", "[draw"), "mapping.toml"),
    ],
)
def test_a_wrong_mapping_is_refused_at_start_naming_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    text = OWN.read_text("utf-8")
    assert change[0] in text
    file = tmp_path / "mapping.toml"
    file.write_text(text.replace(*change), "utf-8")
    with pytest.raises(ConfigurationError, match=said) as refused:
        read_mapping(str(file))
    assert refused.value.field == "soap_mapping"


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't read"):
        read_mapping(str(tmp_path / "absent.toml"))


def test_our_own_mapping_explains_itself() -> None:
    text = OWN.read_text("utf-8")
    assert text.startswith("# The names inside the body")
    assert tomllib.loads(text)
