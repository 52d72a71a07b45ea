"""What people type is read as it is printed, in both languages; what can't be read says which part is wrong."""

import pytest

from npn.web.forms import Choice, Field, Form
from npn.web.texts import texts
from npn.web.typed import read_number

FIELDS = (
    Field("count", "How many", kind="number", smallest=1, largest=10**9),
    Field("day", "Day", kind="date"),
    Field("review", "Review", kind="date", required=False),
    Field("at", "At", kind="time"),
    Field("email", "E-mail", kind="email", largest=254),
    Field("telephone", "Telephone", kind="tel", required=False, largest=60),
    Field("kind", "Kind", kind="select", choices=(Choice("a", "A"),)),
    Field("empty", "Nothing to choose", kind="select", required=False),
    Field("sure", "Sure.", kind="checkbox", unticked="Tick this."),
    Field("name", "Name", largest=5),
)
SOUND = {
    "count": "4500", "day": "2027-03-28", "at": "14:30", "email": "a@b.dk", "kind": "a", "sure": "yes", "name": "Anna",
}  # fmt: skip


def read(language: str = "da", **changes: str) -> Form:
    return Form.of(FIELDS).read({**SOUND, **changes}, texts(language))


def test_what_is_sound_has_no_errors_and_one_form() -> None:
    form = read()
    assert form.errors == {}
    assert (form.whole("count"), form["day"], form["review"], form["at"]) == (4500, "2027-03-28", "", "14:30")


@pytest.mark.parametrize(
    ("language", "typed", "value"),
    [
        ("da", "336.962", 336962), ("en", "336,962", 336962), ("da", "336 962", 336962), ("en", "336 962", 336962),
        ("da", "336\u00a0962", 336962), ("en", "1\u202f336\u202f962", 1336962), ("da", "4.500", 4500),
        ("da", "1.234.567", 1234567), ("en", "1.234.567", 1234567), ("da", "1,234,567", 1234567),
        ("da", "00042", 42), ("en", " 7 ", 7),
    ],
)  # fmt: skip
def test_a_number_is_taken_as_it_is_printed(language: str, typed: str, value: int) -> None:
    form = read(language, count=typed)
    assert (form.errors, form.whole("count")) == ({}, value)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("number", [1, 999, 1000, 4500, 336962, 10**9])
def test_whatever_a_page_prints_is_read_again(language: str, number: int) -> None:
    assert read_number(texts(language).number(number), texts(language), smallest=1, largest=10**9).value == str(number)


@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [
        ("en", "336.962", "can be read in two ways"), ("da", "336,962", "skriv"), ("da", "4,500", "fx 4500"),
        ("da", "4.50", "fx 4500"), ("da", "1.234,567", "fx 4500"), ("da", "12 34", "fx 4500"), ("da", "-5", "fx 4500"),
        ("da", "1.2345", "fx 4500"), ("da", "0.123", "fx 4500"), ("da", "\uff14\uff15", "fx 4500"),
        ("da", "mange", "fx 4500"), ("da", "1.000.000.001", "Det største tal her er 1.000.000.000."),
        ("en", "9" * 40, "The largest number here is 1,000,000,000."), ("da", "0", "Det mindste tal her er 1."),
    ],
)  # fmt: skip
def test_a_number_that_is_none_or_two_is_refused_as_it_was_typed(language: str, typed: str, said: str) -> None:
    form = read(language, count=typed)
    assert said.casefold() in form.errors["count"].casefold()
    assert (form["count"], form.whole("count")) == (typed, None)


def parts(day: str, month: str, year: str) -> dict[str, str]:
    return {"day": "", "day_day": day, "day_month": month, "day_year": year}


def test_a_day_comes_in_three_parts() -> None:
    assert read(**parts("1", "9", "2027"))["day"] == "2027-09-01"
    assert read(**parts(" 29", "02 ", "2028"))["day"] == "2028-02-29"


@pytest.mark.parametrize(
    ("typed", "part", "said"),
    [
        (("31", "2", "2027"), "day", "Februar 2027 har kun 28 dage."),
        (("31", "4", "2027"), "day", "April 2027 har kun 30 dage."),
        (("29", "2", "2027"), "day", "Februar 2027 har kun 28 dage."),
        (("32", "1", "2027"), "day", "Dagen er et tal fra 1 til 31."),
        (("0", "1", "2027"), "day", "Dagen er et tal fra 1 til 31."),
        (("1", "13", "2027"), "month", "Måneden er et tal fra 1 til 12."),
        (("1", "maj", "2027"), "month", "Måneden er et tal fra 1 til 12."),
        (("1", "1", "27"), "year", "Skriv årstallet med fire cifre, fx 2027."),
        (("1", "1", "20277"), "year", "Skriv årstallet med fire cifre, fx 2027."),
        (("1", "", "2027"), "month", "Skriv også måneden."),
        (("", "1", "2027"), "day", "Skriv også dagen."),
        (("1", "1", ""), "year", "Skriv også årstallet."),
        (("", "", ""), "day", "Feltet skal udfyldes."),
    ],
)
def test_what_is_wrong_with_a_day_names_its_part(typed: tuple[str, str, str], part: str, said: str) -> None:
    form = read(**parts(*typed))
    assert (form.errors, form.parts, form.target("day")) == ({"day": said}, {"day": part}, f"day-{part}")
    assert [form.part("day", each) for each in ("day", "month", "year")] == list(typed)


@pytest.mark.parametrize("whole", ["31-02-2027", "2027-02-31", "2027-W01-1", "20270228", "i morgen"])
def test_a_day_in_one_text_is_held_to_the_same_rules(whole: str) -> None:
    assert "day" in read(day=whole).errors


@pytest.mark.parametrize(("typed", "value"), [("14.30", "14:30"), ("2:05", "02:05"), ("0930", "09:30"), ("7", "07:00")])
def test_a_time_of_day_is_taken_as_people_write_it(typed: str, value: str) -> None:
    assert read(at=typed)["at"] == value


@pytest.mark.parametrize("typed", ["24.00", "12.60", "2.3", "noon", "12.30.00"])
def test_a_time_of_day_that_is_none_is_refused(typed: str) -> None:
    assert read(at=typed).errors == {"at": "Skriv et klokkeslæt med timer og minutter, fx 14.30."}


@pytest.mark.parametrize(
    "typed", ["33 12 34 56", "+45 33123456", "0045 33 12 34 56", "1813", "33123456 lok. 1234", "+46 8 123 45 67"]
)
def test_a_telephone_number_is_taken(typed: str) -> None:
    assert read(telephone=typed).errors == {}


@pytest.mark.parametrize(
    "typed", ["12", "3312345", "4533123456", "ring til Bo", "+45", "33123456; 44123456", "+" + "1" * 16]
)
def test_a_telephone_number_that_is_none_is_refused(typed: str) -> None:
    assert list(read(telephone=typed).errors) == ["telephone"]


@pytest.mark.parametrize("typed", ["a@b.dk", "drift@localhost", "søren@lab.dk", "a@bücher.example"])
def test_an_address_that_an_account_or_a_contact_may_have_is_taken(typed: str) -> None:
    assert read(email=typed).errors == {}


@pytest.mark.parametrize("typed", ["fejl", "a@b.dk, c@d.dk", "Anna <a@b.dk>", "@b.dk", "a@", "a b@c.dk"])
def test_an_address_that_is_none_is_refused(typed: str) -> None:
    assert list(read(email=typed).errors) == ["email"]


def test_all_that_is_wrong_is_said_at_once_and_in_the_form_s_order() -> None:
    form = read(
        "en", count="x", day="x", at="x", email="fejl", telephone="12", kind="b", empty="x", sure="", name="Annelise"
    )
    assert [field.name for field, _ in form.wrong()] == [field.name for field in FIELDS if field.name != "review"]
    assert form.errors["name"] == "Write at most 5 characters; there are 8."
    assert form.errors["sure"] == "Tick this."
