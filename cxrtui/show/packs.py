"""The packs of a recipe: how large they are, where they come from, and what room there is."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from cxrtui.enqueue import Plan
from cxrtui.output import console, print_text
from jobs.data.pixels.chunks import needed_bytes
from jobs.data.pixels.pack import MANIFEST


@dataclass(frozen=True)
class PlannedPack:
    """One pack of a plan."""

    size: int  # px
    master: int | None  # px of the pack that it comes from; None: from the image files
    folder: Path
    images: int
    bytes: int
    is_there: bool


def packs_of(plan: Plan, root: Path) -> list[PlannedPack]:
    """The packs of a plan for the workspace `root`, the largest first."""
    found = []
    folders: dict[str, int] = {}
    for line in plan.lines:
        spec = line.job.spec
        folders[spec["pack"]] = spec["size"]
        folder = (root / line.job.folder / spec["pack"]).resolve()
        found.append(
            PlannedPack(
                size=spec["size"],
                master=folders.get(spec["master"]),
                folder=folder,
                images=plan.images,
                bytes=needed_bytes(plan.images, spec["size"]),
                is_there=(folder / MANIFEST).is_file(),
            )
        )
    return found


def print_packs(plan: Plan, root: Path) -> None:
    """A row for each pack, and what room they need beside what is free."""
    packs = packs_of(plan, root)
    table = Table(box=None, pad_edge=False)
    for title in ("pack", "from", "images", "on disk", ""):
        table.add_column(title, justify="right" if title in ("images", "on disk") else "left")
    for one in packs:
        source = "the image files" if one.master is None else f"{one.master} px"
        state = "is there" if one.is_there else "to make"
        images = f"{one.images:,}" if one.images else "not written yet"
        table.add_row(f"{one.size} px", source, images, size_text(one.bytes), state)
    console.print(table)
    needed = sum(one.bytes for one in packs if not one.is_there)
    if needed:
        free = shutil.disk_usage(_existing(root)).free
        print_text(f"needs {size_text(needed)} in {root}; {size_text(free)} are free there")


def packs_json(plan: Plan, root: Path) -> list[dict[str, object]]:
    """The same for scripts."""
    return [
        {
            "size": one.size,
            "from": one.master,
            "folder": str(one.folder),
            "images": one.images,
            "bytes": one.bytes,
            "is_there": one.is_there,
        }
        for one in packs_of(plan, root)
    ]


def size_text(count: int) -> str:
    """Bytes as a person reads them: 98.9 GB (powers of 1000, as disks are sold)."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def _existing(path: Path) -> Path:
    """The nearest folder above that is there: a workspace may not be made yet."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
