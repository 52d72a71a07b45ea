"""A country's worth of installations: the matrix is made in time, and a large list imported."""

import json
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.standards.lists import FIRST, SENDS_OLD, TAKES_NEW, Listed, take

from npn.standards import tables
from npn.wiring.service import Service

STANDARDS = 20


def fill(service: Service, installations: int, each: int) -> None:
    """Make installations of fifty products, each with capabilities of several standards."""
    take(service, [Listed(f"Product {n}", f"Vendor {n % 9}", cells=(SENDS_OLD, TAKES_NEW)) for n in range(50)])
    with service.database.write() as connection:
        connection.execute(
            sa.insert(tables.standard), [{"code": f"DOC{n}", "name": f"Document {n}"} for n in range(STANDARDS)]
        )
        connection.execute(
            sa.insert(tables.installation),
            [{"id": f"i{n}", "product_id": f"product-{n % 50}", "sor_unit": ""} for n in range(installations)],
        )
        connection.execute(
            sa.insert(tables.capability),
            [
                {
                    "number": n,
                    "installation_id": f"i{n % installations}",
                    "standard": f"DOC{(n // installations) % STANDARDS}",
                    "version": "1.0",
                    "direction": "receive",
                    "state": "yes",
                    "features": json.dumps({"max_results": str(n % 60)}),
                    "kind": "attested",
                    "note": "",
                    "said_by": "Region Nord",
                    "by_operator": True,
                    "recorded_on": FIRST,
                    "since": FIRST,
                }
                for n in range(installations * each)
            ],
        )


def quickest(work: object, times: int = 3) -> float:
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        work()  # type: ignore[operator]
        durations.append(time.perf_counter() - start)
    return min(durations)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_matrix_of_a_thousand_installations_is_made_in_time(service: Service) -> None:
    fill(service, 1_000, 10)
    assert len(service.standards.matrix("DOC3")) == 1_000
    assert quickest(lambda: service.standards.matrix("DOC3")) < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_matrix_of_ten_thousand_installations_and_import_of_a_large_list_are_made_in_time(service: Service) -> None:
    fill(service, 10_000, 10)
    assert len(service.standards.matrix("DOC3")) == 10_000
    assert quickest(lambda: service.standards.matrix("DOC3")) < 0.3

    cells = [(f"RPT02 (V{n})", "Sende", "Godkendt") for n in range(17)]
    large = [Listed(f"Large {n}", f"Vendor {n % 92}", cells=cells) for n in range(180)]
    start = time.perf_counter()
    assert take(service, large, days=1).figures.rows == 3_060
    assert time.perf_counter() - start < 5
    assert take(service, large, days=2).as_of == FIRST + timedelta(2)
