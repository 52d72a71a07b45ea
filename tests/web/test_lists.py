"""Lists: every one is sorted by every column, narrowed, paged, and given as a file that a spreadsheet opens."""

import csv
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import httpx
import pytest

from npn.config import Settings
from npn.people.model import AccountRole
from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw
from npn.systems.model import Environment
from npn.web import pages
from npn.web.lists.arranging import arranged
from npn.web.lists.file import blocks, plain
from npn.web.lists.html import ListVisitor, table_of
from npn.web.lists.model import Column, Kind, ListDefinition, query_of
from npn.web.routes import TABLE
from npn.web.texts import _, texts
from npn.wiring.assembly import build
from running import running
from web.town import Town, founded, town_of

pages.load()
PATHS = {path for method, path in TABLE if method == "GET"}
FILES = sorted(p for p in PATHS if p.endswith(".csv") and p.removesuffix(".csv") in PATHS - {"/ledger"})
NAMES = ("Ålborg Lab", "Hjørring Lab", "=1+1", "Labka 10", "Labka 9", "Æbeltoft", "Zealand", "Ödeshög")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with names that are hard to sort."""
    folder = tmp_path_factory.mktemp("lists")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    founded(settings)
    service = build(settings)
    for name in NAMES:
        service.systems.add(by="admin:t", name=name, vendor="V", owner="O", environment=Environment.TEST)
    service.close()
    with running(settings, folder) as server:
        town = town_of(server, settings)
        yield town
        town.connections.close()
        town.service.close()


def rows(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_the_lists_are_those_of_the_pages() -> None:
    assert {path.removesuffix(".csv") for path in FILES} >= {
        "/accounts", "/agreements", "/agreements/proposals", "/cases", "/contacts", "/mail", "/organisations",
        "/released", "/requests", "/stock", "/systems", "/systems/{system}/series", "/transport",
        "/transport/certificates", "/units",
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("language", ["da", "en"])
def test_a_list_is_sorted_by_each_column_both_ways_and_its_file_follows(full: Town, path: str, language: str) -> None:
    browser = full.browser(AccountRole.OPERATOR, language=language)
    address = full.address(path.removesuffix(".csv"))
    page = browser.get(address).text
    links = [link.replace("&amp;", "&") for link in re.findall(r'class="sort" href="([^"]+)"', page)]
    if not links:
        assert len(rows(browser.get(f"{address}.csv"))) == 1  # an empty list: the file has headings alone
        return
    assert len(links) == len(set(links)) > 2
    for link in links:
        shown = browser.get(link).text
        assert shown.count("aria-sort=") <= 1
        assert shown.count('aria-sort="ascending"') == 1 or "aria-sort" in page
        back = re.search(r'class="sort" href="([^"]+)">[^<]*<span class="sort-ascending"', shown)
        if back is not None:
            assert 'aria-sort="descending"' in browser.get(back[1].replace("&amp;", "&")).text
        file = re.search(r'href="([^"]+)" download>', shown)
        assert file is not None
        assert len(rows(browser.get(file[1].replace("&amp;", "&")))) > 1


def test_names_stand_in_danish_order_and_unknown_figures_last(full: Town) -> None:
    browser = full.browser(AccountRole.OPERATOR, language="da")
    names = [row[0].removeprefix("'") for row in rows(browser.get("/systems.csv?environment=test&sort=name"))[1:]]
    assert names == [
        "=1+1", "Hjørring Lab", "Labka 9", "Labka 10", "Labka Nord Test", "Zealand", "Æbeltoft", "Ödeshög",
        "Ålborg Lab",
    ]  # fmt: skip
    backwards = [row[0].removeprefix("'") for row in rows(browser.get("/systems.csv?environment=test&sort=-name"))[1:]]
    assert backwards == names[::-1]


def test_a_search_folds_and_a_filter_narrows_page_and_file_alike(full: Town) -> None:
    browser = full.browser(AccountRole.OPERATOR)
    page = browser.get("/systems?q=hjorring+lab").text
    assert "Hjørring Lab" in page
    assert "Zealand" not in page
    assert "1 of 11" in page
    assert [row[0] for row in rows(browser.get("/systems.csv?q=HJOERRING"))[1:]] == ["Hjørring Lab"]
    nothing = browser.get("/systems?q=zzz").text
    assert "No system fits the search." in nothing
    assert "<table" not in nothing
    assert (
        "Ingen systemer i denne gruppe."
        in full.browser(AccountRole.OPERATOR, language="da").get("/stock?rule=amber").text
    )


def test_a_formula_in_a_name_is_harmless_in_the_file(full: Town) -> None:
    cells = [cell for row in rows(full.browser(AccountRole.OPERATOR).get("/systems.csv")) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t")]


def test_the_file_has_what_its_visitor_may_see_and_no_more(full: Town) -> None:
    own = rows(full.browser(AccountRole.OWNER).get("/systems.csv"))
    assert {row[0] for row in own[1:]} == {"Labka Nord", "Labka Nord Test"}
    assert full.browser(AccountRole.OWNER).get("/accounts.csv").status_code == 403
    assert full.browser(AccountRole.OWNER).get(f"/systems/{full.foreign}/series.csv").status_code == 404


@dataclass(frozen=True)
class Thing:
    name: str
    figure: int | None
    day: date


THINGS = ListDefinition[Thing](
    name="things",
    path="/things",
    caption=_("Systems"),
    columns=(
        Column[Thing]("name", _("Name"), lambda row: row.name),
        Column[Thing]("figure", _("Numbers"), lambda row: row.figure, kind=Kind.NUMBER),
        Column[Thing]("day", _("Day"), lambda row: row.day, kind=Kind.DAY),
    ),
    empty=_("There are no systems yet."),
    none_left=_("No system fits the search."),
    order="name",
)


def things(count: int) -> list[Thing]:
    return [Thing(f"Sygehus {n % 97} æøå", None if n % 10 == 0 else n % 7, date(2026, 1, 1)) for n in range(count)]


def test_what_is_unknown_comes_last_in_both_directions_and_equals_keep_their_order() -> None:
    for order, wanted in (("figure", [0, 1, 2, 3, 4, 5, 6]), ("-figure", [6, 5, 4, 3, 2, 1, 0])):
        query = query_of(THINGS, {"sort": order})
        found = arranged(texts("da"), THINGS, things(200), query=query, person=None)
        figures = [thing.figure for thing in found]
        assert list(dict.fromkeys(figures)) == [*wanted, None]
        same = [thing.name for thing in found if thing.figure == 3]
        names = arranged(texts("da"), THINGS, things(200), query=query_of(THINGS, {}), person=None)
        assert same == [thing.name for thing in names if thing.figure == 3]


def test_organisations_are_a_list_like_the_others(full: Town) -> None:
    browser = full.browser(AccountRole.OPERATOR, language="da")
    owners = rows(browser.get("/organisations.csv?kind=owner&sort=-systems"))
    assert owners[0] == ["Navn", "Id", "Art", "Tilstand", "Region", "Systemer"]
    assert [row[0] for row in owners[1:3]] == ["O", "Nordsygehuset"]
    assert owners[2][4:] == ["Region Nord", "2"]
    page = browser.get("/organisations?q=nordsygehuset").text
    assert "Region Nord" in page
    assert "Fremmedsygehuset" not in page
    assert "Gem søgningen" in page
    assert full.browser(AccountRole.OWNER).get("/organisations.csv").status_code == 403


def test_series_are_searched_page_by_page_and_in_the_file(full: Town) -> None:
    service, system = full.service, "labka-nord"
    for n in range(60):
        wish = Draw(system, "", f"many-{n:03}", n % 7 + 1, None, None, f"p{n % 5}", by="account:t")
        assert isinstance(service.registry.draw([wish])[0], GrantedSeries)
    browser = full.browser(AccountRole.OPERATOR)
    every = rows(browser.get(f"/systems/{system}/series.csv"))
    assert len(every) == 62
    found = rows(browser.get(f"/systems/{system}/series.csv?q=many-04&state=granted&sort=drawn"))
    assert [row[-1] for row in found[1:]] == [f"many-{n:03}" for n in range(40, 50)]
    page = browser.get(f"/systems/{system}/series?size=25&page=9").text
    assert "Page 3 of 3, 61 in all" in page
    searched = browser.get(f"/systems/{system}/series?q=p4&size=25&page=7").text
    assert "12 of 61" in searched
    assert searched.count('<th scope="row">') == 12


def test_an_address_with_nonsense_is_as_if_it_were_not_said() -> None:
    nonsense = {"sort": "--name", "size": "7", "page": "-3", "q": " " * 500, "more": "x"}
    assert query_of(THINGS, nonsense) == query_of(THINGS, {})
    assert query_of(THINGS, {"page": "99999999999999"}).page == 1


def test_five_thousand_rows_are_quick_and_each_is_on_a_page() -> None:
    many = things(5000)
    visitor = ListVisitor(texts("da"), None, "", "/things")
    seen = 0
    page, pages = 1, 1
    while page <= pages:
        query = query_of(THINGS, {"sort": "-figure", "size": "200", "page": str(page), "q": "sygehus aeoa"})
        table = table_of(THINGS, many, query=query, visitor=visitor)
        seen, pages, page = seen + len(table.rows), table.part.pages, page + 1
    assert seen == 5000
    took = []
    for _run in range(5):
        began = time.process_time()
        table_of(THINGS, many, query=query_of(THINGS, {"sort": "-figure", "q": "sygehus"}), visitor=visitor)
        took.append(time.process_time() - began)
    assert min(took) < 0.1


@pytest.mark.parametrize(
    ("value", "kind", "danish", "english"),
    [
        (1234567.25, Kind.DECIMAL, "1234567,2", "1234567.2"),
        (-1234567, Kind.NUMBER, "-1234567", "-1234567"),
        (None, Kind.NUMBER, "", ""),
        (datetime(2026, 11, 30, 23, 30, tzinfo=UTC), Kind.TIME, "2026-12-01 00:30", "2026-12-01 00:30"),
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), Kind.DAY, "2026-07-01", "2026-07-01"),
        (date(2027, 9, 1), Kind.DAY, "2027-09-01", "2027-09-01"),
        ("+45 12345678", Kind.TEXT, "'+45 12345678", "'+45 12345678"),
        (" =HYPERLINK()", Kind.TEXT, "' =HYPERLINK()", "' =HYPERLINK()"),
        ("-", Kind.TEXT, "'-", "'-"),
        ("Køge; Lab", Kind.TEXT, "Køge; Lab", "Køge; Lab"),
    ],
)
def test_a_cell_of_the_file_is_as_a_spreadsheet_reads_it(value: object, kind: Kind, danish: str, english: str) -> None:
    assert plain(texts("da"), value, kind) == danish  # type: ignore[arg-type]  # of the table above
    assert plain(texts("en"), value, kind) == english  # type: ignore[arg-type]  # of the table above


def test_the_file_is_made_block_by_block() -> None:
    made = list(blocks(texts("da"), THINGS.columns, things(1201)))
    assert len(made) == 1 + 3
    assert len(list(csv.reader(io.StringIO(b"".join(made).decode("utf-8-sig")), delimiter=";"))) == 1202
