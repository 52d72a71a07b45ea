"""Who changed something by a command: the operating system's user, and the name that the shell claims beside it.

The environment is whatever its user wants it to be, so it never stands for who did something: `admin:root` comes from
the process itself, and a name given by LOGNAME, USER or sudo stands beside it as `claimed`.
"""

import os
import pwd
import unicodedata

MAX_NAME_CHARACTERS = 80
ADMIN = "admin:"
_CLAIMS = ("LOGNAME", "USER", "SUDO_USER")


def system_user() -> str:
    """Return the name of the user that this process runs as; its number where the system has no name for it."""
    uid = os.getuid()
    try:
        name = readable(pwd.getpwuid(uid).pw_name)
    except KeyError:
        name = ""
    return name or str(uid)


def claimed() -> str:
    """Return the first name of the environment that differs from the system's user, or nothing."""
    user = system_user()
    names = (readable(os.environ.get(variable, "")) for variable in _CLAIMS)
    return next((name for name in names if name not in ("", user)), "")


def readable(text: str) -> str:
    """Leave out what can't be seen or turns the line around, and what is beyond the greatest length."""
    characters = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    printable = "".join(c for c in characters if c.isprintable() and unicodedata.category(c)[0] != "C")
    return " ".join(printable.split())[:MAX_NAME_CHARACTERS].strip()
