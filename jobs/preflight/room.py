"""Whether the disks below a workspace hold what a recipe will write."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jobs.data.pixels.chunks import PIXELS
from jobs.paths import WorkspacePaths
from jobs.planned import PlannedJob


@dataclass
class Disk:
    """A disk, and what it must hold."""

    folder: Path  # one that lies on it
    free: int  # bytes
    needs: dict[str, int] = field(default_factory=dict)  # what -> bytes

    @property
    def needed(self) -> int:
        """Bytes in all."""
        return sum(self.needs.values())

    def fault(self, keep_free: float) -> str:
        """Why it is too small, where `keep_free` bytes of it must stay free; "" if it is not."""
        if self.needed <= self.free - keep_free:
            return ""
        parts = " and ".join(
            f"{amount / 1e9:,.1f} GB of {what}" for what, amount in self.needs.items()
        )
        return (
            f"{self.folder}: too small for {parts}: the disk has {self.free / 1e9:,.1f} GB free, "
            f"and keep_free_gib keeps {keep_free / 1e9:,.1f} GB of them; free some space"
        )


def disks(needs: Mapping[str, tuple[Path, int]]) -> list[Disk]:
    """The disks that `needs` (what -> folder, bytes) fall on; `cache` may be a link to another."""
    found: dict[int, Disk] = {}
    for what, (folder, amount) in needs.items():
        there = _existing(folder)
        number = there.stat().st_dev
        if number not in found:
            found[number] = Disk(there, shutil.disk_usage(there).free)
        found[number].needs[what] = amount
    return list(found.values())


def begun_bytes(root: Path, packs: list[PlannedJob]) -> int:
    """What unfinished packs of these jobs take on the disk already."""
    paths = WorkspacePaths(root)
    files = (paths.beside(job.folder, job.spec["pack"]) / PIXELS for job in packs)
    return sum(path.stat().st_blocks * 512 for path in files if path.is_file())


def _existing(path: Path) -> Path:
    """The nearest folder above that is there: a workspace may not be made yet."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
