"""`convert` and `write` take a syntax or its name, and refuse anything else by naming what is allowed."""

import pytest

from npn.errors import InvalidInputError
from npn.messages import Syntax, convert, read, write
from npn.messages.examples import example


@pytest.mark.parametrize("syntax", Syntax)
def test_the_name_of_a_syntax_does_what_the_syntax_does(syntax: Syntax) -> None:
    message = example("XR0131K")
    assert convert(message, syntax.value) == convert(message, syntax)
    assert write(message, syntax.value) == write(message, syntax)
    assert read(write(message, syntax.value)).syntax is syntax


@pytest.mark.parametrize("nonsense", ["", "XML", "edi", "edifact ", "Syntax.XML", b"xml", None, 1])
def test_what_names_no_syntax_is_refused_and_told_what_is_allowed(nonsense: object) -> None:
    message = example("XR0131K")
    with pytest.raises(InvalidInputError) as refused:
        convert(message, nonsense)  # type: ignore[arg-type]  # what a caller without types may pass
    assert refused.value.field == "to"
    assert refused.value.hint == "one of xml, edifact"
    assert repr(nonsense) in str(refused.value)
    with pytest.raises(InvalidInputError) as refused:
        write(message, nonsense)  # type: ignore[arg-type]  # the same
    assert refused.value.field == "syntax"
