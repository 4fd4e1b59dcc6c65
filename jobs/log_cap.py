"""Keeps an attempt's log below its cap: its first and last lines stay, its middle goes.

While the program runs, the middle is punched out of the file. The size stays, so that whoever
appends or follows is not disturbed, and no byte that is written meanwhile can be lost. When nobody
writes any more the hole is closed up, with a line in it that says how much is gone.
"""

import errno
import os
from io import FileIO
from pathlib import Path
from typing import Final

from jobs.kernel import punch_hole

LOG_LIMIT: Final = 64 << 20  # bytes on the disk
_BLOCK: Final = 512  # unit of st_blocks
_CHUNK: Final = 1 << 20
_UNKNOWN: Final = (errno.EOPNOTSUPP, errno.ENOSYS)


def punch_middle(log: Path, limit: int = LOG_LIMIT) -> None:
    """Take the middle out of a log that is still written to and needs more than `limit` bytes.

    A file system without holes gets its log closed up at once; what is written in that very
    instant may then be lost. OSError.
    """
    state = log.stat()
    if state.st_blocks * _BLOCK <= limit:
        return
    quarter = limit // 4
    try:
        with log.open("r+b") as file:
            punch_hole(file.fileno(), quarter, state.st_size - 2 * quarter)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
        close_up(log, limit)


def close_up(log: Path, limit: int = LOG_LIMIT) -> None:
    """Leave the first and last quarter of `limit` bytes of a longer log, and a line between.

    OSError.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return
    quarter = limit // 4
    with log.open("r+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        source, target = size - quarter, quarter
        target += _put(file, target, f"\n[cxrtui cut {size - 2 * quarter} bytes here]\n".encode())
        while chunk := os.pread(file.fileno(), _CHUNK, source):
            source += len(chunk)
            target += _put(file, target, chunk)
        file.truncate(target)


def _put(file: FileIO, offset: int, data: bytes) -> int:
    written = 0
    while written < len(data):
        written += os.pwrite(file.fileno(), data[written:], offset + written)
    return written
