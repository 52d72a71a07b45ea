"""The pages of messages: what is shown, what can be downloaded, what is masked, and that nothing stays behind."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
from playwright.sync_api import Browser, Page

from chromium import CHROMIUM, chromium, violations
from house import House, populated
from npn.config import Settings
from npn.messages import read, write
from npn.messages.examples import example
from npn.messages.oioxml.vans import wrap
from running import running

ANSWER = write(example("XR0131K"), "edifact")
FAULTY = ANSWER.replace(b"UNT+", b"UNT+9")
CPR = re.compile(r"(?<!\d)\d{6}-?\d{4}(?!\d)")
KINDS = {
    "clinician": b"<!DOCTYPE html>",
    "citizen": b"<!DOCTYPE html>",
    "xml": b"<?xml",
    "edifact": b"UNA",
    "html": b"<!doctype html>",
    "pdf": b"%PDF-",
    "json": b"{",
    "csv": b"\xef\xbb\xbf",
    "junit": b"<?xml",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys = populated(settings)
    with running(settings, folder, toml={"trusted_proxies": ["127.0.0.1"]}) as server:
        yield House(server, settings, keys)
        for client in Visitor.opened:
            client.close()


class Visitor:
    """A browser without JavaScript, each at an address of its own, so that rates are its own too."""

    opened: ClassVar[list[httpx.Client]] = []

    def __init__(self, desk: House, language: str = "en") -> None:
        headers = {
            "Accept-Language": language,
            "Accept": "text/html",
            "X-Forwarded-For": f"127.0.1.{len(Visitor.opened)}",  # this machine has many addresses
        }
        self.client = httpx.Client(base_url=desk.server.url, headers=headers, timeout=30, trust_env=False)
        Visitor.opened.append(self.client)
        self.token = re.findall(r'name="token" value="([^"]+)"', self.client.get("/messages").text)[0]

    def read(self, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
        sent = [("files", file) for file in files]
        return self.client.post(
            "/messages", data={"token": self.token, "scheme": "npn10", **fields}, files=sent or [("files", ("", b""))]
        )

    def download(self, page: httpx.Response, what: str, **fields: str) -> httpx.Response:
        sealed = re.findall(r'name="file" value="([^"]+)"', page.text)[0]
        data = {"token": self.token, "scheme": "npn10", "file": sealed, "what": what, **fields}
        return self.client.post("/messages/download", data=data)


def test_findings_stand_beside_the_source_and_lead_to_it_and_back(desk: House) -> None:
    page = Visitor(desk).read(("sent.edi", FAULTY))
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "edifact.unt-count" in page.text
    targets = set(re.findall(r'href="#([^"]+)"', page.text))
    ids = re.findall(r'id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert targets <= set(ids)
    mark = re.search(r'class="mark error" href="#(f1-n\d+)"[^>]*>(9\d+)</a>', page.text)
    assert mark is not None
    back = re.search(rf'id="{mark[1]}".*?href="#(f1-l[\d-]+)"', page.text, re.DOTALL)
    assert back is not None
    assert mark.start() > page.text.index(f'id="{back[1]}"')


def test_several_files_and_what_was_pasted_are_shown_together(desk: House) -> None:
    page = Visitor(desk, "da").read(
        ("a.xml", write(example("XQ0131K"), "xml")),
        ("b.edi", FAULTY),
        ("../../c.txt", b"no message"),
        text=ANSWER.decode("latin-1"),
    )
    titles = re.findall(r'<h2 id="f\d-title"><span id="f\d-name">(.*?)</span>', page.text)
    assert titles == ["a.xml", "b.edi", "c.txt", "Indsat besked"]


def test_what_is_not_judged_is_said_so_and_an_envelope_is_shown(desk: House) -> None:
    assumed = write(example("XQ0131K"), "xml").replace(b"XQ0131K", b"XQ0132K")
    around = wrap(assumed, read(assumed), sender="5790000120284", receiver="5790000125012", endpoint_type="GLN")
    visitor = Visitor(desk, "da")
    page = visitor.read(("envelope.xml", around))
    assert "Ikke bedømt</span>" in page.text
    assert "fra 5790000120284 til 5790000125012" in page.text
    assert '"verdict": "not_judged"' in visitor.download(page, "json").text


def test_nothing_sent_is_said_and_a_wrong_option_stands_beside_its_field(desk: House) -> None:
    visitor = Visitor(desk)
    assert visitor.read().status_code == 422
    wrong = visitor.read(("a.edi", ANSWER), rules="no.such")
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text


def test_numbers_of_persons_are_masked_unless_they_are_asked_for(desk: House) -> None:
    visitor = Visitor(desk)
    number = (example("XR0131K").letters[0].root.value("Patient/CivilRegistrationNumber") or "")[:6]
    masked, whole = visitor.read(("a.edi", ANSWER)), visitor.read(("a.edi", ANSWER), show_persons="yes")
    assert f"{number}-****" in masked.text
    assert not [found for found in CPR.findall(masked.text) if found.startswith(number)]
    assert [found for found in CPR.findall(whole.text) if found.startswith(number)]
    page = visitor.download(masked, "clinician")
    assert not [found for found in CPR.findall(page.text) if found.startswith(number)]
    page = visitor.download(whole, "clinician", show_persons="yes")
    assert [found for found in CPR.findall(page.text) if found.startswith(number)]


@pytest.mark.parametrize("what", KINDS)
def test_everything_can_be_downloaded(desk: House, what: str) -> None:
    visitor = Visitor(desk)
    page = visitor.read(("sent file.edi", FAULTY))
    answer = visitor.download(page, what)
    assert answer.status_code == 200, answer.text[-400:]
    assert answer.content.startswith(KINDS[what])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith('attachment; filename="sent-file')


def test_a_file_that_was_changed_on_its_way_is_refused(desk: House) -> None:
    visitor = Visitor(desk)
    page = visitor.read(("a.edi", ANSWER))
    sealed = re.findall(r'name="file" value="([^"]+)"', page.text)[0]
    for field in (sealed[:-2], sealed.replace("a", "b"), "", "npn1.x.y"):
        data = {"token": visitor.token, "file": field, "what": "json", "scheme": "npn10"}
        assert visitor.client.post("/messages/download", data=data).status_code == 403


def test_a_large_file_is_shown_without_travelling_in_its_page(desk: House) -> None:
    page = Visitor(desk).read(("large.edi", ANSWER * 140))
    assert page.status_code == 200
    assert 'name="file"' not in page.text
    assert "512 KiB" in page.text
    assert len(page.content) < 1_500_000


def test_what_is_too_large_is_refused_with_its_limit(desk: House) -> None:
    answer = Visitor(desk).read(("large.edi", b"A" * (6 << 20)))
    assert answer.status_code == 413


def test_a_message_is_data(desk: House) -> None:
    evil = b"<script>window.evil=1</script>"
    page = Visitor(desk).read(('"><script>x</script>.edi', ANSWER.replace(b"Sundby", evil)))
    assert page.status_code == 200
    assert "<script>window" not in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert policy.count("'sha256-") == 1


def test_plain_http_from_elsewhere_is_refused_on_pages_and_over_rest(desk: House) -> None:
    elsewhere = {"X-Forwarded-For": "192.0.2.200", "X-Forwarded-Proto": "http", "Accept": "text/html"}
    page = httpx.get(f"{desk.server.url}/messages", headers=elsewhere, trust_env=False)
    assert page.status_code == 403
    head = {**elsewhere, "Accept": "*/*", "Content-Type": "application/edifact"}
    answer = httpx.post(f"{desk.server.url}/v1/messages/inspect", headers=head, content=ANSWER, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (403, "insecure_transport")


def test_the_thirty_first_of_a_minute_is_told_to_wait(desk: House) -> None:
    head = {"X-Forwarded-For": "192.0.2.201", "X-Forwarded-Proto": "https", "Content-Type": "application/edifact"}
    with httpx.Client(base_url=desk.server.url, headers=head, trust_env=False, timeout=30) as client:
        statuses = [client.post("/v1/messages/inspect", content=b"UNB+").status_code for _ in range(34)]
    assert 30 <= statuses.count(200) < 34
    assert statuses[-1] == 429


def test_where_messages_are_not_public_one_signs_in_first(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys = populated(settings)
    with running(settings, tmp_path, toml={"messages_public": False}) as server, server.client() as client:
        assert client.get("/messages").headers["location"].startswith("/sign-in")
        assert "/messages" not in client.get("/", headers={"Accept": "text/html"}).text
        head = {"Content-Type": "application/edifact"}
        assert client.post("/v1/messages/inspect", content=ANSWER, headers=head).status_code == 401
        head["Authorization"] = f"Bearer {keys['labka']}"
        assert client.post("/v1/messages/inspect", content=ANSWER, headers=head).status_code == 200


@pytest.mark.parametrize("rule", ["result.comma", "edifact.unt-count", "repeat.letter"])
def test_a_rule_has_its_page(desk: House, rule: str) -> None:
    page = Visitor(desk).client.get(f"/messages/rules/{rule}")
    assert page.status_code == 200
    assert rule in page.text
    for link in re.findall(r'href="(/messages/samples/[^"]+)"', page.text):
        sample = Visitor(desk).client.get(link)
        assert sample.status_code == 200
        assert f"/messages/rules/{rule}" in sample.text


def test_what_is_no_rule_and_no_sample_is_not_there(desk: House) -> None:
    visitor = Visitor(desk)
    assert visitor.client.get("/messages/rules/no.such").status_code == 404
    assert visitor.client.get("/messages/samples/no.such").status_code == 404


# in a browser ------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with chromium() as opened:
        yield opened


def opened(browser: Browser, desk: House, **more: object) -> Page:
    context = browser.new_context(base_url=desk.server.url, bypass_csp=True, **more)  # type: ignore[arg-type]  # passed on
    return context.new_page()


def test_a_bioanalyst_drops_a_file_and_goes_from_finding_to_source_and_back(browser: Browser, desk: House) -> None:
    page = opened(browser, desk, locale="da-DK")
    page.goto("/messages")
    page.set_input_files("#field-files", files=[{"name": "svar.edi", "mimeType": "", "buffer": FAULTY}])
    page.wait_for_selector(".desk")
    page.click("a.to-source >> nth=0")
    row = page.evaluate("document.activeElement.id")
    assert row.startswith("f1-l")
    page.click(f"#{row} a.mark.error")
    assert page.evaluate("document.activeElement.id").startswith("f1-n")
    for name in ("Kliniker", "Borger", "Andet format", "Numre"):
        page.get_by_role("tab", name=name).click()
        assert page.locator(".part:visible").count() == 1
        assert violations(page) == []
    page.context.close()


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_the_page_fits_every_screen_in_both_schemes_with_and_without_script(
    browser: Browser, desk: House, width: int
) -> None:
    for scheme, has_script in (("light", True), ("dark", False)):
        page = opened(browser, desk, color_scheme=scheme, locale="da-DK", java_script_enabled=has_script)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/messages/samples/faulty")
        box = page.locator("main").bounding_box()
        assert box is not None
        assert box["width"] <= width
        if has_script:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert violations(page) == []
        page.context.close()


def test_two_messages_are_compared_side_by_side(desk: House) -> None:
    visitor = Visitor(desk, "da")
    other = write(example("XR0131K"), "xml").replace(b"<Value>5.4<", b"<Value>5.5<")

    def compared(**sent: tuple[str, bytes]) -> httpx.Response:
        empty = {"first_file": ("", b""), "second_file": ("", b"")}
        return visitor.client.post("/messages/compare", data={"token": visitor.token}, files={**empty, **sent})

    page = compared(first_file=("før.edi", ANSWER), second_file=("efter.xml", other))
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "De er forskellige" in page.text
    assert "Resultat NPU03230 Kalium;P: Værdi" in page.text
    assert "5.5" in page.text
    assert "2512484916" not in page.text
    same = compared(first_file=("a.edi", ANSWER), second_file=("b.edi", ANSWER))
    assert "De stemmer overens" in same.text
    lone = compared(first_file=("a.edi", ANSWER))
    assert lone.status_code == 422
    assert "Fejl:" in lone.text


def test_a_requisition_and_its_answer_can_be_tried(desk: House) -> None:
    visitor = Visitor(desk)
    page = visitor.client.post("/messages/compare", data={"token": visitor.token, "sample": "yes"})
    assert page.status_code == 200
    assert "A requisition and its answer" in page.text


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_an_afternoon_of_a_bioanalyst(browser: Browser, desk: House, has_script: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    """Three files in Danish: what is wrong is found, read, kept as a report, and compared with what is right."""
    page = opened(browser, desk, locale="da-DK", java_script_enabled=has_script, accept_downloads=True)

    def is_sound() -> None:
        if has_script:
            assert violations(page) == []

    sent = {
        "svar-med-fejl.edi": FAULTY,
        "forkert-tegnsæt.edi": ANSWER.decode("iso-8859-1").encode("utf-8"),
        "kuvert.xml": wrap(ANSWER, read(ANSWER), sender="5790000120284", receiver="5790000125012", endpoint_type="GLN"),
    }
    page.goto("/")
    page.get_by_role("link", name="Beskeder").first.click()
    page.set_input_files(
        "#field-files",
        files=[{"name": name, "mimeType": "", "buffer": content} for name, content in sent.items()],
    )
    if not has_script:  # with it the files are read as soon as they are chosen
        page.get_by_role("button", name="Læs beskederne").click()
    page.wait_for_selector(".desk")
    assert page.locator(".desk h2").all_inner_texts() == [
        "svar-med-fejl.edi 1 fejl",
        "forkert-tegnsæt.edi 1 fejl",
        "kuvert.xml Ingen fejl",
    ]
    is_sound()
    first, second, third = (page.locator(f"#f{number}") for number in (1, 2, 3))
    assert "UTF-8" in second.locator(".findings").first.inner_text()
    assert "VANS-kuvert" in third.inner_text()
    page.locator("#f1 .findings a.to-source").first.click()
    row = first.locator(".findings a.to-source").first.get_attribute("href") or "-"
    if has_script:
        assert page.evaluate("document.activeElement.id") == row[1:]
        third.get_by_role("tab", name="Borger").click()
    else:
        assert page.url.endswith(row)
    frame = page.frame_locator("#f3-citizen iframe")
    assert "Kalium" in frame.locator("body").inner_text()
    numbers = page.locator("#f3-numbers")
    assert "1000000015" in (numbers.text_content() or "")
    with page.expect_download() as download:
        page.locator("section.downloads").first.get_by_role("button", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    assert "De stemmer overens" in compared_in(page, ANSWER, sent["kuvert.xml"])
    is_sound()
    page.context.close()


def compared_in(page: Page, first: bytes, second: bytes) -> str:
    """Compare two messages in the browser; give what is said."""
    page.goto("/messages/compare")
    for name, content in (("first", first), ("second", second)):
        file = {"name": f"{name}.edi", "mimeType": "", "buffer": content}
        page.set_input_files(f"#field-{name}_file", files=[file])
    page.get_by_role("button", name="Sammenlign", exact=True).click()
    return page.locator("main").inner_text()
