"""Behind the real nginx, set up as the guide says: certificates and addresses passed on, spoofed ones ignored."""

import base64
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree

from authority import ADDRESS, Authority, Issued
from nginx import SHIPPED, Nginx, installed, nginx, placed, shipped
from npn.config import Settings
from running import Running, running
from tlshouse import Answer, bind, certificates, connect, curl, drawing, replace, until

FOREIGN = "127.0.0.2"  # loopback has many addresses: this one is trusted by nobody


@dataclass(frozen=True)
class Front:
    """A service that trusts the proxy's address alone, and the proxy."""

    server: Running
    proxy: Nginx
    folder: Path
    settings: Settings
    keys: dict[str, str]
    authority: Authority
    issued: dict[str, Issued]

    def through(self, path: str, *options: str, by: str = "") -> Answer:
        shown = ["--cert", str(self.folder / f"{by}.pem"), "--key", str(self.folder / f"{by}.key")] if by else []
        return curl(
            f"{self.proxy.secure}{path}", self.folder, "--cacert", str(self.folder / "ca.pem"), *shown, *options
        )

    def direct(self, path: str, *options: str, source: str = FOREIGN) -> Answer:
        return curl(f"{self.server.url}{path}", self.folder, "--interface", source, *options)

    def header(self, who: str) -> str:
        return f"X-Client-Cert: {quote(self.issued[who].pem)}"


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    program = installed()
    if program is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    folder, beside = tmp_path_factory.mktemp("service"), tmp_path_factory.mktemp("nginx")
    beside.chmod(0o755)
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys, authority = connect(settings), Authority()
    issued = certificates(authority, folder)
    bind(settings, issued)
    toml: dict[str, object] = {
        "trusted_proxies": [ADDRESS],
        "client_cert_header": "X-Client-Cert",
        "client_ca": str(folder / "ca.pem"),
        "client_crls": [str(folder / "authority.crl")],
    }
    with (
        running(settings, folder, toml=toml) as server,
        nginx(program, beside, server.url, files=folder) as proxy,
    ):
        yield Front(server, proxy, folder, settings, keys, authority, issued)
        assert '"failure"' not in server.log.read_text("utf-8")


def test_a_certificate_shown_to_nginx_opens_the_service(front: Front) -> None:
    for by, system in (("labka", "labka"), ("bcc-next", "bcc")):
        drawn = front.through("/v1/series", *drawing(), by=by)
        assert (drawn.status, drawn.json["system"]) == (201, system), drawn.body
        assert "strict-transport-security" in drawn.headers


def test_without_a_certificate_a_key_opens_and_nothing_does_not(front: Front) -> None:
    key = ("--header", f"Authorization: Bearer {front.keys['labka']}")
    assert front.through("/v1/me", *key).status == 200
    assert front.through("/v1/me").json["code"] == "unauthenticated"


def test_a_certificate_that_nobody_bound_or_that_expired_is_refused(front: Front) -> None:
    assert front.through("/v1/me", by="stranger").json["code"] == "certificate_unknown"
    for by in ("expired", "foreign"):
        assert front.through("/v1/me", by=by).status == 400  # by nginx itself


def test_a_revoked_certificate_is_refused_behind_nginx_too(front: Front) -> None:
    front.authority.revoked.append(front.issued["bcc"].certificate)
    replace(front.folder / "authority.crl", front.authority.crl())
    until(lambda: front.through("/v1/me", by="bcc").status == 401)
    assert front.through("/v1/me", by="bcc").json["code"] == "certificate_revoked"
    assert front.through("/v1/me", by="bcc-next").status == 200


def test_a_header_sent_through_nginx_by_a_caller_is_replaced(front: Front) -> None:
    spoofed = ("--header", front.header("labka"))
    assert front.through("/v1/me", *spoofed).json["code"] == "unauthenticated"
    assert front.through("/v1/me", *spoofed, by="bcc-next").json["system"] == "bcc"


def test_a_header_from_a_foreign_address_is_ignored(front: Front) -> None:
    for more in ((), ("--header", "X-Forwarded-For: 127.0.0.1", "--header", "X-Forwarded-Proto: https")):
        refused = front.direct("/v1/me", "--header", front.header("labka"), *more)
        assert (refused.status, refused.json["code"]) == (401, "unauthenticated")
        assert "strict-transport-security" not in refused.headers


def test_the_proxys_own_address_is_believed_in_both_forms(front: Front) -> None:
    der = base64.b64encode(front.issued["labka"].der).decode()
    for value in (quote(front.issued["labka"].pem), f":{der}:"):
        found = front.direct("/v1/me", "--header", f"X-Client-Cert: {value}", source=ADDRESS)
        assert found.json["system"] == "labka"


@pytest.mark.parametrize(
    "headers",
    [
        ["X-Client-Cert: nonsense"],
        ["X-Client-Cert: :AAAA:"],
        ["X-Client-Cert: a", "X-Client-Cert: b"],
        ["X-Forwarded-Proto: gopher"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"],
        ["X-Forwarded-For: someone"],
    ],
)
def test_what_the_proxy_says_and_can_not_be_read_is_refused(front: Front, headers: list[str]) -> None:
    sent = [part for header in headers for part in ("--header", header)]
    refused = front.direct("/v1/me", *sent, source=ADDRESS)
    assert (refused.status, refused.json["code"]) == (400, "malformed_proxy_header")


def test_the_wsdl_says_https_behind_the_proxy(front: Front) -> None:
    host = front.proxy.secure.partition("//")[2]
    found = front.through("/soap/npn?wsdl")
    places = [e.get("location") for e in etree.fromstring(found.body).iter("{*}address")]
    assert places == [f"https://{host}/soap/npn"] * 2


def test_plain_http_at_the_proxy_is_told_to_use_https_and_leaves_no_key_behind(front: Front) -> None:
    moved = curl(f"{front.proxy.plain}/v1/me", front.folder)
    assert moved.status == 308
    assert moved.headers["location"].startswith("https://")


def test_calls_through_the_proxy_are_counted_as_secure(front: Front) -> None:
    key = ("--header", f"Authorization: Bearer {front.keys['mads']}")
    assert front.through("/v1/me", *key).status == 200
    assert front.direct("/v1/me", *key).status == 200
    front.server.stop()
    used = usage(front)
    assert used == {"plain": 1, "secure": 1, "from": FOREIGN}


def usage(front: Front) -> dict[str, object]:
    from npn.wiring.assembly import build  # noqa: PLC0415  # once the server has stopped

    service = build(front.settings)
    try:
        found = service.transport.usage(system="mads")["mads"]
        return {"plain": found.plain, "secure": found.secure, "from": found.plain_from}
    finally:
        service.close()


def test_the_shipped_configuration_and_settings_pass_certificates_on(tmp_path: Path) -> None:
    program = installed()
    if program is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    beside = tmp_path / "nginx"
    beside.mkdir(mode=0o755)
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys, authority = connect(settings), Authority()
    issued = certificates(authority, tmp_path)
    bind(settings, issued)
    (tmp_path / "metrics.token").write_text("0123456789abcdef-of-the-figures\n")
    said = placed(
        SHIPPED.with_suffix(".toml").read_text("utf-8"),
        ("10.0.0.10", ADDRESS),
        ("10.0.0.11", "127.0.0.1"),
        ("/etc/npn/tls/client-ca.pem", str(tmp_path / "ca.pem")),
        ("/etc/npn/tls/client-ca.crl", str(tmp_path / "authority.crl")),
        ("127.0.0.1:9464", "127.0.0.1:0"),
        ("/etc/npn/metrics.token", str(tmp_path / "metrics.token")),
    )
    with (
        running(settings, tmp_path, toml=tomllib.loads(said)) as server,
        nginx(program, beside, server.url, files=tmp_path, site=shipped) as proxy,
    ):
        front = Front(server, proxy, tmp_path, settings, keys, authority, issued)
        assert front.through("/v1/me", by="labka").json["system"] == "labka"
        assert front.through("/v1/me", by="stranger").json["code"] == "certificate_unknown"
        spoofed = ("--header", f"X-SSL-Client-Cert: {quote(issued['labka'].pem)}")
        assert front.through("/v1/me", *spoofed).json["code"] == "unauthenticated"
        assert front.direct("/v1/me", *spoofed).json["code"] == "unauthenticated"
        assert front.through("/metrics").status == 403
