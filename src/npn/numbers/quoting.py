"""How text that is not a number is shown in a message: printable, on one line, and short."""

LONGEST = 40


def quoted(text: str) -> str:
    r"""Quote the text in plain ASCII; control and foreign characters are escaped, a long text is cut.

    >>> quoted("12\x00\u0663")
    "'12\\x00\\u0663'"
    """
    if len(text) <= LONGEST:
        return ascii(text)
    return f"{text[:LONGEST]!a}... ({len(text)} characters)"
