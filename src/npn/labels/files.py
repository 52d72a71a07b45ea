"""Files of labels: each whole or not at all, and on the disk when this returns."""

import os
from pathlib import Path


def write_files(output: Path, contents: list[bytes]) -> list[Path]:
    """Write the contents, one a file; several have the page in their names. Returns the files' paths."""
    paths = [output]
    if len(contents) > 1:
        digits = len(str(len(contents)))
        paths = [output.with_stem(f"{output.stem}-{page:0{digits}}") for page in range(1, len(contents) + 1)]
    for path, content in zip(paths, contents, strict=True):
        _write(path, content)
    return paths


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
