"""`result.json`: how the program ended, written by the runner also when the disk is full."""

import errno
import json
import os
from pathlib import Path
from typing import Any, Final

from jobs.durable import fsync_folder
from jobs.paths import AttemptPaths

ROOM: Final = 4096  # bytes
PASSING_ERRORS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def reserve_result(paths: AttemptPaths) -> None:
    """Take the room that `write_result` will need, while there is some. OSError."""
    _reserved(paths).write_bytes(b" " * ROOM)


def write_result(paths: AttemptPaths, result: dict[str, Any]) -> None:
    """Write `result.json` into the reserved room, fsync, and rename it into its place. OSError."""
    data = (json.dumps(result, indent=1, allow_nan=False) + "\n").encode()
    reserved = _reserved(paths)
    with reserved.open("r+b" if reserved.exists() else "wb") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    reserved.replace(paths.result)
    fsync_folder(paths.folder)


def _reserved(paths: AttemptPaths) -> Path:
    return paths.folder / ".result.json.reserved"
