"""What an address or a statement holds is not repeated in errors: they are shown, and logged."""

import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from npn.db import Database
from npn.errors import ConfigurationError
from npn.ledger.witness import open_witness
from npn.wiring.service import Service


@pytest.mark.parametrize(
    "address", ["postgresql//u:s3cret@h/db", "u:s3cret@h", "postgresql://u:s3cret@h:port/db", "mysql://u:s3cret@h/db"]
)
def test_a_database_address_that_is_wrong_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Database(address)
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_a_witness_address_that_is_wrong_is_refused_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_witness("postgresql://u:s3cret@h:port/db", database_path=None)
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_an_error_that_is_logged_whole_tells_no_parameters(service: Service) -> None:
    values = "VALUES (:digest, 'x', 'system', '2026-01-01 00:00:00Z')"
    statement = sa.text(f"INSERT INTO api_key (digest, holder, role, created_at) {values}")
    with pytest.raises(sa_exc.IntegrityError) as caught, service.database.write() as connection:
        connection.execute(statement, {"digest": "s3cret"})
    said = str(caught.value).partition("DETAIL")[0]  # PostgreSQL's own words quote the row; nothing of ours may
    assert "s3cret" not in said
