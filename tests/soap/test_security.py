"""Who calls: the four levels, as policy of each system, and every way in which credentials can be wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from desk import Desk, clock_now
from msgspec import structs
from signxml.algorithms import CanonicalizationMethod

from messages import (
    KEY_NAME,
    Card,
    Message,
    Pair,
    cert_hash,
    look_up_body,
    now,
    password_card,
    plain_token,
    release_body,
    signed,
)
from npn.http.authentication import Authenticator
from npn.soap.dates import write_time
from npn.soap.names import DGWS_1_0, SOAP_1_2
from npn.systems.model import Caller


@pytest.mark.parametrize("write", [password_card, plain_token], ids=["ID card", "plain token"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole key", "secret"])
def test_level_2_takes_the_systems_id_and_its_key(desk: Desk, write: Callable[[str, str], str], whole: bool) -> None:  # noqa: FBT001  # a parameter
    key = desk.keys["labka"]
    assert desk.send(Message(credentials=write("labka", str(key) if whole else key.secret))).status == 200


@pytest.mark.parametrize(
    "given",
    [
        lambda _: ("labka", "wrong"),
        lambda d: ("bcc", d.keys["labka"].secret),
        lambda d: ("bcc", str(d.keys["labka"])),
        lambda d: ("LABKA", d.keys["labka"].secret),
        lambda _: ("nobody", "wrong"),
        lambda _: ("", ""),
        lambda _: ("labka", ""),
        lambda _: ("labka_x", "y"),
        lambda _: ("operator", "wrong"),
        lambda _: ("æøå", "æøå"),
    ],
)
def test_a_wrong_user_name_or_password_is_refused_and_not_told_which(
    desk: Desk, given: Callable[[Desk], tuple[str, str]]
) -> None:
    refused = desk.send(Message(credentials=password_card(*given(desk))))
    assert refused.code == "invalid_username_password"
    assert refused.one("faultstring").startswith("the user name or the password is wrong")


def test_a_key_whose_system_and_secret_are_split_elsewhere_is_nobodys(desk: Desk) -> None:
    """`npn_a_b_c` could be system `a` with the secret `b_c`, or `a_b` with `c`: ids have no underscore."""
    key = desk.keys["labka"]
    head, tail = key.secret[:5], key.secret[5:]
    assert desk.send(Message(credentials=plain_token(f"labka_{head}", tail))).code == "invalid_username_password"


def test_a_password_digest_is_refused_with_the_way_out(desk: Desk) -> None:
    token = plain_token("labka", "x").replace("<wsse:Password>", '<wsse:Password Type="a#PasswordDigest">')
    refused = desk.send(Message(credentials=token))
    assert refused.code == "invalid_username_password"
    assert "PasswordText" in refused.one("faultstring")


def test_level_1_needs_a_bound_client_certificate(desk: Desk) -> None:
    for certificate in (None, Pair.make("stranger")):
        assert desk.send(Message(), certificate=certificate).code == "security_level_failed"
    assert desk.send(Message(), certificate=desk.pairs["labka"]).status == 200
    assert (
        desk.send(Message(before="<m:SecurityLevel>1</m:SecurityLevel>"), certificate=desk.pairs["bcc"]).status == 200
    )


def test_an_ended_certificate_stands_for_nobody(own: Desk) -> None:
    fingerprint = own.pairs["labka"].fingerprint
    own.service.certificates.unbind("labka", fingerprint, by="t")
    assert own.send(Message(), certificate=own.pairs["labka"]).code == "security_level_failed"
    assert own.send(signed(Message(), own.pairs["labka"])).code == "invalid_certificate"


def test_a_draw_is_refused_when_the_certificate_ends_between_asking_and_drawing(own: Desk) -> None:
    """The draw's own transaction asks again."""
    bound = own.service.certificates.bound

    class Late:
        def __getattr__(self, name: str) -> object:
            return getattr(own.service.certificates, name)

        def bound(self, fingerprint: str) -> object:
            found = bound(fingerprint)
            own.service.certificates.unbind("labka", fingerprint, by="t")
            return found

        def levels(self, _system: str) -> tuple[int, ...]:
            return (1, 2, 3, 4)

    late = own.changed(certificates=Late())  # the same, but too late
    refused = late.send(signed(Message(), own.pairs["labka"]))
    assert refused.code == "invalid_username_password"
    assert own.service.registry.drawn("labka", days=1) == 0


def test_another_systems_client_certificate_beside_a_password_is_refused(desk: Desk) -> None:
    assert desk.send(desk.message(), certificate=desk.pairs["labka"]).status == 200
    assert desk.send(desk.message(), certificate=desk.pairs["bcc"]).code == "not_authorized"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize(
    "c14n",
    [
        CanonicalizationMethod.CANONICAL_XML_1_0,
        CanonicalizationMethod.CANONICAL_XML_1_1,
        CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    ],
)
def test_a_signed_id_card_says_who_calls(desk: Desk, algorithm: str, c14n: CanonicalizationMethod) -> None:
    for level, by in ((3, "labka"), (4, "bcc")):
        message = Message(soap=SOAP_1_2, dgws=DGWS_1_0, before=f"<m:SecurityLevel>{level}</m:SecurityLevel>")
        body = signed(message, desk.pairs[by], Card(KEY_NAME, level=level), algorithm=algorithm, c14n=c14n)
        answer = desk.send(body, content_type=SOAP_1_2.media_type)
        assert answer.status == 200, answer.body


def test_sha_1_can_be_turned_off(desk: Desk) -> None:
    strict = desk.changed(settings=structs.replace(desk.service.settings, soap_sha1=False))
    body = signed(Message(), desk.pairs["labka"], algorithm="sha1")
    assert strict.send(body).code == "invalid_signature"


def test_a_certificate_nobody_bound_is_refused(desk: Desk) -> None:
    assert desk.send(signed(Message(), Pair.make("stranger"))).code == "invalid_certificate"


@pytest.mark.parametrize("days", [(-10, -1), (1, 10)], ids=["over", "not yet"])
def test_a_certificate_outside_its_dates_is_refused(own: Desk, days: tuple[int, int]) -> None:
    pair = Pair.make("Labka", days=days)
    own.service.certificates.bind("labka", pair.pem, by="t")
    assert own.send(signed(Message(), pair)).code == "invalid_certificate"
    assert own.send(Message(), certificate=pair).code == "invalid_certificate"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b"card-1", b"card-2"), "invalid_signature"),
        ((b"<saml:Issuer>Labka", b"<saml:Issuer>BCC"), "invalid_signature"),
        ((b"OCESSignature</ds:KeyName>", b"Another</ds:KeyName>"), "invalid_signature"),
        ((b'id="OCESSignature"', b'id="Another"'), "invalid_idcard"),
    ],
)
def test_a_card_that_was_changed_after_it_was_signed_is_refused(
    desk: Desk, change: tuple[bytes, bytes], code: str
) -> None:
    body = signed(Message(), desk.pairs["labka"])
    assert body.count(change[0]) == 1
    assert desk.send(body.replace(*change)).code == code


def test_a_card_says_by_its_hash_which_certificate_made_it(desk: Desk) -> None:
    def card(said: str) -> Card:
        attribute = f'<saml:Attribute Name="sosi:OCESCertHash"><saml:AttributeValue>{said}</saml:AttributeValue>'
        return Card(KEY_NAME, level=3, attributes=f"{attribute}</saml:Attribute>")

    pair = desk.pairs["labka"]
    assert desk.send(signed(Message(), pair, card(cert_hash(pair)))).status == 200
    assert desk.send(signed(Message(), pair, card(cert_hash(desk.pairs["bcc"])))).code == "invalid_idcard"


def test_only_the_holder_of_the_key_is_the_caller(desk: Desk) -> None:
    other = "<ds:KeyInfo><ds:KeyName>Somebody</ds:KeyName></ds:KeyInfo>"
    assert desk.send(signed(Message(), desk.pairs["labka"], Card(other, level=3))).code == "invalid_idcard"
    bearer = Card(KEY_NAME, level=3).text().replace("holder-of-key", "bearer")

    class Bearer(Card):
        def text(self) -> str:
            return bearer

    assert desk.send(signed(Message(), desk.pairs["labka"], Bearer(KEY_NAME, level=3))).code == "invalid_idcard"


def test_a_card_that_should_be_signed_and_is_not_is_refused(desk: Desk) -> None:
    assert desk.send(Message(credentials=Card(KEY_NAME, level=3).text())).code == "invalid_signature"


@pytest.mark.parametrize(
    ("level", "card", "code"),
    [
        (3, 2, "security_level_failed"),
        (1, 2, "security_level_failed"),
        (5, 2, "security_level_failed"),
        (2, 3, "security_level_failed"),
        (2, 9, "invalid_idcard"),
    ],
)
def test_the_headers_level_must_be_the_cards_and_that_of_the_credentials(
    desk: Desk, level: int, card: int, code: str
) -> None:
    credentials = password_card("labka", desk.keys["labka"].secret, level=card)
    message = Message(credentials=credentials, before=f"<m:SecurityLevel>{level}</m:SecurityLevel>")
    assert desk.send(message).code == code


def test_a_signed_card_of_level_2_is_refused(desk: Desk) -> None:
    assert desk.send(signed(Message(), desk.pairs["labka"], Card(KEY_NAME, level=2))).code == "security_level_failed"


def test_which_levels_a_system_may_use_is_policy(own: Desk) -> None:
    own.service.certificates.set_levels("labka", [3, 4], by="t")
    assert own.send(own.message()).code == "security_level_failed"
    assert own.send(Message(), certificate=own.pairs["labka"]).code == "security_level_failed"
    assert own.send(signed(Message(), own.pairs["labka"])).status == 200
    assert own.send(own.message(by="bcc")).status == 200


@pytest.mark.parametrize("kind", ["password", "signed"])
@pytest.mark.parametrize(
    ("begins", "ends", "issued", "code"),
    [
        (timedelta(hours=-23), timedelta(hours=1), None, ""),
        (timedelta(hours=-24, minutes=-3), timedelta(minutes=-3), None, ""),  # over, but within the clocks' skew
        (timedelta(hours=-24, minutes=-10), timedelta(minutes=-10), None, "expired_idcard"),
        (timedelta(days=-3), timedelta(days=-2), None, "expired_idcard"),
        (timedelta(hours=-1), timedelta(hours=1), timedelta(hours=-30), "expired_idcard"),
        (timedelta(minutes=3), timedelta(hours=3), None, ""),
        (timedelta(minutes=10), timedelta(hours=3), None, "invalid_idcard"),
        (timedelta(hours=-1), timedelta(hours=30), None, "invalid_idcard"),
        (timedelta(hours=1), timedelta(hours=-1), None, "invalid_idcard"),
    ],
)
def test_an_id_card_is_good_for_24_hours_with_some_skew(  # noqa: PLR0917  # what pytest hands over
    desk: Desk, kind: str, begins: timedelta, ends: timedelta, issued: timedelta | None, code: str
) -> None:
    at = now()
    times = {"begins": at + begins, "ends": at + ends, "issued": None if issued is None else at + issued}
    if kind == "password":
        body = Message(credentials=password_card("labka", desk.keys["labka"].secret, **times)).bytes()
    else:
        body = signed(Message(), desk.pairs["labka"], Card(KEY_NAME, level=3, **times))  # type: ignore[arg-type]  # times
    assert desk.send(body).code == code


@pytest.mark.parametrize("zone", ["", "+01:00", "+00:00", "-05:00"])
def test_times_that_are_not_zulu_are_refused(desk: Desk, zone: str) -> None:
    card = password_card("labka", desk.keys["labka"].secret, zone=zone)
    assert desk.send(Message(credentials=card)).code == "invalid_date_timezone"
    assert (
        desk.send(signed(Message(), desk.pairs["labka"], Card(KEY_NAME, 3, zone=zone))).code == "invalid_date_timezone"
    )
    created = write_time(now()).removesuffix("Z") + zone
    assert desk.send(desk.message(created=created)).code == "invalid_date_timezone"


@pytest.mark.parametrize("created", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31"])
def test_what_is_no_time_is_a_syntax_error(desk: Desk, created: str) -> None:
    assert desk.send(desk.message(created=created)).code == "syntax_error"


def test_an_old_message_is_answered_again_though_its_timestamp_is_old(own: Desk) -> None:
    message = own.message(credentials=plain_token("labka", own.keys["labka"].secret))
    before = own.send(message)
    own.at(lambda: clock_now() + timedelta(days=900))
    assert own.send(message).body == before.body


def test_a_card_of_another_version_is_refused(desk: Desk) -> None:
    card = password_card("labka", desk.keys["labka"].secret, version="2.0")
    assert desk.send(Message(credentials=card)).code == "invalid_idcard"


def test_an_operators_key_draws_nothing(own: Desk) -> None:
    key = own.service.systems.rotate_key("operator", by="t")
    assert own.send(Message(credentials=plain_token("operator", key.secret))).code == "not_authorized"


def test_a_key_is_remembered_for_draws_alone_which_ask_again(own: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    holder = Authenticator.holder

    async def noted(self: Authenticator, key: str, *, address: str, may_be_remembered: bool) -> Caller:
        asked.append(may_be_remembered)
        return await holder(self, key, address=address, may_be_remembered=may_be_remembered)

    monkeypatch.setattr(Authenticator, "holder", noted)
    drawn = own.send(own.message())
    first, last = drawn.one("FirstIdentifier"), drawn.one("LastIdentifier")
    assert own.send(own.message(look_up_body(first))).status == 200
    assert own.send(own.message(release_body(first, last))).status == 200
    assert asked == [True, False, False]
