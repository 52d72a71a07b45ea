"""The fastest way to write usable numbers as text here: numpy's where it is installed, else the pure one.

Import it late, and only where long lists are written: importing numpy takes a tenth of a second.
"""

try:
    from npn.numbers.arrays import blocks
except ImportError:  # numpy is not installed: the same bytes, more slowly
    from npn.numbers.text import blocks

__all__ = ["blocks"]
