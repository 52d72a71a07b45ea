"""The rules of validation beyond structure: one rule, one small function."""

from npn.messages.rules.catalogue import RULES
from npn.messages.rules.model import Options, Rule
from npn.messages.rules.run import Outcome, run, select

__all__ = ["RULES", "Options", "Outcome", "Rule", "run", "select"]
