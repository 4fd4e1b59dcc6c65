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

from jobs.data.faults import Faults
from jobs.data.formats.cxr_lt_2023 import FILES, FOLDER
from jobs.data.phantom.draw import Scenes, drop_scenes, write_scenes
from jobs.data.phantom.identity import phantom_identity
from jobs.data.phantom.rows import PhantomRows, phantom_rows
from jobs.data.table import ImageTable
from jobs.durable import write_atomic, write_json
from jobs.errors import InputError, JobsError
from jobs.recipe.schema import PhantomSettings
from jobs.start import command

NOTE: Final = "phantom.json"

_VIEW_CODES: Final = {
    "PA": "postero-anterior",
    "AP": "antero-posterior",
    "LATERAL": "lateral",
}

Progress = Callable[[int, int], None]


def write_phantom(
    root: Path,
    settings: PhantomSettings,
    progress: Progress | None = None,
    processes: int | None = None,
    faults: Faults | None = None,
) -> bool:
    """Write the phantom of `settings` as folder `root`: whole, or not at all.

    The files depend on the settings only, not on `processes` (default: one a core). Where `root`
    holds this phantom already, nothing is done, and the answer is False. `progress(done, total)`
    counts images; `faults` learns which rows of a label file cannot be used.
    Raises InputError where `root` holds something else or the settings ask for what cannot be,
    JobsError where drawing failed.
    """
    root = root.absolute()
    note = phantom_identity(settings)
    if _holds(root, note):
        return False
    rows = phantom_rows(settings, faults or Faults())
    root.parent.mkdir(parents=True, exist_ok=True)
    partial = root.with_name(f".{root.name}.partial")
    with _own(partial):
        if _holds(root, note):
            return False
        _write_tables(partial, rows)
        cores = len(os.sched_getaffinity(0))
        _draw(partial, settings, progress or _silent, processes or cores)
        write_json(partial / NOTE, note)
        partial.rename(root)
    return True


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


def _holds(root: Path, note: dict[str, object]) -> bool:
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
    if found != note:
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


def _write_tables(folder: Path, rows: dict[str, PhantomRows]) -> None:
    """The CSV files, and beside them what the children shall draw."""
    (folder / FOLDER).mkdir()
    for split, own in rows.items():
        write_atomic(folder / FOLDER / FILES[split], _csv(own.table))
        write_scenes(folder, split, Scenes(own.table.path, own.lateral, own.shown))


def _csv(table: ImageTable) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    metadata = ("dicom_id", "subject_id", "study_id", "ViewPosition")
    lines.writerow((*metadata, "ViewCodeSequence_CodeMeaning", "path", *table.labels))
    codes = [_VIEW_CODES.get(view, "") for view in table.view.tolist()]
    studies = [f"s{study}" for study in table.study]
    columns = (table.image, table.patient, studies, table.view, codes, table.path)
    targets = table.targets.astype(int).tolist()
    lines.writerows((*row, *labels) for *row, labels in zip(*columns, targets, strict=True))
    return text.getvalue().encode()


def _draw(folder: Path, settings: PhantomSettings, progress: Progress, processes: int) -> None:
    """Draw all images with `processes` children that report on one pipe, and wait for them."""
    total = settings.train_images + settings.development_images + settings.test_images
    reports, report = os.pipe()
    with ExitStack() as stack:
        counts = stack.enter_context(os.fdopen(reports))
        complaints = stack.enter_context(tempfile.TemporaryFile())
        children = []
        with os.fdopen(report, "w") as output:
            for share in range(processes):
                shares = (settings.model_dump_json(), str(share), str(processes))
                line = command("jobs.data.phantom.draw", str(folder), *shares)
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
    drop_scenes(folder)
