"""Whether the workspace's disk has room for what runs, so that no checkpoint is lost."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_GIB: Final = 2**30
MARGIN: Final = 1.1  # of what is wanted, before a queue that waited goes on


@dataclass(frozen=True)
class DiskRoom:
    """The disk as it is now."""

    free: int  # bytes
    wanted: int  # bytes: less, and nothing new starts

    @property
    def is_short(self) -> bool:
        """Nothing new should start."""
        return self.free < self.wanted

    @property
    def is_dangerous(self) -> bool:
        """What trains should stop at a checkpoint while there is room for one."""
        return self.free < self.wanted / 2

    def __str__(self) -> str:
        return f"{self.free / _GIB:.1f} GiB are free, {self.wanted / _GIB:.1f} GiB are wanted"


def look_for_room(
    root: Path, keep_free_gib: float, running: Iterable[Path], *, waits: bool
) -> DiskRoom:
    """The room on the disk of `root`, for what the owner wants free and a checkpoint of each.

    `running` are the folders of running attempts; `waits` says that the queue waits for room.
    """
    wanted = keep_free_gib * _GIB + sum(map(checkpoint_bytes, running))
    return DiskRoom(shutil.disk_usage(root).free, round(wanted * (MARGIN if waits else 1)))


def checkpoint_bytes(attempt: Path) -> int:
    """Size of the largest checkpoint of an attempt; 0 if it has none."""
    folders = (attempt / "checkpoints").glob("step-*")
    return max((_size(folder) for folder in folders), default=0)


def _size(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.iterdir())
    except FileNotFoundError:  # it has just been removed
        return 0
