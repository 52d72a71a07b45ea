"""Danish order: how lists of names are sorted."""

import random

from npn.web.lists.collation import danish


def test_danish_letters_come_last_and_figures_count_by_their_value() -> None:
    wanted = [
        "Labka 2", "Labka 10", "labka 11", "Mads", "Müller", "Vejle", "Zealand", "Æbeltoft", "Ærø", "Ødis",
        "Øster", "Aabenraa", "Ålborg", "Aarhus",
    ]  # fmt: skip
    for seed in range(5):
        names = wanted.copy()
        random.Random(seed).shuffle(names)
        assert sorted(names, key=danish) == wanted


def test_accents_and_case_make_no_other_place_but_a_fixed_one() -> None:
    assert sorted(["Éva", "eva", "Eve", "EVA"], key=danish) == ["EVA", "eva", "Éva", "Eve"]
