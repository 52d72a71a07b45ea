"""Danish days and times: one form for each kind, at midnight, in summer and winter, and when the clock changes."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from babel.dates import format_date

from npn.instants import (
    danish_day,
    danish_instant,
    day_in,
    iso_day,
    iso_time,
    month_in,
    rfc3339_seconds,
    start_of_day,
    time_in,
    utc_time,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2027-08-31T21:59:59.999999", date(2027, 8, 31)),
        ("2027-08-31T22:00", date(2027, 9, 1)),  # summer time: the Danish day begins two hours before UTC's
        ("2026-12-31T22:59:59", date(2026, 12, 31)),
        ("2026-12-31T23:00", date(2027, 1, 1)),  # winter time: one hour
        ("2027-03-27T23:00", date(2027, 3, 28)),
        ("2027-03-28T21:59", date(2027, 3, 28)),  # the day of 23 hours
        ("2027-03-28T22:00", date(2027, 3, 29)),
        ("2026-10-24T22:00", date(2026, 10, 25)),
        ("2026-10-25T22:59", date(2026, 10, 25)),  # the day of 25 hours
        ("2026-10-25T23:00", date(2026, 10, 26)),
    ],
)
def test_an_instant_has_the_day_it_is_in_denmark(at: str, day: date) -> None:
    assert danish_day(utc(at)) == day
    assert iso_day(utc(at)) == f"{day:%Y-%m-%d}"
    assert day_in("da", utc(at)) == day_in("da", day)
    assert month_in("en", utc(at)) == month_in("en", day)
    assert start_of_day(day) <= utc(at) < start_of_day(day + timedelta(days=1))


@pytest.mark.parametrize(("language", "locale"), [("da", "da_DK"), ("en", "en_GB")])
def test_days_are_written_as_each_language_does_in_every_month(language: str, locale: str) -> None:
    for month in range(1, 13):
        day = date(2027, month, month + 3)
        assert day_in(language, day) == format_date(day, "medium", locale=locale)


@pytest.mark.parametrize(
    ("at", "danish", "english", "iso"),
    [
        ("2027-09-01T12:05:59", "1. sep. 2027 14.05", "1 Sept 2027 14:05", "2027-09-01 14:05+02:00"),
        ("2027-01-09T23:04", "10. jan. 2027 00.04", "10 Jan 2027 00:04", "2027-01-10 00:04+01:00"),
        ("2027-03-28T00:59", "28. mar. 2027 01.59", "28 Mar 2027 01:59", "2027-03-28 01:59+01:00"),
        ("2027-03-28T01:00", "28. mar. 2027 03.00", "28 Mar 2027 03:00", "2027-03-28 03:00+02:00"),
        (
            "2026-10-25T00:30",
            "25. okt. 2026 02.30 (sommertid)",
            "25 Oct 2026 02:30 (summer time)",
            "2026-10-25 02:30+02:00",
        ),
        (
            "2026-10-25T01:30",
            "25. okt. 2026 02.30 (vintertid)",
            "25 Oct 2026 02:30 (winter time)",
            "2026-10-25 02:30+01:00",
        ),
        ("2026-10-25T02:00", "25. okt. 2026 03.00", "25 Oct 2026 03:00", "2026-10-25 03:00+01:00"),
    ],
)
def test_a_time_is_denmark_s_and_says_which_where_the_clock_shows_it_twice(
    at: str, danish: str, english: str, iso: str
) -> None:
    assert (time_in("da", utc(at)), time_in("en", utc(at)), iso_time(utc(at))) == (danish, english, iso)
    elsewhere = utc(at).astimezone(timezone(timedelta(hours=-7)))
    assert (time_in("da", elsewhere), iso_time(elsewhere)) == (danish, iso)
    assert datetime.fromisoformat(iso) == utc(at).replace(second=0)


def test_what_a_clock_in_denmark_shows_is_an_instant_where_there_is_one() -> None:
    assert danish_instant(date(2027, 9, 1), time(0, 0)) == utc("2027-08-31T22:00")
    assert danish_instant(date(2027, 3, 28), time(1, 59)) == utc("2027-03-28T00:59")
    assert danish_instant(date(2027, 3, 28), time(2, 0)) is None
    assert danish_instant(date(2027, 3, 28), time(2, 59)) is None
    assert danish_instant(date(2027, 3, 28), time(3, 0)) == utc("2027-03-28T01:00")
    assert danish_instant(date(2026, 10, 25), time(2, 30)) == utc("2026-10-25T00:30")


def test_programs_are_given_utc() -> None:
    assert rfc3339_seconds(utc("2027-08-31T22:00:07.9")) == "2027-08-31T22:00:07Z"
    assert utc_time(datetime(2027, 9, 1, 0, 0, 7, tzinfo=timezone(timedelta(hours=2)))) == "2027-08-31 22:00:07 UTC"
