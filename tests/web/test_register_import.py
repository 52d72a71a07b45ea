"""MedCom's list is imported in the pages: what would change is shown, and what was shown is what is imported."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from npn.people.model import AccountRole
from npn.systems.register import COLUMNS, read_register, types_of
from npn.web.uploads import packed, read_multipart, unpacked
from web.conftest import town_in
from web.formfields import forms_of
from web.town import Browser, Town


@pytest.fixture
def own_town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path) as made:
        yield made


def listing(*systems: tuple[str, str]) -> str:
    rows = (f"{name},{vendor},Laboratoriesystemer,Svar,X01,Sende,Godkendt" for name, vendor in systems)
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


def uploaded(browser: Browser, data: bytes) -> httpx.Response:
    files = {"file": ("list.csv", data, "text/csv")}
    return browser.client.post("/import-systems", data={"token": browser.token(), "text": ""}, files=files)


def fields_of(page: httpx.Response) -> dict[str, str]:
    assert page.status_code in (200, 409), page.text
    return {name: value for name, value in forms_of(page.text)[-1].values.items() if name != "token" and value}


def differences(browser: Browser, page: httpx.Response, **more: str) -> httpx.Response:
    fields = {name: value for name, value in fields_of(page).items() if not name.startswith("type-")}
    return browser.post("/import-systems/differences", {**fields, "environment": "production", "type-0": "yes", **more})


def test_a_file_is_imported_after_its_differences_were_shown(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR)
    text = listing(("BCC Hjørring", "Systematic"), ("MADS", "Region Midt"))
    for data in (text.encode(), text.encode("utf-16"), b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()):
        page = uploaded(browser, data)
        assert "Laboratoriesystemer" in page.text
    shown = differences(browser, page)
    assert "BCC Hjørring" in shown.text
    assert {system.name for system in own_town.service.systems.list()} & {"BCC Hjørring", "MADS"} == set()
    done = browser.post("/import-systems/import", fields_of(shown))
    assert done.headers["Location"] == "/systems"
    assert {system.name for system in own_town.service.systems.list()} >= {"BCC Hjørring", "MADS"}
    again = differences(browser, uploaded(browser, listing(("MADS", "Region Midt")).encode()))
    assert "No longer on the list" in again.text


def test_a_change_in_between_is_said_and_nothing_is_imported(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR)
    pages = [uploaded(browser, listing(("MADS", "Region Midt"), ("Mirsk", name)).encode()) for name in ("Mirsk", "EG")]
    shown = [differences(browser, page) for page in pages]
    assert browser.post("/import-systems/import", fields_of(shown[0])).status_code == 303
    stale = browser.post("/import-systems/import", fields_of(shown[1]))
    assert stale.status_code == 409
    assert "Something changed since this was shown" in stale.text
    assert sum(system.name == "Mirsk" for system in own_town.service.systems.list()) == 1


def test_a_vendor_whose_name_is_near_is_asked_about(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR)
    shown = differences(browser, uploaded(browser, listing(("Labka Ny", "CSC Sundhed Danmark")).encode()))
    assert "The vendor CSC Sundhed Danmark is not known here" in shown.text
    answered = differences(browser, shown, **{"vendor-CSC Sundhed Danmark": "=CSC Sundhed"})
    assert browser.post("/import-systems/import", fields_of(answered)).status_code == 303
    assert own_town.service.systems.get("labka-ny").vendor == "CSC Sundhed"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name,vendor\nx,y\n", "Its first line is"),
        (listing(("MADS", "")).encode(), "Line 2 of the list"),
        (b"\xff\xfa\x00\x81\x9f", "not text in UTF-8"),
        (b"", "Choose a file"),
    ],
)
def test_what_is_not_the_list_is_said_beside_the_form(own_town: Town, data: bytes, said: str) -> None:
    answer = uploaded(own_town.browser(AccountRole.OPERATOR), data)
    assert answer.status_code == 422
    assert said in answer.text


def test_only_operators_import_and_only_from_a_form_of_ours(own_town: Town) -> None:
    assert uploaded(own_town.browser(AccountRole.OWNER), listing(("A", "B")).encode()).status_code == 403
    browser = own_town.browser(AccountRole.OPERATOR)
    files = {"file": ("list.csv", listing(("A", "B")).encode(), "text/csv")}
    assert browser.client.post("/import-systems", data={"token": "0" * 64}, files=files).status_code == 403
    assert browser.client.post("/add-system", data={"token": browser.token()}, files=files).status_code == 403
    assert browser.post("/import-systems/import", {"list": "AAAA", "environment": "test"}).status_code == 422
    large = {"file": ("list.csv", b"x" * 5_000_000, "text/csv")}
    assert browser.client.post("/import-systems", data={"token": browser.token()}, files=large).status_code == 413


def test_a_text_goes_along_whole_and_a_bomb_does_not() -> None:
    text = listing(*((f"System {number} æøå", "V") for number in range(2000)))
    assert unpacked(packed(text)) == text
    assert unpacked(packed("x" * 5_000_000)) is None
    for broken in ("", "AAAA", "æ", packed(text)[:-8]):
        assert unpacked(broken) is None
    assert read_multipart(b"--x\r\nnonsense", "multipart/form-data; boundary=x") is None
    assert read_multipart(b"", "multipart/form-data") is None


def test_the_public_list_is_imported_whole(own_town: Town, shared: Path) -> None:
    data = (shared / "data/register/approved_systems.csv").read_bytes()
    browser = own_town.browser(AccountRole.OPERATOR)
    names = list(types_of(read_register(data.decode())))
    page = uploaded(browser, data)
    assert len(page.content) < 150_000
    number = names.index("Laboratoriesystemer")
    fields = {name: value for name, value in fields_of(page).items() if not name.startswith("type-")}
    fields |= {"environment": "production", f"type-{number}": "yes"}
    shown = browser.post("/import-systems/differences", fields)
    before = len(own_town.service.systems.list())
    assert browser.post("/import-systems/import", fields_of(shown)).status_code == 303
    assert len(own_town.service.systems.list()) > before + 10
