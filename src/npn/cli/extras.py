"""Which extra of `npn-platform` brings a package that a command needs and that is not installed."""

import sys
from collections.abc import Sequence

from npn.errors import ConfigurationError, codes

# The module's top-level name: the extras that bring it, the one to name first where nothing tells more.
BRINGS: dict[str, tuple[str, ...]] = {
    "alembic": ("server",),
    "argon2": ("server",),
    "authlib": ("server",),
    "babel": ("server",),
    "multipart": ("server",),
    "cryptography": ("server", "verify", "receipts"),
    "distributed": ("cluster",),
    "httptools": ("server",),
    "jinja2": ("server", "messages"),
    "joserfc": ("server", "verify"),
    "litestar": ("server",),
    "lxml": ("server", "messages"),
    "markdown_it": ("server",),
    "numpy": ("fast",),
    "prometheus_client": ("server",),
    "PIL": ("labels",),
    "psycopg": ("postgres",),
    "pypdfium2": ("labels",),
    "segno": ("server", "labels"),
    "signxml": ("server",),
    "sqlalchemy": ("server",),
    "structlog": ("server",),
    "typst": ("server", "labels"),
    "uvicorn": ("server",),
    "uvloop": ("server",),
    "zint": ("labels",),
    "zxingcpp": ("labels",),
}
_COMMANDS = {
    ("ledger", "verify"): "verify",
    ("message",): "messages",
    ("label",): "labels",
    ("agent", "print"): "labels",
    ("agent",): "receipts",
}


def extra_of(module: str, arguments: Sequence[str]) -> str | None:
    """Return the extra that brings a module, for the command that `arguments` call; None where none is known."""
    extras = BRINGS.get(module.partition(".")[0], ())
    words = tuple(argument for argument in arguments if not argument.startswith("-"))
    wanted = next((extra for words_, extra in _COMMANDS.items() if words[: len(words_)] == words_), "")
    return wanted if wanted in extras else next(iter(extras), None)


def is_foreign(error: ImportError) -> bool:
    """Whether a package that is not ours could not be imported: the installation is to blame, not the program."""
    return bool(error.name) and str(error.name).partition(".")[0] != "npn"


def not_installed(error: ImportError) -> ConfigurationError:
    """Return the error that names the package and the extra that brings it."""
    module = str(error.name).partition(".")[0]
    extra = extra_of(module, sys.argv[1:])
    named = f"npn-platform[{extra}]" if extra else module
    return ConfigurationError(
        f"this needs the package {module}, which is not installed",
        code=codes.NOT_INSTALLED,
        hint=f"pip install {named}",
    )
