"""Sign-in by OpenID Connect, with a real provider that runs here: who gets in, and what an answer must be."""

import html
import json
import logging
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any  # what the provider deals in
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from npn.config import Settings
from npn.errors import NpnError, UnauthenticatedError
from npn.people import passwords, totp
from npn.people.model import AccountRole
from npn.people.openid import OpenId, PendingSignIn, _claims, _keys
from npn.web.cookies import Cookies
from running import running
from web.town import Browser, Town, founded, town_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own, in its thread


PASSWORD = "korrekt hest batteri klammer"  # noqa: S105  # nobody's
MEMBERS = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass
class Provider:
    """A provider, and what somebody does there."""

    issuer: str

    def person(self, subject: str, **claims: object) -> None:
        answer = httpx.put(f"{self.issuer}/users/{subject}", json=claims, trust_env=False)
        assert answer.status_code < 300, answer.text

    def agree(self, address: str, subject: str) -> str:
        """Sign in there and agree; give the address that the browser is sent back to."""
        answer = httpx.post(address, data={"sub": subject}, trust_env=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


def insist_on_pkce() -> None:
    """Have the provider keep each code's challenge and hold the verifier to it (RFC 7636), as real ones do."""
    from authlib.oauth2.rfc7636 import CodeChallenge  # noqa: PLC0415  # it warns as it is imported
    from oidc_provider_mock import _app as app  # noqa: PLC0415  # as above

    challenges: dict[str, str] = {}

    class Keeping(app.AuthorizationCodeGrant):  # type: ignore[misc]  # it has no types
        def save_authorization_code(self, code: str, request: Any) -> None:
            challenges[code] = request.payload.data["code_challenge"]
            super().save_authorization_code(code, request)

    class Held(CodeChallenge):  # type: ignore[misc]  # as above
        def get_authorization_code_challenge(self, authorization_code: Any) -> str | None:
            return challenges.get(authorization_code.code)

        def get_authorization_code_challenge_method(self, _authorization_code: Any) -> str:
            return "S256"

    class Server(app.flask_oauth2.AuthorizationServer):  # type: ignore[misc]  # as above
        def register_grant(self, grant: Any, extensions: Any = None) -> None:
            if grant is app.AuthorizationCodeGrant:
                grant, extensions = Keeping, [*extensions, Held(required=True)]
            super().register_grant(grant, extensions)

    app.flask_oauth2.AuthorizationServer = Server


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the provider's own, not ours
        import oidc_provider_mock  # noqa: PLC0415  # it warns as it is imported

        insist_on_pkce()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with oidc_provider_mock.run_server_in_thread() as server:
        yield Provider(f"http://localhost:{server.server_port}")


@pytest.fixture(scope="module")
def sso(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("sso")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    founded(settings)
    toml = {
        "openid_issuer": provider.issuer,
        "openid_client_id": "npn",
        "openid_client_secret": "kept secret",
        "sign_in_attempts": 1000,
    }
    with running(settings, folder, toml=toml) as server:
        town = town_of(server, settings)
        yield town
        town.connections.close()
        town.service.close()


def through(browser: Browser, provider: Provider, subject: str, start: str = "/sign-in/openid") -> httpx.Response:
    """Go to the provider and back."""
    departed = browser.get(start)
    assert departed.status_code == 303, departed.text
    return back_from(browser, provider, departed.headers["Location"], subject)


def back_from(browser: Browser, provider: Provider, address: str, subject: str) -> httpx.Response:
    """Sign in at the provider and come back with its answer; what it binds goes on as a form."""
    back = urlsplit(provider.agree(address, subject))
    assert back.path == "/sign-in/openid/return"
    answer = browser.get(f"{back.path}?{back.query}")
    if answer.status_code != 200:
        return answer
    action = re.search(r'method="post" action="([a-z/-]+/openid/return)"', answer.text)
    fields = dict(re.findall(r'<input type="hidden" name="(code|state|iss)" value="([^"]*)"', answer.text))
    assert action is not None
    return browser.post(action[1], fields)


def bound(browser: Browser, provider: Provider, subject: str, proof: Mapping[str, str]) -> httpx.Response:
    """Prove the present factor, sign in at the provider, and confirm the identity that is shown."""
    asked = browser.post("/account/openid", proof)
    address = re.search(r'<a class="button" href="([^"]+)"', asked.text)
    if address is None:
        return asked
    shown = back_from(browser, provider, html.unescape(address[1]), subject)
    state = re.search(r'name="state" value="([^"]+)"', shown.text)
    if state is None:
        return shown
    assert subject in shown.text
    return browser.post("/account/openid/confirm", {"state": state[1]})


def test_what_is_sent_to_the_provider_is_state_nonce_and_a_challenge(sso: Town) -> None:
    asked = parse_qs(urlsplit(sso.browser(None).get("/sign-in/openid").headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["state"][0] != asked["nonce"][0]


def test_nobody_gets_in_who_has_no_account_and_none_is_made(sso: Town, provider: Provider) -> None:
    provider.person("stranger", email="owner@example.dk", email_verified=True)
    before = len(sso.service.accounts.list())
    answer = through(sso.browser(None), provider, "stranger")
    assert answer.status_code == 401
    assert "no account" in answer.text
    assert len(sso.service.accounts.list()) == before


def test_an_account_is_bound_by_its_holder_and_signs_in_by_the_provider_ever_after(
    sso: Town, provider: Provider
) -> None:
    provider.person("anna", email="elsewhere@example.dk")
    set_password(sso, AccountRole.OWNER)
    owner = sso.browser(AccountRole.OWNER)
    before = set(sso.letters())
    assert bound(owner, provider, "anna", {"present": PASSWORD}).headers["Location"] == "/account"
    (letter,) = set(sso.letters()) - before
    assert letter.startswith("owner@example.dk: ")
    assert "identity provider" in letter
    again = sso.browser(None)
    assert through(again, provider, "anna", "/sign-in/openid?next=/systems").headers["Location"] == "/systems"
    assert sso.accounts[AccountRole.OWNER].name in again.get("/systems").text
    set_password(sso, AccountRole.GROUP)
    other = bound(sso.browser(AccountRole.GROUP), provider, "anna", {"present": PASSWORD})
    assert other.status_code == 409  # it is somebody's already


def test_the_provider_leads_on_to_the_address_that_was_asked_for(sso: Town, provider: Provider) -> None:
    provider.person("bodil", email="bodil@example.dk")
    set_password(sso, AccountRole.REGION)
    bound(sso.browser(AccountRole.REGION), provider, "bodil", {"present": PASSWORD})
    browser = sso.browser(None)
    page = browser.get(browser.get("/stock?rule=red&page=1").headers["Location"]).text
    start = re.search(r'href="(/sign-in/openid[^"]*)"', page)
    assert start is not None
    answer = through(browser, provider, "bodil", html.unescape(start[1]))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/stock?rule=red&page=1")
    assert browser.get("/stock?rule=red&page=1").status_code == 200
    elsewhere = through(sso.browser(None), provider, "bodil", "/sign-in/openid?next=//evil.example")
    assert elsewhere.headers["Location"] == "/overview"


def set_password(town: Town, role: AccountRole) -> None:
    town.service.accounts.set_password(town.accounts[role].id, password=passwords.hashed(PASSWORD), by="admin:t")


def test_a_page_from_elsewhere_binds_nothing_to_the_account_that_opens_it(sso: Town, provider: Provider) -> None:
    provider.person("eve", email="eve@evil.example")
    operator = sso.browser(AccountRole.OPERATOR)
    left = operator.client.get("/sign-in/openid?bind=yes", headers={"Sec-Fetch-Site": "cross-site"})
    assert left.headers["Location"] == "/overview"  # signed in already: nobody is sent to the provider
    no_token = operator.client.post("/account/openid", data={"present": PASSWORD})
    assert no_token.status_code == 403
    assert sso.service.accounts.issuers(sso.accounts[AccountRole.OPERATOR].id) == []
    stranger = sso.browser(None)
    assert through(stranger, provider, "eve").status_code == 401


def test_a_session_left_open_binds_nothing_without_the_present_factor(sso: Town, provider: Provider) -> None:
    provider.person("eve")
    account = sso.accounts[AccountRole.VENDOR]
    set_password(sso, AccountRole.VENDOR)
    vendor = sso.browser(AccountRole.VENDOR)
    assert bound(vendor, provider, "eve", {"present": "wrong password"}).status_code == 422
    secret = totp.make_secret()
    codes = sso.service.accounts.set_second_factor(account.id, secret=secret, step=0, by="admin:t")
    vendor = sso.browser(AccountRole.VENDOR)
    assert bound(vendor, provider, "eve", {"code": "000000"}).status_code == 422
    assert bound(vendor, provider, "eve", {"present": PASSWORD}).status_code == 422
    forged = PendingSignIn("s" * 43, "n", "v", bind=True)  # what the browser keeps is its own to write
    jar = Cookies({"npn_visitor": vendor.client.cookies["npn_visitor"]}, secure=False)
    jar.keep_sealed("npn_openid", msgspec.json.encode(forged).decode(), seconds=600)
    vendor.client.cookies.set("npn_openid", jar.sent["npn_openid"])
    assert vendor.post("/account/openid/return", {"code": "x", "state": "s" * 43}).status_code == 401
    assert vendor.post("/account/openid/confirm", {"state": "s" * 43}).status_code == 401
    assert sso.service.accounts.issuers(account.id) == []
    for _ in range(4):
        bound(vendor, provider, "eve", {"code": "000000"})
    waits = bound(vendor, provider, "eve", {"code": codes[0]})
    assert (waits.status_code, "Too many wrong attempts. Try again in" in waits.text) == (429, True)
    stranger = sso.browser(None).post("/sign-in", {"email": account.email, "password": PASSWORD})
    assert stranger.headers["Location"] == "/sign-in/code"  # counted apart from what strangers try


ODD_KEYS: list[object] = [
    {"kty": "EC", "crv": "brainpoolP256r1", "x": "AA", "y": "AA"},
    {"kty": "RSA", "kid": "z"},
    {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
    {"kty": "oct", "k": "c2VjcmV0"},
    {"kty": "RSA", "n": "@@", "e": "AQAB"},
    {"kty": "RSA", "n": 7, "e": "AQAB"},
    {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": ["RSA"]},
    {"use": "tls"},
    {"use": "enc"},
    {"key_ops": ["encrypt"]},
    {"key_ops": "verify"},
    {"kid": 7},
    {"alg": "ES256"},
    {},
    None,
    "key",
    [[]],
]


@pytest.mark.parametrize("odd", ODD_KEYS)
@pytest.mark.parametrize("named", [True, False])
def test_one_odd_key_in_the_providers_set_leaves_the_others_good(odd: object, *, named: bool) -> None:
    good = RSAKey.generate_key(2048, {"kid": "good"} if named else None)
    public = {name: str(value) for name, value in good.as_dict(private=False).items() if named or name != "kid"}
    if isinstance(odd, dict) and "kty" not in odd and odd:
        odd = {**public, **odd}  # the very key, marked for something else
    header = {"alg": "RS256", **({"kid": "good"} if named else {})}
    token = jwt.encode(header, {"sub": "anna"}, good)
    for listed in ([odd, public], [public, odd]):
        assert _claims(token, _keys({"keys": listed}))["sub"] == "anna"
    with pytest.raises((UnauthenticatedError, JoseError, ValueError)):
        _claims(token, _keys({"keys": [odd, RSAKey.generate_key(2048).as_dict(private=False)]}))
    for nothing in ({}, {"keys": None}, {"keys": {}}, {"keys": [odd]}):
        with pytest.raises((UnauthenticatedError, JoseError, ValueError)):
            _claims(token, _keys(nothing))


def test_a_one_time_link_binds_and_is_used_up(sso: Town, provider: Provider) -> None:
    provider.person("bo")
    link = sso.service.accounts.new_link(sso.accounts[AccountRole.AUDITOR].id, by="admin:root")
    browser = sso.browser(None)
    assert through(browser, provider, "bo", f"/sign-in/openid?link={link.token}").status_code == 303
    assert browser.get("/ledger").status_code == 200
    assert browser.get(link.path).status_code == 404


def test_an_answer_to_another_browser_or_twice_signs_nobody_in(sso: Town, provider: Provider) -> None:
    provider.person("anna")
    browser = sso.browser(None)
    back = urlsplit(provider.agree(browser.get("/sign-in/openid").headers["Location"], "anna"))
    address = f"{back.path}?{back.query}"
    assert sso.browser(None).get(address).status_code == 401  # sign-in CSRF: no state kept there
    forged = f"{back.path}?code={parse_qs(back.query)['code'][0]}&state=other"
    other = sso.browser(None)
    other.get("/sign-in/openid")
    assert other.get(forged).status_code == 401
    browser.get(address)
    assert browser.get(address).status_code == 401


def test_a_provider_that_says_no_is_a_page_and_no_failure(sso: Town) -> None:
    browser = sso.browser(None)
    browser.get("/sign-in/openid")
    assert browser.get("/sign-in/openid/return?error=access_denied").status_code == 401


def test_another_state_nonce_verifier_audience_or_issuer_signs_nobody_in(
    provider: Provider,
) -> None:
    here = "http://127.0.0.1/sign-in/openid/return"

    def answered(client: OpenId) -> tuple[PendingSignIn, dict[str, str]]:
        address, begun = client.begin(here)
        query = parse_qs(urlsplit(provider.agree(address, "anna")).query)
        return begun, {name: values[0] for name, values in query.items()}

    provider.person("anna")
    client = OpenId(provider.issuer, "npn", "s")
    for change in ({"state": "another"}, {"nonce": "another"}, {"verifier": "another" * 8}):
        begun, answer = answered(client)
        with pytest.raises(UnauthenticatedError):
            client.finish(msgspec.structs.replace(begun, **change), answer, here)
    begun, answer = answered(client)
    elsewhere = OpenId(provider.issuer, "another-client", "s")
    with pytest.raises(UnauthenticatedError):
        elsewhere.finish(begun, answer, here)
    begun, answer = answered(client)
    with pytest.raises(UnauthenticatedError):
        client.finish(begun, {**answer, "iss": "https://evil.example"}, here)


class _Liar(BaseHTTPRequestHandler):
    """Says that it is another provider."""

    def do_GET(self) -> None:  # the parent's name
        body = json.dumps(dict.fromkeys(MEMBERS, "https://other.example")).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


def test_a_provider_that_says_it_is_another_is_not_believed() -> None:
    with HTTPServer(("127.0.0.1", 0), _Liar) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(NpnError, match="does not answer"):
            OpenId(f"http://127.0.0.1:{server.server_port}", "npn", "s").begin("http://127.0.0.1/")
