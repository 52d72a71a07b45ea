"""Started by `npn.message_jobs`: `python -I -m npn.message_worker [--versions DIR] SECONDS BYTES JOBS GROWTH`."""

import sys
from pathlib import Path

from npn.message_worker.limits import ProcessLimits
from npn.message_worker.process import work
from npn.messages.profiles import use

if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "--versions":
        use(Path(arguments[1]))
        arguments = arguments[2:]
    seconds, *whole = arguments
    work(ProcessLimits(float(seconds), *map(int, whole)))
