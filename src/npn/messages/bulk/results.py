"""The results file, one line of JSON an item, and the summary of a run.

A stopped run can be resumed: what the file already holds is skipped and counted. A line that
was cut short by a crash is taken off first.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from npn.errors import ConfigurationError
from npn.messages.bulk.work import FAILED, BulkLine

MAX_LINE_BYTES = 64 << 20
BEGINNING = b'{"file":"'


class BulkSummary:
    """What a run came to, counted word by word."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.done = 0
        self.before = 0
        self.counts: Counter[str] = Counter()

    def add(self, counts: Iterable[str], *, before: bool = False) -> None:
        """Count one result; `before`: it was there from an earlier run."""
        self.done += not before
        self.before += before
        self.counts.update(counts)

    @property
    def failed(self) -> int:
        """Items that could not be done."""
        return self.counts[FAILED]

    def rows(self) -> list[tuple[str, int]]:
        """What was counted, the most frequent first, equal ones in order of their names."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))


class ResultsFile:
    """A file of results that is written to its end and can be gone on with.

    It remembers the names it holds by eight bytes of a hash: some 100 bytes an item, whatever its name.
    """

    def __init__(self, path: Path, summary: BulkSummary, tally: Callable[[Mapping[str, Any]], Iterable[str]]) -> None:
        """`tally` counts the documents that the file already holds, as it counted them when they were made."""
        self._path = path
        self._known: set[bytes] = set()
        try:
            self._read(summary, tally)
            self._file = path.open("ab")
        except OSError as error:
            raise ConfigurationError(
                f"{path} can't be written: {error.strerror}", field="results", hint="check its folder and rights"
            ) from error

    def _read(self, summary: BulkSummary, tally: Callable[[Mapping[str, Any]], Iterable[str]]) -> None:
        """Learn what is there, and take off a last line that was cut short."""
        if not self._path.exists():
            return
        whole = 0
        with self._path.open("rb") as lines:
            while line := lines.readline(MAX_LINE_BYTES):
                if not line.endswith(b"\n"):
                    self._cut_short(line)
                    break
                document = self._document(line)
                whole += len(line)
                self._known.add(_short(document.pop("file")))
                document.pop("offset", None)
                is_failure = FAILED in document
                summary.add((FAILED,) if is_failure else tally(document), before=True)
        if whole < self._path.stat().st_size:
            with self._path.open("r+b") as file:
                file.truncate(whole)

    def _cut_short(self, line: bytes) -> None:
        """Refuse a last line without its end that no run began to write: it is somebody's file."""
        if not (line.startswith(BEGINNING) or BEGINNING.startswith(line)):
            raise self._something_else()

    def _something_else(self) -> ConfigurationError:
        return ConfigurationError(
            f"{self._path} holds something else than results",
            field="results",
            hint="name a new file, or one that an earlier run wrote",
        )

    def _document(self, line: bytes) -> dict[str, Any]:
        """Read one line; what was never written by a run is refused rather than written to."""
        try:
            document = msgspec.json.decode(line, type=dict[str, Any])
            if isinstance(document["file"], str):
                return document
        except (msgspec.DecodeError, KeyError):
            pass
        raise self._something_else()

    def holds(self, name: str) -> bool:
        """Whether the item of this name has its result."""
        return _short(name) in self._known

    def write(self, line: BulkLine) -> None:
        """Add a result; it is on its way to the disk when this returns."""
        self._file.write(line.json + b"\n")
        self._file.flush()
        self._known.add(_short(line.name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _short(name: str) -> bytes:
    """A name's fingerprint."""
    return blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
