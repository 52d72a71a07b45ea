"""Places of findings: exact, whether a few are looked for one by one or the whole document is indexed."""

import pytest

from npn.messages import Interchange, read
from npn.messages.findings.places import MAX_LOOKUPS, Places
from npn.messages.model.finding import Place

NAMESPACE = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"
LETTER = """<?xml version="1.0" encoding="{encoding}"?>
<Emessage xmlns="{namespace}"><!-- <Sent> is æ --><Envelope><Sent><Date>2024-03-04</Date></Sent></Envelope>
  <LaboratoryReport><Patient><PersonSurnameName>Ærø</PersonSurnameName><A/><A>ø<?x <A> ?></A></Patient>
    <Text><![CDATA[<A> ]]><Break/>æ</Text><Text
      /></LaboratoryReport><LaboratoryReport><A></A></LaboratoryReport></Emessage>
"""


def document(encoding: str, breaks: str) -> Interchange:
    text = LETTER.format(encoding=encoding, namespace=NAMESPACE).replace("\n", breaks)
    return read(text.encode(encoding))


def indexed(interchange: Interchange) -> list[Place]:
    assert interchange.root is not None
    places = Places(interchange)
    places._fill()
    return [places.of(element) for element in interchange.root.walk()]


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_a_place_looked_for_alone_is_the_one_of_the_index(encoding: str, breaks: str) -> None:
    interchange = document(encoding, breaks)
    assert interchange.root is not None
    alone = [Places(interchange).of(element) for element in interchange.root.walk()]
    assert len(alone) == 14
    assert alone == indexed(interchange)
    assert alone[8] == Place(3, 76, None, "/Emessage/LaboratoryReport[1]/Patient/A[2]")


def test_many_places_of_one_document_are_the_same_as_a_few() -> None:
    interchange = document("utf-8", "\n")
    assert interchange.root is not None
    places = Places(interchange)
    elements = list(interchange.root.walk())
    assert len(elements) > MAX_LOOKUPS
    assert [places.of(element) for element in elements] == indexed(interchange)
    assert [places.of(element) for element in elements] == indexed(interchange)


def test_an_element_that_is_not_of_the_document_has_no_path() -> None:
    interchange, other = document("utf-8", "\n"), document("utf-8", "\n")
    assert other.root is not None
    assert {Places(interchange).of(element).path for element in other.root.walk()} == {""}
