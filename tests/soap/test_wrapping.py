"""Signature wrapping: each classic way of moving what was signed and putting something else in its place.

After Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (2012): XSW1 to XSW8, and those that follow from
DGWS's own shape. In each the signature itself still holds; what is refused is the reading of anything else.
"""

import copy
from collections.abc import Callable

import pytest
from desk import Desk
from lxml import etree

from messages import KEY_NAME, Card, Message, signed
from npn.soap.names import DS, SAML, SOAP_1_1, WSSE

Root = etree._Element
ASSERTION, SIGNATURE = f"{{{SAML}}}Assertion", f"{{{DS}}}Signature"
HEADER, BODY = f"{{{SOAP_1_1.namespace}}}Header", f"{{{SOAP_1_1.namespace}}}Body"


def parts(root: Root) -> tuple[Root, Root, Root]:
    """Return the Security header, the signed assertion and its signature."""
    security = root.find(f".//{{{WSSE}}}Security")
    assertion = root.find(f".//{ASSERTION}")
    assert security is not None
    assert assertion is not None
    signature = assertion.find(SIGNATURE)
    assert signature is not None
    return security, assertion, signature


def evil(assertion: Root, *, same_id: bool) -> Root:
    """A copy that claims level 4, without the signature."""
    made = copy.deepcopy(assertion)
    for signature in made.findall(SIGNATURE):
        made.remove(signature)
    for value in made.iter(f"{{{SAML}}}AttributeValue"):
        if value.text == "3":
            value.text = "4"
    if not same_id:
        made.set("id", "Evil")
        for statement in made.iter(f"{{{SAML}}}AttributeStatement"):
            statement.attrib.pop("id", None)
            statement.set("id", "UserLog")
    return made


def wrapper(name: str = "Wrapper") -> Root:
    return etree.Element(f"{{urn:wrapper}}{name}")


def xsw1(root: Root, *, same_id: bool) -> None:
    """The evil card carries the signature; the signed one lies inside the signature."""
    security, good, signature = parts(root)
    bad = evil(good, same_id=same_id)
    good.remove(signature)
    security.replace(good, bad)
    bad.append(signature)
    signature.append(good)


def xsw2(root: Root, *, same_id: bool) -> None:
    """The signature stands beside, detached; the signed card before the evil one."""
    security, good, signature = parts(root)
    bad = evil(good, same_id=same_id)
    good.remove(signature)
    security.insert(security.index(good), bad)
    security.append(signature)


def xsw3(root: Root, *, same_id: bool) -> None:
    """The evil card stands before the signed one."""
    security, good, _ = parts(root)
    security.insert(security.index(good), evil(good, same_id=same_id))


def xsw4(root: Root, *, same_id: bool) -> None:
    """The signed card is a child of the evil one."""
    security, good, _ = parts(root)
    bad = evil(good, same_id=same_id)
    security.replace(good, bad)
    bad.append(good)


def xsw5(root: Root, *, same_id: bool) -> None:
    """The evil card has the signature, the signed one stands at the end."""
    security, good, signature = parts(root)
    bad = evil(good, same_id=same_id)
    good.remove(signature)
    security.replace(good, bad)
    bad.append(signature)
    security.append(good)


def xsw6(root: Root, *, same_id: bool) -> None:
    """As the first, the signed card deeper inside the signature."""
    security, good, signature = parts(root)
    bad = evil(good, same_id=same_id)
    good.remove(signature)
    security.replace(good, bad)
    bad.append(signature)
    inside = etree.SubElement(signature, f"{{{DS}}}KeyInfo")
    inside.append(good)


def xsw7(root: Root, *, same_id: bool) -> None:
    """An extension beside the signed card holds the evil one."""
    security, good, _ = parts(root)
    extension = wrapper("Extensions")
    extension.append(evil(good, same_id=same_id))
    security.insert(0, extension)


def xsw8(root: Root, *, same_id: bool) -> None:
    """The signature's Object holds the signed card."""
    security, good, signature = parts(root)
    bad = evil(good, same_id=same_id)
    good.remove(signature)
    security.replace(good, bad)
    bad.append(signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(good)


def moved_to_body(root: Root, *, same_id: bool) -> None:
    """The signed card is moved into the Body."""
    security, good, _ = parts(root)
    security.replace(good, evil(good, same_id=same_id))
    body = root.find(BODY)
    assert body is not None
    body[0].append(good)


def moved_to_another_header(root: Root, *, same_id: bool) -> None:
    """The signed card is moved under another header block; the evil one has the signature."""
    security, good, signature = parts(root)
    bad = evil(good, same_id=same_id)
    good.remove(signature)
    security.replace(good, bad)
    bad.append(signature)
    header = root.find(HEADER)
    assert header is not None
    block = wrapper()
    block.append(good)
    header.append(block)


def second_security(root: Root, *, same_id: bool) -> None:
    """A second Security header brings the evil card."""
    security, good, _ = parts(root)
    other = copy.deepcopy(security)
    for card in other.findall(ASSERTION):
        other.replace(card, evil(good, same_id=same_id))
    header = root.find(HEADER)
    assert header is not None
    header.insert(0, other)


def second_signature(root: Root, *, same_id: bool) -> None:
    """The evil card has two signatures, the first of them empty."""
    security, good, signature = parts(root)
    bad = evil(good, same_id=same_id)
    security.replace(good, bad)
    bad.append(etree.Element(SIGNATURE))
    bad.append(signature)


def evil_attribute(root: Root, *, same_id: bool) -> None:  # one shape for all
    """The signature covers one statement only, not the card."""
    _, good, signature = parts(root)
    reference = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    assert reference is not None
    reference.set("URI", "#IDCardData")
    assert good is not None


def whole_document(root: Root, *, same_id: bool) -> None:  # one shape for all
    """The reference is to the whole document."""
    _, _, signature = parts(root)
    reference = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    assert reference is not None
    reference.set("URI", "")


def xpath_transform(root: Root, *, same_id: bool) -> None:  # one shape for all
    """A transform leaves out what was changed."""
    _, _, signature = parts(root)
    transform = signature.find(f".//{{{DS}}}Transform")
    assert transform is not None
    transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def key_value(root: Root, *, same_id: bool) -> None:  # one shape for all
    """The key comes with the signature instead of a certificate."""
    _, _, signature = parts(root)
    info = signature.find(f"{{{DS}}}KeyInfo")
    assert info is not None
    info.clear()
    etree.SubElement(info, f"{{{DS}}}KeyValue")


ATTACKS: list[Callable[..., None]] = [
    xsw1,
    xsw2,
    xsw3,
    xsw4,
    xsw5,
    xsw6,
    xsw7,
    xsw8,
    moved_to_body,
    moved_to_another_header,
    second_security,
    second_signature,
    evil_attribute,
    whole_document,
    xpath_transform,
    key_value,
]
REFUSED = {"invalid_signature", "invalid_idcard", "syntax_error", "signature_not_supported", "invalid_certificate"}


@pytest.mark.parametrize("same_id", [True, False], ids=["same id", "other id"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.__name__)
def test_what_was_not_signed_is_never_read(desk: Desk, attack: Callable[..., None], same_id: bool) -> None:  # noqa: FBT001  # a parameter
    before = desk.service.registry.drawn("labka", days=1)
    root = etree.fromstring(signed(Message(), desk.pairs["labka"], Card(KEY_NAME, level=3)))
    attack(root, same_id=same_id)
    refused = desk.send(etree.tostring(root))
    assert refused.code in REFUSED, refused.body
    assert desk.service.registry.drawn("labka", days=1) == before


def test_the_message_as_it_was_signed_is_accepted(desk: Desk) -> None:
    root = etree.fromstring(signed(Message(), desk.pairs["labka"], Card(KEY_NAME, level=3)))
    assert desk.send(etree.tostring(root)).status == 200


def test_a_comment_inside_a_signed_value_is_not_a_way_to_another_name(desk: Desk) -> None:
    """Exclusive canonical form drops comments, so the signature still holds; the value must not be cut there."""
    body = signed(Message(), desk.pairs["labka"]).replace(b"<saml:Issuer>Labka", b"<saml:Issuer>Lab<!-- x -->ka")
    assert desk.send(body).status == 200  # read from the verified bytes, where there is no comment
