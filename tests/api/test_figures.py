"""Who gets the figures: anybody by default; with the settings for it, only who asks inside and has the token."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from house import populated
from npn.config import Settings
from npn.errors import ConfigurationError
from npn.http.inside import address, check
from running import Running, running

TOKEN = "a-token-of-the-figures-0123456789"  # noqa: S105  # of this test alone


def settings_in(folder: Path) -> Settings:
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    populated(settings)
    return settings


def inside_of(server: Running) -> str:
    """Read from the log where the figures are served."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for line in server.log.read_text("utf-8").splitlines():
            said = json.loads(line)
            if said.get("event") == "metrics_served":
                return f"http://{said['host']}:{said['port']}"
        time.sleep(0.05)
    raise AssertionError("the log does not say where the figures are")


def get(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> httpx.Response:
    return httpx.request(method, url, headers=dict(headers or {}), trust_env=False, timeout=30)


def test_the_figures_are_at_the_service_s_address_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    with running(settings_in(tmp_path), tmp_path) as server:
        assert "npn_witness_state" in get(f"{server.url}/metrics").text
        head = get(f"{server.url}/metrics", method="HEAD")
        assert (head.status_code, head.content) == (200, b"")


def test_with_metrics_listen_they_are_there_alone_and_nothing_else_is(tmp_path: Path) -> None:
    with running(settings_in(tmp_path), tmp_path, toml={"metrics_listen": "127.0.0.1:0"}) as server:
        inside = inside_of(server)
        assert inside != server.url
        for path in ("/metrics", "/metrics/", "/%6detrics"):
            outside = get(f"{server.url}{path}")
            assert (outside.status_code, outside.json()["code"]) == (404, "not_found")
            assert "npn_" not in outside.text
        assert "npn_witness_state" in get(f"{inside}/metrics").text
        for path in ("/", "/healthz", "/v1/me", "/sign-in", "/soap/npn?wsdl", "/metrics/", "/static/x/npn.css"):
            other = get(f"{inside}{path}", {"Accept": "text/html"})
            assert other.status_code == 404, path
        assert get(f"{inside}/v1/series", method="POST").status_code == 404
        assert get(f"{server.url}/healthz").status_code == 200
        assert server.stop() == 0


def test_with_a_token_s_file_only_who_has_the_token_gets_them_and_a_new_one_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\nand a remark\n")
    with running(settings_in(tmp_path), tmp_path, toml={"metrics_token_file": str(file)}) as server:
        url = f"{server.url}/metrics"
        for wrong in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \u00e6".encode("latin-1")):
            refused = get(url, {"Authorization": wrong} if wrong else None)  # type: ignore[dict-item]  # bytes too
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
            assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "npn_witness_state" in get(url, {"Authorization": f"Bearer {TOKEN}"}).text
        file.write_text(f"{TOKEN[::-1]}\n")
        assert get(url, {"Authorization": f"Bearer {TOKEN}"}).status_code == 401
        assert get(url, {"Authorization": f"bearer {TOKEN[::-1]}"}).status_code == 200
        file.unlink()
        assert get(url, {"Authorization": f"Bearer {TOKEN[::-1]}"}).status_code == 401


@pytest.mark.parametrize(
    ("text", "parts"),
    [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:0", ("::1", 0)), ("npn.inside:1", ("npn.inside", 1))],
)
def test_an_address_is_host_and_port(text: str, parts: tuple[str, int]) -> None:
    assert address(text) == parts


@pytest.mark.parametrize(
    "text", ["9464", ":9464", "localhost", "localhost:", "::1:9464", "h:99999", "http://h:1", "h:1/", "h :1"]
)
def test_what_is_no_address_is_a_configuration_error_that_names_the_setting(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check(Settings(metrics_listen=text))
    assert refused.value.field == "metrics_listen"


@pytest.mark.parametrize("content", [None, "", "\n", "short\n", "\n" + TOKEN, "two words are no token"])
def test_a_token_that_can_not_be_used_is_a_configuration_error_that_names_the_setting(
    content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError) as refused:
        check(Settings(metrics_token_file=str(file)))
    assert refused.value.field == "metrics_token_file"
