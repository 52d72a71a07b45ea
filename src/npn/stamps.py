"""Whether files were written again, so that a running process takes up a renewed key or certificate by itself."""

from pathlib import Path

Stamps = tuple[tuple[int, int, int], ...]


def stamps_of(*paths: str | Path) -> Stamps:
    """Return what tells each file from its earlier and later versions; zeros for one that is not named or not there."""
    return tuple(_stamp(Path(path)) if path else (0, 0, 0) for path in paths)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
