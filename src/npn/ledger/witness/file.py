"""The witness in a file."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from npn.db.locks import FileLock
from npn.errors import ConfigurationError, UnavailableError
from npn.ledger.witness.model import WitnessState, decode, encode, missing
from npn.shortage import shortage


@dataclass(frozen=True, slots=True)
class FileWitness:
    """A file: written beside, fsynced, renamed; a lock file orders the processes of one host.

    `path` may be a link, also to a file that is not there yet. It is resolved once, so that the lock, what is written
    and what is renamed are where the file itself is, and the link stays one.
    """

    path: Path
    _lock: FileLock = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Keep the lock beside the file."""
        object.__setattr__(self, "path", _real(self.path))
        object.__setattr__(self, "_lock", FileLock(Path(f"{self.path}.lock")))

    def __str__(self) -> str:
        """Return where it is."""
        return str(self.path)

    def exists(self) -> bool:
        """Return whether the file is there."""
        try:
            self.path.stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _failed(f"{self.path} can't be looked at", error) from error
        return True

    def close(self) -> None:
        """Do nothing: the file is open only while it is read or written."""

    def read(self) -> WitnessState:
        """Read and check the file."""
        try:
            return decode(self.path.read_bytes())
        except FileNotFoundError:
            raise missing(f"no file {self.path}") from None
        except OSError as error:
            raise _failed(f"{self.path} can't be read", error) from error

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Compare and set under the lock between processes."""
        try:
            with self._lock.held():
                if self.read() != expected:
                    return False
                self._write(new)
        except OSError as error:
            raise _failed(f"{self.path} can't be written", error) from error
        return True

    def replace(self, new: WitnessState) -> None:
        """Write it whatever was there."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.held():
                self._write(new)
        except OSError as error:
            raise _failed(f"{self.path} can't be written", error) from error

    def _write(self, state: WitnessState) -> None:
        beside = Path(f"{self.path}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            data = encode(state)
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.rename(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, up to Python 3.12
        raise ConfigurationError(
            f"the witness's path can't be followed: {path}", hint="it is a link to itself, or may not be read"
        ) from error


def _failed(what: str, error: OSError) -> UnavailableError:
    """Distinguish a file that is not there from a process that can open none."""
    return shortage(error, f"the witness {what}") or missing(f"{what}: {error.strerror}")
