"""The rules of validation beyond structure: one rule, one small function."""

from npn.messages.rules.catalogue import RULES, select
from npn.messages.rules.model import Options, Rule

__all__ = ["RULES", "Options", "Rule", "select"]
