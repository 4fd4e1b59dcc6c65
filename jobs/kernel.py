"""What Linux offers and Python's `os` does not. Standard library only; raises OSError."""

import ctypes
import os
from typing import Final

_SET_PARENT_DEATH_SIGNAL: Final = 1
_SET_CHILD_SUBREAPER: Final = 36
_KEEP_SIZE: Final = 1
_PUNCH_HOLE: Final = 2


def die_with_parent(number: int) -> None:
    """Have the kernel send this process signal `number` when its parent dies; outlasts an exec."""
    _prctl(_SET_PARENT_DEATH_SIGNAL, number)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies (a subreaper)."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def punch_hole(descriptor: int, offset: int, length: int) -> None:
    """Give `length` bytes of a file back to the disk; they read as zeros, its size stays."""
    library = ctypes.CDLL(None, use_errno=True)
    where = ctypes.c_int64(offset), ctypes.c_int64(length)
    if library.fallocate(descriptor, _PUNCH_HOLE | _KEEP_SIZE, *where) != 0:
        _raise("fallocate")


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        _raise("prctl")


def _raise(name: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, f"{name}: {os.strerror(number)}")
