"""Times in DGWS headers: xs:dateTime in Zulu, nothing else (DGWS 1.0.1)."""

import re
from datetime import UTC, datetime

from npn.errors import FaultCode
from npn.instants import rfc3339_seconds
from npn.soap.faults import DgwsError

_DATETIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?\Z", re.ASCII)


def read_time(text: str, name: str) -> datetime:
    """Read a time. Raises DgwsError `syntax_error`, or `invalid_date_timezone` where it is not Zulu."""
    match = _DATETIME.match(text)
    if match is None:
        raise DgwsError(f"{name} is no time", FaultCode.SYNTAX_ERROR, field=name, hint="write 2026-01-31T12:00:00Z")
    if match[8] != "Z":
        raise DgwsError(
            f"{name} is not in Zulu time",
            FaultCode.INVALID_DATE_TIMEZONE,
            field=name,
            hint="write it in UTC, ending with Z: 2026-01-31T12:00:00Z",
        )
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    micro = int((match[7] or "0").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    except ValueError as error:
        raise DgwsError(f"{name} is no time", FaultCode.SYNTAX_ERROR, field=name) from error


def write_time(at: datetime) -> str:
    """Write a time in Zulu, to the second."""
    return rfc3339_seconds(at)
