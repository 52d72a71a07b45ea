"""`npn message view` and the rules of `npn message validate`, as a user calls them."""

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from npn.cli import cli
from npn.cli.errors import exit_status
from npn.cli.messages.rules import check_of
from npn.errors import ConfigurationError, InvalidInputError, RefusedError
from npn.messages.examples import example
from npn.messages.examples.samples import changed
from npn.messages.oioxml.writing import write


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    path = tmp_path / "answer.xml"
    path.write_bytes(write(changed("XR0131K", {"LaboratoryResults/Result/Value": "3,10"})))
    return path


def run(*arguments: object) -> tuple[int, str]:
    made = CliRunner().invoke(cli, ["message", *map(str, arguments)], standalone_mode=False)
    if made.exception:
        raise made.exception
    return made.return_value or 0, made.stdout


def test_a_page_is_written_to_the_file(answer: Path, tmp_path: Path) -> None:
    status, _ = run("view", answer, "--for", "citizen", "--lang", "en", "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert status == 0
    assert page.startswith("<!DOCTYPE html>")
    assert "View for citizens" in page


def test_a_page_goes_to_standard_output(answer: Path) -> None:
    status, page = run("view", answer, "--for", "clinician")
    assert status == 0
    assert "251248-4916" in page


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        run("view", tmp_path, "--for", "clinician")
    assert caught.value.field == "FILE"


def test_a_folder_becomes_a_folder_of_pages(answer: Path, tmp_path: Path) -> None:
    (answer.parent / "below").mkdir()
    (answer.parent / "below" / "second.xml").write_bytes(answer.read_bytes())
    status, _ = run("view", tmp_path, "--for", "citizen", "-o", tmp_path / "pages")
    assert status == 0
    pages = sorted(str(path.relative_to(tmp_path / "pages")) for path in (tmp_path / "pages").rglob("*.html"))
    assert pages == ["answer.html", "below/second.html"]


def test_a_page_that_can_not_be_written_is_a_clear_error(answer: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        run("view", answer, "--for", "clinician", "-o", tmp_path / "no" / "page.html")
    assert caught.value.field == "-o"


def test_what_is_no_message_gives_a_page_and_status_1(tmp_path: Path) -> None:
    (tmp_path / "no.xml").write_bytes(b"<nothing")
    assert run("view", tmp_path / "no.xml", "--for", "clinician")[0] == 1


def test_rules_are_part_of_validation(answer: Path) -> None:
    status, out = run("validate", answer, "--json", "--rules", "result.comma")
    (finding,) = json.loads(out)["findings"]
    assert (status, finding["rule"], finding["severity"]) == (1, "result.comma", "error")
    assert run("validate", answer, "--rules", "cpr")[0] == 0


def test_the_receivers_limit_is_a_parameter(answer: Path) -> None:
    assert run("validate", answer, "--rules", "result.too-many", "--limit", "2")[0] == 1
    assert run("validate", answer, "--rules", "result.too-many", "--limit", "3")[0] == 0


def test_a_rule_that_could_not_run_is_no_approval(answer: Path) -> None:
    status, out = run("validate", answer, "--rules", "result.too-many")
    assert status == 1
    assert "nothing-checked" in out


def test_the_service_must_be_named(answer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NPN_URL", raising=False)
    with pytest.raises(ConfigurationError) as caught:
        run("validate", answer, "--service")
    assert caught.value.field == "NPN_URL"


def test_a_sound_answer_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "sound.xml"
    path.write_bytes(write(example("XR0131K")))
    assert run("validate", path)[0] == 0


@pytest.mark.parametrize("call", [("view", "--for", "citizen"), ("inspect",), ("inspect", "--json")])
@pytest.mark.parametrize("data", [b"Kaere laboratorium", b"<nothing"])
def test_an_unreadable_file_is_told_why(tmp_path: Path, call: tuple[str, ...], data: bytes) -> None:
    (tmp_path / "no").write_bytes(data)
    made = CliRunner().invoke(cli, ["message", call[0], str(tmp_path / "no"), *call[1:]], standalone_mode=False)
    assert made.return_value == 1
    assert "no:1:" in made.stderr
    assert ": error: " in made.stderr


@pytest.mark.parametrize("many", [False, True], ids=["a file", "a folder"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_the_service_refuses_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, *, many: bool
) -> None:
    problem = {"type": "about:blank", "title": "No", "status": status, "detail": "the key is unknown", "code": "no_key"}

    def refused(self: httpx.Client, method: str, path: str, **_: object) -> httpx.Response:
        del self
        return httpx.Response(status, json=problem, request=httpx.Request(method, f"http://npn.test{path}"))

    monkeypatch.setattr(httpx.Client, "request", refused)
    monkeypatch.setenv("NPN_URL", "http://npn.test")
    monkeypatch.setenv("NPN_KEY", f"npn_lab_secret{status}")
    check_of.cache_clear()
    path = tmp_path / "requisition.xml"
    path.write_bytes(write(changed("XQ0131K", {})))
    named = str(tmp_path if many else path)
    made = CliRunner().invoke(cli, ["message", "validate", named, "--service"], standalone_mode=False)
    check_of.cache_clear()
    assert isinstance(made.exception, RefusedError)
    assert exit_status(made.exception) == 3
    assert not made.stdout
