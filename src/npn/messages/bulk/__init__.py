"""Many messages at once: directories of hundreds of thousands of files, or one long stream.

`run` gives every file or piece of a stream to a function of bytes, over the cores or over a Dask cluster, and
gives the results back in order, as lines of JSON. Memory stays flat, a broken file or a killed worker costs
its own result only, and a stopped run resumes where it stopped.
"""

from npn.messages.bulk.items import Item, count_of, items_of, printable_name, split
from npn.messages.bulk.pools import cores, in_process
from npn.messages.bulk.results import BulkSummary, ResultsFile
from npn.messages.bulk.run import run
from npn.messages.bulk.work import BulkLine, Task

__all__ = [
    "BulkLine",
    "BulkSummary",
    "Item",
    "ResultsFile",
    "Task",
    "cores",
    "count_of",
    "in_process",
    "items_of",
    "printable_name",
    "run",
    "split",
]
