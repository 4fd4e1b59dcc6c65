"""Writes that survive a crash: a file is there whole, or not at all."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any


def write_atomic(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write `data` under a temporary name, fsync, rename to `path`, fsync the folder.

    Without `sync` it survives the death of processes and not a power cut. OSError, which names
    `path`; nothing is left then of what was written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error
    if sync:
        fsync_folder(path.parent)


def write_json(path: Path, value: Any, *, sync: bool = True) -> None:
    """Write `value` as indented JSON, atomically; see `write_atomic`."""
    write_atomic(path, (json.dumps(value, indent=1, allow_nan=False) + "\n").encode(), sync=sync)


def fsync_file(path: Path) -> None:
    """Flush a file that somebody else wrote to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_folder(path: Path) -> None:
    """Flush a folder's entries, so that a rename in it survives a power cut."""
    fsync_file(path)


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    import hashlib  # slow to import, and the runner needs none

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(value: Any) -> str:
    """Hex SHA-256 of a JSON value in canonical form (sorted keys, no spaces)."""
    import hashlib

    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
