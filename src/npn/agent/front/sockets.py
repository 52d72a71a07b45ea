"""The agent's Unix socket: taken only where nobody listens, removed only where it is still one's own.

The lock of a pool says nothing about a socket: two agents with pools of their own may name the same one.
"""

import contextlib
import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from npn.errors import ConfigurationError, codes

BACKLOG = 128


class UnixListener:
    """A listening socket, and which file it made."""

    def __init__(self, path: Path, sock: socket.socket) -> None:
        """Use `open`."""
        self.path = path
        self.socket = sock
        self._made = _identity(path)

    @classmethod
    def open(cls, path: Path) -> "UnixListener":
        """Listen, for the owner and group only. Raises ConfigurationError where somebody else does, or OSError.

        What a killed agent has left is replaced. Whether one is left over is asked by connecting to it.
        """
        with _alone(path.parent):
            _remove_left_over(path)
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                sock.bind(str(path))
                path.chmod(0o660)
                sock.listen(BACKLOG)  # before another start looks: a bound socket that does not listen looks left over
                return cls(path, sock)
            except BaseException:
                sock.close()
                raise

    def remove(self) -> None:
        """Remove the file, unless another has taken its place. The socket is closed by who serves on it."""
        with contextlib.suppress(OSError), _alone(self.path.parent):
            if self._made is not None and _identity(self.path) == self._made:
                self.path.unlink()


def _remove_left_over(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ConfigurationError(f"{path} is there and is not a socket", field="listen", hint="choose another name")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        failure = probe.connect_ex(str(path))
    if failure == errno.ENOENT:
        return
    if failure != errno.ECONNREFUSED:
        raise ConfigurationError(
            f"another program listens on {path} already" if failure in (0, errno.EAGAIN) else _unknown(path, failure),
            code=codes.LISTEN_IN_USE,
            field="listen",
            hint="give each agent its own `listen`, or stop the other one first",
        )
    path.unlink()


def _unknown(path: Path, failure: int) -> str:
    return f"whether somebody listens on {path} can't be seen: {os.strerror(failure)}"


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a lock on the folder: looking, removing and making is one step for all agents that share it."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
