"""Sign-in by OpenID Connect, with a real provider that runs here: who gets in, and what an answer must be."""

import json
import logging
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any  # what the provider deals in
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from npn.config import Settings
from npn.errors import NpnError, UnauthenticatedError
from npn.people.model import AccountRole
from npn.people.openid import Begun, OpenId
from running import running
from web.town import Browser, Town, founded, town_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider's own, in its thread


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
    back = urlsplit(provider.agree(departed.headers["Location"], subject))
    assert back.path == "/sign-in/openid/return"
    return browser.get(f"{back.path}?{back.query}")


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
    owner = sso.browser(AccountRole.OWNER)
    assert through(owner, provider, "anna", "/sign-in/openid?bind=yes").headers["Location"] == "/account"
    again = sso.browser(None)
    assert through(again, provider, "anna", "/sign-in/openid?next=/systems").headers["Location"] == "/systems"
    assert sso.accounts[AccountRole.OWNER].name in again.get("/systems").text
    other = through(sso.browser(AccountRole.GROUP), provider, "anna", "/sign-in/openid?bind=yes")
    assert other.status_code == 409  # it is somebody's already


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

    def answered(client: OpenId) -> tuple[Begun, dict[str, str]]:
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
