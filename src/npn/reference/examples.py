"""The examples of the documentation: wire documents that the service could have written."""

from datetime import UTC, datetime

import msgspec

from npn import wire

_DRAWN = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)

SERIES = wire.Series(
    id="s0123456789abcdef0123",
    space="production",
    first="1000000000",
    last="1000009999",
    size=10000,
    usable=909,
    state="granted",
    released_from=None,
    drawn_at=_DRAWN,
    system="labka-ii",
    purpose="stock for the night",
    request_id="8d8ac610-566d-4ef0-9c22-186b2a5ed793",
    receipt="/v1/receipts/s0123456789abcdef0123",
)
RELEASED = msgspec.structs.replace(SERIES, state="partly_released", released_from="1000005000")
PAGE = wire.SeriesPage(items=[SERIES], next="412")
CSV = "series,space,first,last,size,usable\r\ns0123456789abcdef0123,production,1000000000,1000009999,10000,909\r\n"
NUMBER = wire.NumberInformation(
    number="1000000051",
    state="granted",
    usable=False,
    space="production",
    series=SERIES.id,
    system="labka-ii",
    drawn_at=_DRAWN,
    history=[wire.HistoryEntry(at=_DRAWN, event="granted", series=SERIES.id, system="labka-ii")],
    suggestions=[wire.Suggestion(number="1000000015", mistake="swap", state="granted")],
)
STOCK = wire.StockReport(free=84000, used_per_day=455.5, as_of=datetime(2026, 1, 31, 12, tzinfo=UTC))
ME = wire.Me(
    system="labka-ii",
    name="LABKA II",
    role="system",
    environment="production",
    state="active",
    spaces=[
        wire.Space(
            name="production",
            environment="production",
            length=10,
            weights=[4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
            modulus=11,
            remainder=0,
            first="1000000000",
            last="8999999999",
        )
    ],
    quota=wire.Quota(smallest_draw=1, largest_draw=10_000_000, numbers=None, days=None, used=0),
    stock=STOCK,
    cover_days=184.4,
    notices=[],
    deadlines=[],
    space="production",
)
SPACES = wire.SpaceList(
    items=[
        wire.PublicSpace(
            name="production",
            environment="production",
            default=True,
            open=True,
            scheme=wire.SpaceScheme(
                name="npn10", length=10, weights=[4, 3, 2, 7, 6, 5, 4, 3, 2, 1], modulus=11, remainder=0
            ),
            first="1000000000",
            last="8999999999",
        )
    ]
)
POOLS = wire.PoolList(
    items=[
        wire.Pool(
            id="5f1c9ab0",
            system="labka-ii",
            state="contested",
            first_at=datetime(2026, 1, 1, 7, tzinfo=UTC),
            contact_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
            contested_at=datetime(2026, 1, 31, 13, tzinfo=UTC),
            suspects=[
                wire.SuspectSeries(
                    series="s0123456789abcdef0123", space="production", first="1000000000", last="1000009999"
                )
            ],
        )
    ]
)
RECEIPT = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6IuKApiJ9.eyJzZXJpZXMiOiJzMDEyMzQ1Njc4OWFiY2RlZjAxMjMiLCAi4oCmIjogIuKApiJ9.c2lnbmF0dXJl"
)
KEYS = {"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "W1Zw0Fbq…", "x": "vLsBytyD…"}]}
