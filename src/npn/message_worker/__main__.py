"""Started by `npn.message_jobs`: `python -I -m npn.message_worker SECONDS BYTES JOBS GROWTH`."""

import sys

from npn.message_worker.limits import ProcessLimits
from npn.message_worker.process import work

if __name__ == "__main__":
    seconds, *whole = sys.argv[1:5]
    work(ProcessLimits(float(seconds), *map(int, whole)))
