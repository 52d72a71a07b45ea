"""REST, version 1: thin handlers over the service; `problems` is the one table that maps errors to HTTP."""

from npn.api.app import create_app

__all__ = ["create_app"]
