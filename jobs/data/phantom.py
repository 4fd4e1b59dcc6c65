"""Write a phantom: a whole synthetic data folder in exactly the form of CXR-LT 2023."""

import csv
import fcntl
import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from jobs.data.cxr_lt_2023 import FILES, FOLDER
from jobs.data.phantom_rows import SPLITS, draw_rows
from jobs.data.table import ImageTable
from jobs.durable import write_atomic, write_json
from jobs.errors import InputError, JobsError
from jobs.recipe.schema import PhantomSettings
from jobs.start import command

NOTE: Final = "phantom.json"
DRAWING: Final = 1  # raised by hand when the same settings give other files

_VIEW_CODES: Final = {
    "PA": "postero-anterior",
    "AP": "antero-posterior",
    "LATERAL": "lateral",
    "": "",
}

Progress = Callable[[int, int], None]


def write_phantom(
    root: Path,
    settings: PhantomSettings,
    progress: Progress | None = None,
    processes: int | None = None,
) -> None:
    """Write the phantom of `settings` as folder `root`: whole, or not at all.

    The files depend on the settings only, not on `processes` (default: one a core). Where `root`
    holds this phantom already, nothing is done. `progress(done, total)` counts images.
    Raises InputError where `root` holds something else, JobsError where drawing failed.
    """
    root = root.absolute()
    if _holds(root, settings):
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    partial = root.with_name(f".{root.name}.partial")
    with _own(partial):
        if _holds(root, settings):
            return
        _write(partial, settings, progress or _silent, processes or len(os.sched_getaffinity(0)))
        partial.rename(root)


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


def _note(settings: PhantomSettings) -> dict[str, object]:
    return {"drawing": DRAWING, "settings": settings.model_dump(mode="json")}


def _holds(root: Path, settings: PhantomSettings) -> bool:
    """Whether `root` is this phantom; False if it is absent or empty, InputError otherwise."""
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise InputError(f"{root}: it is no folder: choose another place for the phantom")
    if not root.exists() or not any(root.iterdir()):
        return False
    try:
        found = json.loads((root / NOTE).read_bytes())
    except (FileNotFoundError, ValueError):
        raise InputError(
            f"{root}: the folder holds something else than a phantom: choose another, or empty it"
        ) from None
    if found != _note(settings):
        raise InputError(
            f"{root / NOTE}: a phantom of other settings is there: choose another folder, "
            "or delete it"
        )
    return True


@contextmanager
def _own(partial: Path) -> Iterator[None]:
    """Hold the folder of a phantom in the making; drop what a killed writer left, or we leave."""
    partial.mkdir(exist_ok=True)
    descriptor = os.open(partial, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if partial.exists():
            for left in partial.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        os.close(descriptor)


def _write(folder: Path, settings: PhantomSettings, progress: Progress, processes: int) -> None:
    (folder / FOLDER).mkdir()
    total = 0
    for split in SPLITS:
        table = draw_rows(settings, split).table
        write_atomic(folder / FOLDER / FILES[split], _csv(table))
        total += len(table)
    _draw(folder, settings, progress, processes, total)
    write_json(folder / NOTE, _note(settings))


def _csv(table: ImageTable) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    metadata = ("dicom_id", "subject_id", "study_id", "ViewPosition")
    lines.writerow((*metadata, "ViewCodeSequence_CodeMeaning", "path", *table.labels))
    codes = [_VIEW_CODES[view] for view in table.view]
    studies = [f"s{study}" for study in table.study]
    columns = (table.image, table.patient, studies, table.view, codes, table.path)
    targets = table.targets.astype(int).tolist()
    lines.writerows((*row, *labels) for *row, labels in zip(*columns, targets, strict=True))
    return text.getvalue().encode()


def _draw(
    folder: Path, settings: PhantomSettings, progress: Progress, processes: int, total: int
) -> None:
    """Draw all images with `processes` children that report on one pipe, and wait for them."""
    reports, report = os.pipe()
    with ExitStack() as stack:
        counts = stack.enter_context(os.fdopen(reports))
        complaints = stack.enter_context(tempfile.TemporaryFile())
        children = []
        with os.fdopen(report, "w") as output:
            for share in range(processes):
                shares = (settings.model_dump_json(), str(share), str(processes))
                line = command("jobs.data.phantom_draw", str(folder), *shares)
                child = subprocess.Popen(line, stdout=output, stderr=complaints)
                stack.callback(child.wait)
                stack.callback(child.kill)
                children.append(child)
        done = 0
        progress(done, total)
        for count in counts:
            done += int(count)
            progress(done, total)
        codes = [child.wait() for child in children]
        if any(codes):
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip().splitlines()
            raise JobsError(f"{folder}: drawing the phantom failed: {said[-1] if said else codes}")
