"""Every page of every role at a country's volume: quick, small, and asking the database no more than it shows.

The short form counts what the database is asked at twenty systems and at two hundred; the long one takes the time.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from npn.config import Settings
from npn.people.model import AccountRole
from postgres import Cluster
from running import running
from running_service import serving
from web.country import CountrySize, grow
from web.page_costs import Rows, costs, pages_of, processor_ms
from web.town import Browser, founded, town_of

FEW = CountrySize(systems=20, series=400, days=30, cases=20, emails=60, requests=4)
MANY = CountrySize(systems=200, series=16_000, days=30, cases=200, emails=600, requests=4)
MORE_STATEMENTS = 6  # what a page may ask more of ten times as much: a list that is read in blocks
ROWS_A_SYSTEM = 12  # what a page may read for each system; the reports of thirty days are more
SHORT = (None, AccountRole.OPERATOR, AccountRole.OWNER, AccountRole.GROUP)  # each of the ways in which systems are seen
ROUNDS = 2  # what the menu counts and the picture of the moment are made again now and then: the fewest count


@dataclass(frozen=True)
class Asked:
    """What one page asked of the database."""

    statements: int
    rows: int


def asked(folder: Path, size: CountrySize) -> dict[tuple[str, str], Asked]:
    """Return what each page asks of a database of a size, by path and role."""
    folder.mkdir()
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    founded(settings)
    grow(settings, size)
    counted = Rows()
    with counted.counting(), serving(settings) as server:
        town = town_of(server, settings)
        try:
            return {
                (path, role.value if role else "nobody"): fewest(counted, browser, address)
                for path, address, role, browser in pages_of(town, SHORT)
            }
        finally:
            town.connections.close()
            town.service.close()


def fewest(counted: Rows, browser: Browser, address: str) -> Asked:
    """Visit a page several times; return the least that it asked."""
    found = []
    for _ in range(ROUNDS):
        statements, rows = counted.statements, counted.rows
        browser.get(address)
        found.append(Asked(counted.statements - statements, counted.rows - rows))
    return Asked(min(each.statements for each in found), min(each.rows for each in found))


def test_no_page_asks_the_database_more_often_for_more_systems_or_reads_what_it_does_not_show(tmp_path: Path) -> None:
    few, many = asked(tmp_path / "few", FEW), asked(tmp_path / "many", MANY)
    assert few.keys() == many.keys()
    assert {role for _, role in few} == {"nobody" if role is None else role.value for role in SHORT}
    oftener = {
        key: (few[key], many[key]) for key in few if many[key].statements > few[key].statements + MORE_STATEMENTS
    }
    assert oftener == {}
    assert {key: each for key, each in many.items() if each.rows > ROWS_A_SYSTEM * MANY.systems} == {}


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_every_page_of_every_role_is_quick_and_small_with_a_country_behind_it(
    settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    founded(settings)
    grow(settings, CountrySize())
    is_sqlite = settings.database.startswith("sqlite")
    cluster: Cluster | None = None if is_sqlite else request.getfixturevalue("postgres")
    with running(settings, tmp_path) as server:
        town = town_of(server, settings)

        def spent() -> float:
            return processor_ms(server.process.pid, *(() if cluster is None else cluster.sessions()))

        found = costs(town, spent, rounds=5)
        town.connections.close()
        town.service.close()
    assert len(found) > 400
    assert [each for each in found if each.is_over] == []
