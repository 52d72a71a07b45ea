"""The same work on a Dask cluster: needs the extra `cluster`, and this package on every worker."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

import distributed

from npn.errors import UnavailableError
from npn.messages.bulk.pools import BatchPool

CONNECT_SECONDS = 10


@contextmanager
def cluster(address: str) -> Iterator[BatchPool]:
    """Use the workers of the scheduler at this address, such as `tcp://10.0.0.5:8786`.

    The workers are sent bytes, so they need not see this machine's files. A worker that is lost costs
    nothing: its batches are done by others, and an item that kills workers again and again becomes a failure.
    Raises UnavailableError when nobody answers there.
    """
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # distributed has no types
    except (OSError, ValueError) as error:
        raise UnavailableError(
            f"no Dask scheduler answers at {address}", hint="check the address, such as tcp://10.0.0.5:8786"
        ) from error
    with client:
        threads = sum(client.nthreads().values())  # type: ignore[no-untyped-call]  # distributed has no types
        if not threads:
            raise UnavailableError(
                f"the Dask scheduler at {address} has no workers", hint="start some: dask worker ADDRESS"
            )

        def make() -> Executor:
            executor: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]  # as above
            return executor

        yield BatchPool(make, lambda executor: executor.shutdown(wait=False), threads, sees_files=False)
