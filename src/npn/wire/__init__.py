"""The REST documents, shared by the service and its clients. Numbers are strings of digits; times are UTC."""

from npn.wire.documents import (
    DrawRequest,
    HistoryEntry,
    Me,
    NumberInformation,
    Problem,
    Quota,
    ReleaseRequest,
    Series,
    SeriesPage,
    Space,
    StockReport,
    Suggestion,
)

__all__ = [
    "DrawRequest",
    "HistoryEntry",
    "Me",
    "NumberInformation",
    "Problem",
    "Quota",
    "ReleaseRequest",
    "Series",
    "SeriesPage",
    "Space",
    "StockReport",
    "Suggestion",
]
