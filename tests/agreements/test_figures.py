"""A requirement's mark and its sentences say the same, or neither is published nor proposed."""

from datetime import date

import pytest

from agreements_texts import TEXTS, changed, months_of_stock
from npn.agreements.figures import disagreeing, lengths_in
from npn.agreements.model import CONNECTION, Language, VersionNumber
from npn.agreements.text import TextError, read_pair
from npn.errors import codes
from npn.wiring.service import Service

DA, EN = Language.DANISH, Language.ENGLISH


@pytest.mark.parametrize(
    ("source", "language", "words"),
    [
        ("rækker mindst 183 dage ved forbruget", DA, ["183 dage"]),
        ("rækker mindst 1.000 dage", DA, ["1.000 dage"]),
        ("i mindst seks måneder, og et varsel på 30 dage", DA, ["seks måneder", "30 dage"]),
        ("mindst et halvt år eller 26 uger", DA, ["halvt år", "26 uger"]),
        ("mindst én gang om året, helst månedligt", DA, ["om året", "månedligt"]),
        ("at least 183 days; a 30-day notice", EN, ["183 days", "30-day"]),
        ("a year and a half, or twelve months", EN, ["a year and a half", "twelve months"]),
        ("once a year, or every week", EN, ["once a year", "every week"]),
        ("som en dag kan bruges; version 2.4 af dagsordenen", DA, []),
        ("one day, as used", EN, []),
    ],
)
def test_lengths_of_time_are_read_in_both_languages(source: str, language: Language, words: list[str]) -> None:
    assert [length.words for length in lengths_in(source, language)] == words


@pytest.mark.parametrize(
    ("name", "source", "language", "days", "against"),
    [
        ("stock", "mindst 183 dage, meldt én gang om måneden", DA, 183, ""),
        ("stock", "mindst 274 dage, meldt én gang om måneden", DA, 183, "274 dage"),
        ("stock", "et halvt års lager", DA, 183, ""),
        ("stock", "nine months' stock", EN, 183, "nine months"),
        ("stock", "nine months' stock", EN, 274, ""),
        ("stock", "meldt én gang om måneden", DA, 183, ""),
        ("stock", "enough for a long time", EN, 183, ""),
        ("contacts", "bekræftet mindst én gang om året", DA, 365, ""),
        ("contacts", "bekræftet mindst én gang om året", DA, 180, "om året"),
        ("notice", "announced 90 days before", EN, 183, "90 days"),
    ],
)
def test_a_text_speaks_against_its_mark_where_none_of_its_lengths_is_the_mark_s(  # noqa: PLR0917  # what pytest hands over
    name: str, source: str, language: Language, days: int, against: str
) -> None:
    assert disagreeing(name, source, language, figures={"days": days}) == against


def test_the_text_that_the_platform_ships_agrees_with_its_marks() -> None:
    assert read_pair(TEXTS) == TEXTS
    assert read_pair(months_of_stock(274))


def test_both_figures_are_named_and_in_which_language(service: Service) -> None:
    texts = {**months_of_stock(274), EN: changed("stock days=183", "stock days=274")[EN]}
    with pytest.raises(TextError) as refused:
        service.agreements.publish(VersionNumber.parse("1.0"), texts, by="t", effective_from=date(2027, 1, 1))
    assert (refused.value.code, refused.value.field) == (codes.MARK_DIFFERS, "english")
    assert refused.value.told(EN).startswith(
        "section 4.2: the mark has days=274, but the English text says “183 days”;"
    )
    assert "mærket har days=274, men den engelske tekst siger »183 days«" in refused.value.told(DA)
    assert service.agreements.versions(CONNECTION) == []
    service.agreements.publish(
        VersionNumber.parse("1.0"), months_of_stock(274), by="t", effective_from=date(2027, 1, 1)
    )
