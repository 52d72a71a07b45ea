"""The witness in a file."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from npn.db.locks import FileLock
from npn.ledger.witness.model import WitnessState, decode, encode, missing


@dataclass(frozen=True, slots=True)
class FileWitness:
    """A file: written beside, fsynced, renamed; a lock file orders the processes of one host."""

    path: Path
    _lock: FileLock = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Keep the lock beside the file."""
        object.__setattr__(self, "_lock", FileLock(Path(f"{self.path}.lock")))

    def exists(self) -> bool:
        """Say whether the file is there."""
        return self.path.exists()

    def close(self) -> None:
        """Do nothing: the file is open only while it is read or written."""

    def read(self) -> WitnessState:
        """Read and check the file."""
        try:
            return decode(self.path.read_bytes())
        except FileNotFoundError:
            raise missing(f"no file {self.path}") from None
        except OSError as error:
            raise missing(f"{self.path}: {error.strerror}") from error

    def advance(self, expected: WitnessState, new: WitnessState) -> bool:
        """Compare and set under the lock between processes."""
        try:
            with self._lock.held():
                if self.read() != expected:
                    return False
                self._write(new)
        except OSError as error:
            raise missing(f"{self.path} can't be written: {error.strerror}") from error
        return True

    def replace(self, new: WitnessState) -> None:
        """Write it whatever was there."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock.held():
                self._write(new)
        except OSError as error:
            raise missing(f"{self.path} can't be written: {error.strerror}") from error

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
