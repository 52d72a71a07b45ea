"""What a vendor writes on the client that openapi-python-client makes; arguments: address, key."""

import sys
import uuid
from datetime import datetime

from npn_client import AuthenticatedClient
from npn_client.api.numbers import show_number
from npn_client.api.proof import show_receipt
from npn_client.api.series import draw, list_series
from npn_client.models import DrawRequest, NumberInformation, Problem, Series, SeriesPage
from npn_client.models.problem_code import ProblemCode


def main(url: str, key: str) -> None:
    """Draw, list, look up, fetch the receipt, and be refused."""
    client = AuthenticatedClient(base_url=url, token=key)
    series = draw.sync(client=client, body=DrawRequest(usable=5), idempotency_key=str(uuid.uuid4()))
    assert isinstance(series, Series), series
    drawn_at: datetime = series.drawn_at
    usable: int = series.usable
    page = list_series.sync(client=client, limit=5)
    assert isinstance(page, SeriesPage), page
    number = show_number.sync(series.last, client=client)
    assert isinstance(number, NumberInformation), number
    receipt = show_receipt.sync(series.id, client=client)
    assert isinstance(receipt, str), receipt
    refused = draw.sync(client=client, body=DrawRequest(usable=0), idempotency_key=str(uuid.uuid4()))
    assert isinstance(refused, Problem), refused
    code: ProblemCode = refused.code
    same = page.items[0].id == series.id
    print(usable, drawn_at.tzinfo is not None, same, number.usable, receipt.count("."), code.value)  # noqa: T201  # its output


main(*sys.argv[1:])
