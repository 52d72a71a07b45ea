"""Looking changes nothing: every GET of the route table, as everybody, leaves the database as it is."""

import hashlib
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from npn.people.model import AccountRole
from npn.web import pages
from npn.web.routes import TABLE
from web.conftest import town_in
from web.town import Town

# What counts calls and visits, and says nothing of what anybody wanted: written later, by whoever writes next.
COUNTS = {"call_day", "refused_calls", "pool", "task_open", "task_history"}
NOT_COMPARED = {"person_session": {"seen_at"}, "api_key": {"last_used_at"}}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("quiet")) as made:
        yield made


def content(town: Town) -> dict[str, str]:
    """Return a digest of every table."""
    tables = sa.MetaData()
    found = {}
    with town.service.database.read() as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name == "ledger_head":  # what the witness confirmed is written by itself; the ledger is compared
                continue
            left_out = NOT_COMPARED.get(table.name, set())
            columns = [column for column in table.columns if column.name not in left_out]
            rows = sorted(repr(tuple(row)) for row in connection.execute(sa.select(*columns)))
            if table.name not in COUNTS:
                found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def test_no_get_changes_the_database(quiet: Town) -> None:
    pages.load()
    gets = sorted(path for method, path in TABLE if method == "GET")
    assert len(gets) > 60
    addresses = {path: quiet.address(path) for path in gets}  # which makes what the addresses name
    browsers = {role: quiet.browser(role) for role in (None, *AccountRole)}
    before = content(quiet)
    changed = {}
    for path, address in addresses.items():
        for browser in browsers.values():
            browser.get(f"{address}?bind=yes&link=x&next=/&code=x&state=x&back=/")
        after = content(quiet)
        differing = [name for name in after if after[name] != before[name]]
        if differing:
            changed[path] = differing
        before = after
    assert changed == {}
