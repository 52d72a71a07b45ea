"""The agent at the laboratory: a durable local pool of sample numbers that refills itself."""

from npn.agent.errors import PoolInUseError, PoolRefusedError, PoolWriteError, TooFewNumbersError
from npn.agent.stock.pool import Pool

__all__ = ["Pool", "PoolInUseError", "PoolRefusedError", "PoolWriteError", "TooFewNumbersError"]
