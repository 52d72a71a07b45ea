"""Whoever signs in on the way to a page gets there, with all of its address, and never to another site."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from npn.people import passwords, totp
from npn.people.model import AccountRole
from npn.web.addresses import MAX_BACK_CHARACTERS, here, local
from web.conftest import town_in
from web.formfields import forms_of
from web.town import Browser, Town

PASSWORD = "syv små kaniner på en sti"  # noqa: S105  # nobody's
DEEP = "/stock?rule=red&page=2"


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("linked")) as made:
        hashed = passwords.hashed(PASSWORD)
        for account in made.accounts.values():
            made.service.accounts.set_password(account.id, password=hashed, by="admin:t")
        yield made


def next_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["next"][0]


def sent(browser: Browser, path: str, action: str, **values: str) -> str:
    """Send the form of a page with all that it carries; return where it leads."""
    form = next(form for form in forms_of(browser.get(path).text) if form.action == action)
    answer = browser.client.post(action, data={**form.values, **values})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize(
    "address",
    [
        "/lookup?number=1339463649",
        "/stock?rule=red&page=2",
        "/systems?q=labka+%C3%A6%26",
        "/cases?show=all#",
        "/systems/labka-nord?x=%2F%2Fevil.example",
    ],
)
def test_the_way_to_the_sign_in_keeps_the_address_and_its_query(linked: Town, address: str) -> None:
    answer = linked.browser(None).get(address)
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == "/sign-in"
    assert next_of(answer.headers["Location"]) == address.removesuffix("#")


def test_the_password_alone_leads_on_to_the_address(linked: Town) -> None:
    browser = linked.browser(None)
    sign_in = browser.get(DEEP).headers["Location"]
    assert sent(browser, sign_in, "/sign-in", email="owner@example.dk", password=PASSWORD) == DEEP
    assert browser.get(DEEP).status_code == 200


def test_a_wrong_password_and_the_second_factor_keep_the_address(linked: Town) -> None:
    account, secret = linked.accounts[AccountRole.REGION], totp.make_secret()
    linked.service.accounts.set_second_factor(account.id, secret=secret, step=0, by=account.by)
    browser = linked.browser(None)
    (form,) = (f for f in forms_of(browser.get(browser.get(DEEP).headers["Location"]).text) if f.action == "/sign-in")
    wrong = browser.client.post("/sign-in", data={**form.values, "email": account.email, "password": "forkert ord"})
    (again,) = (f for f in forms_of(wrong.text) if f.action == "/sign-in")
    right = browser.client.post("/sign-in", data={**again.values, "email": account.email, "password": PASSWORD})
    code_page = right.headers["Location"]
    assert urlsplit(code_page).path == "/sign-in/code"
    assert next_of(code_page) == DEEP
    code = totp.code_at(secret, int(time.time()) // totp.PERIOD)
    assert sent(browser, code_page, "/sign-in/code", code=code) == DEEP


def test_setting_up_the_second_factor_leads_on_to_the_address(linked: Town) -> None:
    browser = linked.browser(None)
    sign_in = browser.get(DEEP).headers["Location"]
    set_up = sent(browser, sign_in, "/sign-in", email="operator@example.dk", password=PASSWORD)
    assert (urlsplit(set_up).path, next_of(set_up)) == ("/second-factor", DEEP)
    (form,) = (form for form in forms_of(browser.get(set_up).text) if form.action == "/second-factor")
    code = totp.code_at(form.values["secret"], int(time.time()) // totp.PERIOD)
    codes = browser.client.post("/second-factor", data={**form.values, "code": code})
    assert codes.status_code == 200
    assert f'href="{DEEP.replace("&", "&amp;")}"' in codes.text


def test_the_sign_in_by_a_provider_is_offered_with_the_address(tmp_path: Path) -> None:
    toml = {"openid_issuer": "http://127.0.0.1:9", "openid_client_id": "npn", "openid_client_secret": "x"}
    with town_in(tmp_path, toml=toml) as town:
        browser = town.browser(None)
        page = browser.get(browser.get("/lookup?number=12&x=%26").headers["Location"]).text
    assert 'href="/sign-in/openid?next=/lookup%3Fnumber%3D12%26x%3D%2526"' in page


ELSEWHERE = [
    "//evil.example",
    "//evil.example/%2e%2e",
    "https://evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/%0d%0aSet-Cookie:x\r\nLocation:x",
    " //evil.example",
    "javascript:alert(1)",
    "/ævil",
    "x" * 10,
    "/" + "x" * MAX_BACK_CHARACTERS,
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_led_to_another_site(linked: Town, address: str) -> None:
    browser = linked.browser(None)
    page = browser.get("/sign-in", params={"next": address}).text
    (form,) = (form for form in forms_of(page) if form.action == "/sign-in")
    assert form.values["next"] == ""
    values = {**form.values, "next": address, "email": "vendor@example.dk", "password": PASSWORD}
    assert browser.client.post("/sign-in", data=values).headers["Location"] == "/overview"


def test_an_address_is_written_as_a_header_takes_it() -> None:
    assert here({"path": "/systems/æ ø", "query_string": b"q=\xe6\xf8&x=<b>%3C"}) == (
        "/systems/%C3%A6%20%C3%B8?q=%E6%F8&x=%3Cb%3E%3C"
    )
    assert here({"path": "/stock", "query_string": b"q=" + b"x" * 2000}) == "/stock"
    assert local("/stock?q=%C3%A6", "") == "/stock?q=%C3%A6"
