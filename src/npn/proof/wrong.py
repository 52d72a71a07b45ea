"""What the proof says when an event breaks a rule."""


class WrongError(Exception):
    """One sentence: which rule, and by what."""
