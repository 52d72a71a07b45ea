"""The character sets that a syntax identifier (UNB 1.1) can name, and what of each can be read.

Every file is first read as ISO-8859-1, one byte one character. MedCom uses UNOC, which is just that. The
other one-byte sets are decoded again, component by component; UNOA and UNOB are parts of ASCII, so only
checked.
"""

import re
from dataclasses import dataclass

_LEVEL_A = r"A-Z0-9 .,\-()/='+:?!\"%&*;<>"


@dataclass(frozen=True, slots=True)
class Charset:
    """One syntax identifier: the codec of its characters, and a pattern of what is outside its repertoire."""

    syntax: str
    name: str
    codec: str = "latin-1"
    outside: re.Pattern[str] | None = None

    def decoded(self, text: str) -> str:
        """The text, which was read as ISO-8859-1, in this character set."""
        return text if self.codec == "latin-1" else text.encode("latin-1").decode(self.codec, "replace")


UNOC = Charset("UNOC", "ISO-8859-1")
_OTHERS = (
    Charset("UNOA", "ASCII (A)", outside=re.compile(f"[^{_LEVEL_A}]")),
    Charset("UNOB", "ASCII (B)", outside=re.compile(f"[^a-z{_LEVEL_A}]")),
    Charset("UNOD", "ISO-8859-2", "iso8859-2", re.compile("\ufffd")),
    Charset("UNOE", "ISO-8859-5", "iso8859-5", re.compile("\ufffd")),
    Charset("UNOF", "ISO-8859-7", "iso8859-7", re.compile("\ufffd")),
    Charset("UNOG", "ISO-8859-3", "iso8859-3", re.compile("\ufffd")),
    Charset("UNOH", "ISO-8859-4", "iso8859-4", re.compile("\ufffd")),
    Charset("UNOI", "ISO-8859-6", "iso8859-6", re.compile("\ufffd")),
    Charset("UNOJ", "ISO-8859-8", "iso8859-8", re.compile("\ufffd")),
    Charset("UNOK", "ISO-8859-9", "iso8859-9", re.compile("\ufffd")),
)
CHARSETS = {charset.syntax: charset for charset in (UNOC, *_OTHERS)}
