"""A fuzzer with its own grammar: messages nearly right, in every way in which they can be a little wrong.

Sent to a running service. Whatever comes: a SOAP answer with a status that SOAP knows, none of them an internal error;
within two seconds; and the process does not grow.
"""

import time

import httpx
import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from office import Office

from messages import KEY_NAME, NPN, Card, Message, draw_body, look_up_body, release_body, signed
from npn.soap.names import DGWS, DS, SAML, SOAPS, WSSE, WSU

ROUND = 100
HOUR = 3600.0
STATUSES = {200, 400, 413, 415, 500}


SPACES = st.sampled_from([NPN, *DGWS, WSSE, WSU, SAML, DS, SOAPS[0].namespace, SOAPS[1].namespace, "urn:x", ""])
_WORDS = (
    "Envelope Header Body Security Timestamp Created Expires Assertion Signature UsernameToken Username Password "
    "Linking FlowID MessageID InResponseToMessageID SecurityLevel TimeOut Priority FlowStatus "
    "RequireNonRepudiationReceipt Issuer Subject NameID SubjectConfirmation ConfirmationMethod "
    "SubjectConfirmationData Conditions AttributeStatement Attribute AttributeValue KeyInfo KeyName X509Data "
    "X509Certificate SignedInfo Reference Object NumberOfIdentifiers Purpose FirstIdentifier LastIdentifier "
    "Identifier GetAnalysisIdentifiersRequest SetAnalysisIdentifiersFreeRequest "
)
NAMES = st.sampled_from(_WORDS.split())
VALUES = st.one_of(
    st.sampled_from(
        ["", "1", "10", "-1", "0", "1e9", "999999999999999999999", "yes", "no", "AKUT", "5", "unbound", "labka"]
    ),
    st.sampled_from(["2026-01-31T12:00:00Z", "2026-01-31T12:00:00+01:00", "0000-00-00T00:00:00Z", "1000000000", "NaN"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
)
PIECES = st.sampled_from(
    [
        "<!-- -->",
        "<![CDATA[1]]>",
        "&#49;",
        "&amp;",
        "&x;",
        "<?x y?>",
        "<a",
        "</a>",
        "]]>",
        "<!DOCTYPE a>",
        "\x00",
        "\ufffe",
    ]
)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@st.composite
def bodies(draw: st.DrawFn) -> str:
    value = escaped(draw(VALUES))
    return draw(
        st.sampled_from([draw_body(value), draw_body(3, value), look_up_body(value), release_body("1000000000", value)])
    )


@st.composite
def messages(draw: st.DrawFn, target: Office) -> bytes:
    """Write a message that is right or wrong in its values."""
    soap, dgws = draw(st.sampled_from(SOAPS)), draw(st.sampled_from(DGWS))
    message = target.message(draw(bodies()), soap=soap, dgws=dgws)
    header = st.one_of(
        st.just(""),
        st.builds(lambda n, v: f"<m:{n}>{escaped(v)}</m:{n}>", NAMES, VALUES),
        st.just("<m:Priority>AKUT</m:Priority>"),
    )
    message = message.but(header=draw(header), before=draw(header))
    if draw(st.booleans()):
        message = message.but(flow_id=escaped(draw(VALUES)), created=escaped(draw(VALUES)))
    if draw(st.integers(0, 3)) == 0:
        return SIGNED[0].replace(b"card-1", escaped(draw(VALUES)).encode("utf-8"))
    return message.bytes()


SIGNED: list[bytes] = []


@st.composite
def mutated(draw: st.DrawFn, target: Office) -> bytes:
    """Change a message's tree: elements left out, doubled, moved, renamed, given attributes and other text."""
    try:
        root = etree.fromstring(draw(messages(target)))
    except etree.XMLSyntaxError:
        return b"<"
    for _ in range(draw(st.integers(0, 3))):
        elements = [e for e in root.iter() if isinstance(e.tag, str)]
        chosen, other = (elements[draw(st.integers(0, len(elements) - 1))] for _ in range(2))
        parent = chosen.getparent()
        change = draw(st.integers(0, 6))
        if change == 0 and parent is not None:
            parent.remove(chosen)
        elif change == 1 and parent is not None:
            parent.append(etree.fromstring(etree.tostring(chosen, with_tail=False)))
        elif change == 2 and chosen is not other and other not in chosen.iterancestors():
            chosen.append(other)
        elif change == 3:
            space = draw(SPACES)
            chosen.tag = f"{{{space}}}{draw(NAMES)}" if space else draw(NAMES)
        elif change == 4:
            chosen.set(
                draw(st.sampled_from(["id", "Id", "NotBefore", "IssueInstant", "Version", "Name", "URI"])), draw(VALUES)
            )
        elif change == 5:
            chosen.text = draw(VALUES)
        else:
            etree.SubElement(chosen, f"{{{draw(SPACES) or 'urn:y'}}}{draw(NAMES)}").text = draw(VALUES)
    return etree.tostring(root)


@st.composite
def broken(draw: st.DrawFn, target: Office) -> bytes:
    """Change a message's bytes: cut, spliced, repeated, in another encoding."""
    body = draw(mutated(target))
    for _ in range(draw(st.integers(0, 2))):
        at, to = sorted((draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))))
        change = draw(st.integers(0, 4))
        if change == 0:
            body = body[:at] + draw(PIECES).encode("utf-8") + body[at:]
        elif change == 1:
            body = body[:at] + body[to:]
        elif change == 2:
            body = body[:at] + body[at:to] * draw(st.integers(0, 3)) + body[to:]
        elif change == 3:
            body = body[:at] + draw(st.binary(max_size=8)) + body[at:]
        else:
            body = body.decode("utf-8", "replace").encode(draw(st.sampled_from(["utf-16", "utf-8-sig", "utf-32"])))
    return body


CONTENT_TYPES = st.sampled_from(
    [
        "text/xml",
        "text/xml; charset=utf-8",
        "application/soap+xml",
        "text/xml; charset=utf-16",
        "text/xml; charset=x",
        "a/b",
    ]
)


def attack(target: Office, client: httpx.Client, *, seconds: float, seed: int) -> None:
    """Send messages until the time is over, a hundred a round."""
    SIGNED[:] = [signed(Message(), target.pair, Card(KEY_NAME, level=3))]
    profile = settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seed += 1

        @hypothesis.seed(seed)
        @profile
        @given(broken(target), CONTENT_TYPES)
        def one(body: bytes, content_type: str) -> None:
            send(target, client, body, content_type)

        one()


def send(target: Office, client: httpx.Client, body: bytes, content_type: str) -> None:
    """Send one message, and hold the answer to be one."""
    started = time.perf_counter()
    answer = client.post(target.url, content=body, headers={"Content-Type": content_type})
    assert time.perf_counter() - started < 5.0
    assert answer.status_code in STATUSES, answer.content
    assert b"internal_error" not in answer.content, body
    root = etree.fromstring(answer.content)
    assert root.tag.endswith("}Envelope")
    if answer.status_code == 500:
        assert root.find(".//{*}Fault") is not None  # SOAP 1.1 sends every fault with 500


def test_nothing_that_is_sent_breaks_the_service(plain: Office) -> None:
    with plain.client() as client:
        attack(plain, client, seconds=8, seed=0)
        before = plain.server.memory()
        attack(plain, client, seconds=16, seed=1000)
        assert plain.server.memory() - before < 20


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_nothing_that_is_sent_in_an_hour_breaks_the_service(plain: Office) -> None:
    with plain.client() as client:
        attack(plain, client, seconds=HOUR / 60, seed=int(time.time()))
        before = plain.server.memory()
        attack(plain, client, seconds=HOUR, seed=int(time.time()) + 10_000_000)
        assert plain.server.memory() - before < 60
