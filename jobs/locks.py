"""Locks that the kernel frees when their holder dies."""

import errno
import fcntl
import os
import time
from pathlib import Path


def try_lock(path: Path, patience: float = 0.0) -> int | None:
    """Take an flock; a descriptor that holds it until closed, or None if another has it.

    `patience` (seconds) outlasts those who only look, see `is_locked`.
    """
    deadline = time.monotonic() + patience
    while (descriptor := _lock(path, fcntl.LOCK_EX)) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether somebody holds the flock on `path` at this moment.

    To look is to share the lock for an instant, so that those who look do not see each other.
    """
    if not path.exists():
        return False
    descriptor = _lock(path, fcntl.LOCK_SH)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _lock(path: Path, how: int) -> int | None:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _open(path: Path) -> int:
    """The file, made if it is not there; to be locked it need not be written to.

    So one of another user can be locked, and one on a disk that is read-only.

    It is not opened with O_CREAT while it is there: in /tmp Linux refuses that for files of others.
    """
    while True:
        try:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            try:
                return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            except FileExistsError:
                continue
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
