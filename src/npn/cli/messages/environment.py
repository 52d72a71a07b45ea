"""The number service as the environment names it, for commands that ask it where an option says so."""

import os

from npn.cli.rest_client import RestClient
from npn.errors import ConfigurationError
from npn.outgoing import ConnectionOptions


def from_environment(option: str = "--service") -> RestClient:
    """The number service that the environment names, for an option. Raises ConfigurationError where it names none."""
    variables = {name: os.environ.get(name, "").strip() for name in ("NPN_URL", "NPN_KEY")}
    for name, value in variables.items():
        if not value:
            raise ConfigurationError(f"{option} needs {name}", field=name, hint=f"set {name} in the environment")
    named = {name: os.environ.get(f"NPN_{name.upper()}", "") for name in ConnectionOptions.__struct_fields__}
    return RestClient(variables["NPN_URL"], variables["NPN_KEY"], ConnectionOptions(**named))
