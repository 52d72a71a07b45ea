"""Authorities, client certificates and proxies: used as they are set, or named where they can't be."""

import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent_process import agent, settings
from npn.agent.mock import MockService
from npn.errors import ConfigurationError
from npn.outgoing import ConnectionOptions, check_address, proxy_for, tls_context

NPN = [sys.executable, "-c", "from npn.cli import main; main()"]
HTTPS = "https://api.example.dk"
PROXY = "http://proxy.example.dk:3128"


def proxy(url: str, **environment: str) -> str | None:
    """The proxy that the environment names."""
    return proxy_for(url, ConnectionOptions(), environment)


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        (HTTPS, {}, None),
        (HTTPS, {"HTTPS_PROXY": PROXY}, PROXY),
        (HTTPS, {"https_proxy": "proxy:1", "HTTPS_PROXY": PROXY}, "http://proxy:1"),
        (HTTPS, {"HTTP_PROXY": PROXY}, None),
        ("http://api.example.dk", {"HTTP_PROXY": PROXY}, PROXY),
        ("http://api.example.dk", {"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, None),
        (HTTPS, {"ALL_PROXY": PROXY}, PROXY),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": "example.dk"}, None),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": ".example.dk"}, None),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": "*.example.dk"}, None),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": "ample.dk"}, PROXY),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": "*"}, None),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": "api.example.dk:443"}, None),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": "api.example.dk:8443"}, PROXY),
        (HTTPS, {"ALL_PROXY": PROXY, "NO_PROXY": "localhost,127.0.0.1,fd00::/8"}, PROXY),
        ("https://[fd00::7]:8443", {"ALL_PROXY": PROXY, "NO_PROXY": "localhost fd00::/8"}, None),
        ("https://[::1]:8443", {"ALL_PROXY": PROXY, "NO_PROXY": "[::1]"}, None),
        ("https://[::1]:8443", {"ALL_PROXY": PROXY, "NO_PROXY": "[::1]:8443"}, None),
        ("https://[::1]:8443", {"ALL_PROXY": PROXY, "NO_PROXY": "::1"}, None),
        ("https://10.1.2.3", {"ALL_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, None),
        ("https://11.1.2.3", {"ALL_PROXY": PROXY, "no_proxy": "10.0.0.0/8"}, PROXY),
    ],
)
def test_proxies_of_the_environment(url: str, environment: dict[str, str], expected: str | None) -> None:
    assert proxy(url, **environment) == expected


@pytest.mark.parametrize(
    ("variable", "value", "more"),
    [
        ("ALL_PROXY", "socks5://proxy:1080", {}),
        ("HTTPS_PROXY", "ftp://proxy", {}),
        ("HTTPS_PROXY", "http://[::1", {}),
        ("https_proxy", "http://user:secret@pro xy:1", {}),
        ("HTTPS_PROXY", "http://proxy:99999", {}),
        ("NO_PROXY", "example.dk/8", {"HTTPS_PROXY": PROXY}),
        ("NO_PROXY", "127.0.0.1:x", {"HTTPS_PROXY": PROXY}),
        ("no_proxy", "a$b", {"HTTPS_PROXY": PROXY}),
    ],
)
def test_a_variable_that_can_not_be_read_is_named(variable: str, value: str, more: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        proxy(HTTPS, **{variable: value}, **more)
    assert caught.value.field == variable
    assert "secret" not in caught.value.message
    assert proxy_for(HTTPS, ConnectionOptions(proxy="none"), {variable: value, **more}) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "ftp://x",
        "http://",
        "http://[::1",
        "http://xn--a/",
        "http://h:99999",
        "http://a b",
        "http://h?x=1",
        "http://h#x",
        "http://u:p@h",
        "http://\u200bh",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_address(url, field="url", hint="")
    assert caught.value.field == "url"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "https://npn.example.dk/",
        "http://[::1]:80",
        "https://bücher.example",
        "\ufeffhttps://x\r\n",
        "http://a_b",
    ],
)
def test_addresses_are_taken(url: str) -> None:
    assert check_address(url, field="url", hint="").startswith("http")


# certificates -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of one's own, a server's certificate and a client's, made by openssl."""
    folder = tmp_path_factory.mktemp("ca")
    days = ["-days", "30"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *days]
    run(*make, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=our own", cwd=folder)
    for name, more in (("server", "subjectAltName=IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")):
        run(
            *make,
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
            "-subj",
            f"/CN={name}",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-addext",
            more,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            cwd=folder,
        )
    run("openssl", "ec", "-aes256", "-passout", "pass:x", "-in", "client.key", "-out", "locked.key", cwd=folder)
    (folder / "both.pem").write_text((folder / "client.pem").read_text() + (folder / "client.key").read_text())
    return folder


def run(*command: str, cwd: Path) -> None:
    """A program that must succeed."""
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def secure(authority: Path) -> Iterator[tuple[MockService, str]]:
    """The mock behind TLS, with an authority that no machine knows, asking for a client's certificate."""
    with MockService() as service:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority / "server.pem", authority / "server.key")
        context.load_verify_locations(authority / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        assert service._server is not None
        service._server.socket = context.wrap_socket(service._server.socket, server_side=True)
        yield service, service.url.replace("http:", "https:")


def test_the_agent_and_the_commands_use_an_authority_and_a_certificate_of_their_own(
    tmp_path: Path, authority: Path, secure: tuple[MockService, str]
) -> None:
    service, url = secure
    more = f'ca = "{authority}/ca.pem"\nclient_cert = "{authority}/client.pem"\nclient_key = "{authority}/client.key"'
    config = settings(tmp_path, url, service.key, more=more)
    assert agent("refill", config=config).stdout.startswith("drew 1000")
    environment = {**os.environ, "NPN_URL": url, "NPN_KEY": service.key}
    options = ["--ca", f"{authority}/ca.pem", "--client-cert", f"{authority}/both.pem"]
    drawn = subprocess.run([*NPN, "draw", "5", *options], capture_output=True, text=True, check=False, env=environment)
    assert drawn.returncode == 0, drawn.stderr
    variables = {**environment, "NPN_CA": f"{authority}/ca.pem", "NPN_CLIENT_CERT": f"{authority}/both.pem"}
    listed = subprocess.run([*NPN, "series", "list"], capture_output=True, text=True, check=False, env=variables)
    assert listed.stdout.count("\n") == 2
    trusted = {**environment, "SSL_CERT_FILE": f"{authority}/ca.pem", "NPN_CLIENT_CERT": f"{authority}/both.pem"}
    assert subprocess.run([*NPN, "series", "list"], capture_output=True, check=False, env=trusted).returncode == 0
    unknown = subprocess.run([*NPN, "series", "list"], capture_output=True, text=True, check=False, env=environment)
    assert (unknown.returncode, "--ca" in unknown.stderr) == (4, True)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ca": "absent.pem"}, "ca"),
        ({"ca": "client.key"}, "ca"),
        ({"client_cert": "absent.pem"}, "client_cert"),
        ({"client_cert": "client.pem", "client_key": "absent.key"}, "client_key"),
        ({"client_cert": "client.pem", "client_key": "server.key"}, "client_cert"),
        ({"client_cert": "client.pem", "client_key": "locked.key"}, "client_key"),
        ({"client_cert": "client.pem"}, "client_cert"),
        ({"client_key": "client.key"}, "client_cert"),
    ],
)
def test_certificates_that_can_not_be_used_are_named(authority: Path, given: dict[str, str], field: str) -> None:
    named = {name: str(authority / value) for name, value in given.items()}
    with pytest.raises(ConfigurationError) as caught:
        tls_context(HTTPS, ConnectionOptions(**named), {})
    assert caught.value.field == field


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_a_variable_for_certificates_that_leads_nowhere_is_named(variable: str) -> None:
    with pytest.raises(ConfigurationError, match="/nonexistent") as caught:
        tls_context(HTTPS, ConnectionOptions(), {variable: "/nonexistent"})
    assert caught.value.field == variable


# as the commands tell it ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"ALL_PROXY": "socks5://nowhere:1080"}, "ALL_PROXY"),
        ({"HTTP_PROXY": "http://[::1"}, "HTTP_PROXY"),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "a/b"}, "NO_PROXY"),
        ({"NPN_URL": "https://127.0.0.1:1", "SSL_CERT_FILE": "/nonexistent"}, "SSL_CERT_FILE"),
        ({"NPN_URL": "http://xn--a/"}, "url"),
        ({"NPN_URL": "http://127.0.0.1:1?x=1"}, "url"),
        ({"NPN_KEY": "npn lab"}, "key"),
        ({"NPN_PROXY": "nonsense://x"}, "proxy"),
        ({"NPN_URL": "https://127.0.0.1:1", "NPN_CA": "/nonexistent"}, "ca"),
    ],
)
def test_every_client_command_names_what_it_can_not_use_and_exits_with_2(
    environment: dict[str, str], named: str
) -> None:
    surroundings = {**os.environ, "NPN_URL": "http://127.0.0.1:1", "NPN_KEY": "npn_a_b", **environment}
    done = subprocess.run([*NPN, "lookup", "1000000015"], capture_output=True, text=True, check=False, env=surroundings)
    assert (done.returncode, f"({named})" in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr


def test_networks_in_no_proxy_do_not_stop_the_agent(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key)
        environment = {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "localhost,127.0.0.1,fd00::/8,[::1]"}
        assert agent("refill", config=config, environment=environment).returncode == 0
        wrong = agent("run", config=config, environment={"ALL_PROXY": "socks5://nowhere:1080"})
        assert (wrong.returncode, "(ALL_PROXY)" in wrong.stderr) == (2, True)


def test_a_proxy_is_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
            """Nothing."""

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(502)

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        config = settings(tmp_path, "http://npn.invalid", "k", more=f'allow_http = true\nproxy = "{address}"')
        assert agent("refill", config=config).returncode == 4
        server.shutdown()
    assert set(asked) == {"http://npn.invalid/v1/me"}
