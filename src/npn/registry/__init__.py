"""Number spaces and series: draw, release, look up, import."""

from npn.registry.allocator import Allocator
from npn.registry.service import Registry

__all__ = ["Allocator", "Registry"]
