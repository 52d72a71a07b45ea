"""The pages: a folder for each room, and beside them what belongs to no single room.

A module's import puts its routes into the table.
"""

from importlib import import_module
from pkgutil import walk_packages


def load() -> None:
    """Put every page into the table. Raises TypeError where a route has no rule, or one that is not enough."""
    for module in walk_packages(__path__, f"{__name__}."):
        import_module(module.name)
