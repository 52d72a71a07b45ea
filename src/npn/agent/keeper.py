"""The former name of `npn.agent.agent`, for programs that import it."""

from npn.agent.agent import Agent

__all__ = ["Agent"]
