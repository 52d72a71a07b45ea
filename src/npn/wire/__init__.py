"""The REST documents, shared by the service and its clients. Numbers are strings of digits; times are UTC."""

from npn.wire.documents import (
    DrawRequest,
    HistoryEntry,
    Me,
    NumberInformation,
    Pool,
    PoolList,
    Problem,
    Quota,
    ReleaseRequest,
    Series,
    SeriesPage,
    Space,
    StockReport,
    Suggestion,
    SuspectSeries,
)

__all__ = [
    "DrawRequest",
    "HistoryEntry",
    "Me",
    "NumberInformation",
    "Pool",
    "PoolList",
    "Problem",
    "Quota",
    "ReleaseRequest",
    "Series",
    "SeriesPage",
    "Space",
    "StockReport",
    "Suggestion",
    "SuspectSeries",
]
