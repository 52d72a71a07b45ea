"""What stands behind a formatting element is compared, whichever element it is."""

import pytest

from npn.messages.bridges.comparison import plain, words
from npn.messages.model.formatting import FORMATTING
from npn.messages.model.interchange import Element


@pytest.mark.parametrize("name", sorted(FORMATTING))
def test_the_text_behind_a_formatting_element_counts(name: str) -> None:
    def comments(tail: str) -> Element:
        return Element("Comments", "Before ", (Element(name, "", (), tail),))

    assert plain(comments("4.5")) != plain(comments("45"))
    assert words(comments("4.5")).replace(" ", "") == "Before4.5"


def test_blanks_between_the_elements_of_a_block_say_nothing() -> None:
    def block(tail: str) -> Element:
        return Element("Sender", tail, (Element("Name", "A", (), tail),))

    assert plain(block("\n  ")) == plain(block(""))
