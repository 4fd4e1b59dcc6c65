"""The four splits of a data folder, whatever its format."""

from pathlib import Path
from typing import Final

import numpy as np

from jobs.data.faults import Fault, Faults
from jobs.data.folders import check_folder, is_below
from jobs.data.formats import (
    chexpert,
    cxr_lt_2023,
    cxr_lt_2024,
    cxr_lt_2026,
    nih_chestxray14,
    nih_cxr_lt,
    padchest,
    plain_csv,
)
from jobs.data.part import Part, Reader
from jobs.data.splitting import SPLITS, split_tables
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import DataFormat, DataSettings

__all__ = ["SPLITS", "read_dataset", "read_excluded", "read_parts", "split_parts"]

_READERS: Final[dict[DataFormat, Reader]] = {
    "cxr-lt-2023": cxr_lt_2023.read,
    "cxr-lt-2024": cxr_lt_2024.read,
    "cxr-lt-2026": cxr_lt_2026.read,
    "nih-chestxray14": nih_chestxray14.read,
    "nih-cxr-lt": nih_cxr_lt.read,
    "padchest": padchest.read,
    "chexpert": chexpert.read,
    "csv": plain_csv.read,
}


def read_parts(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """The parts that the data set has files for, train at least, without what is excluded.

    Raises InputError, after telling it, where a file cannot be used.
    """
    check_folder(root, settings, faults)
    parts = _READERS[settings.format](root, settings, labels, faults)
    return _without_excluded(root, settings, parts, faults)


def read_dataset(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults | None = None
) -> dict[str, ImageTable]:
    """All four splits by name, labels selected by name in the order given.

    Rows that cannot be used are left out; `faults` tells them. Raises InputError where a file
    cannot be used, or has more such rows than `bad_rows` allows.
    """
    faults = Faults() if faults is None else faults
    faults.allowed = settings.bad_rows
    parts = read_parts(root, settings, labels, faults)
    for fault in faults.found:
        if fault.effect == "stops":
            raise InputError(str(fault))
    for part in parts.values():
        faults.check_share(part.file, part.rows)
    return split_parts(parts, settings)


def split_parts(parts: dict[str, Part], settings: DataSettings) -> dict[str, ImageTable]:
    """The splits of the parts; those without a part are split off train by patient."""
    return split_tables({name: part.table for name, part in parts.items()}, settings)


def read_excluded(root: Path, settings: DataSettings, faults: Faults) -> dict[str, int]:
    """The paths of images that the recipe's `exclude` lists, each with its line.

    Raises InputError, after telling it, where the list cannot be read.
    """
    if settings.exclude is None:
        return {}
    file = root / settings.exclude
    if not is_below(settings.exclude):
        raise faults.stop(file, "exclude must be a file below the data folder")
    return _lines(file, faults)


def _without_excluded(
    root: Path, settings: DataSettings, parts: dict[str, Part], faults: Faults
) -> dict[str, Part]:
    """The parts without the images that the recipe's `exclude` lists."""
    listed = read_excluded(root, settings, faults)
    if settings.exclude is None:
        return parts
    known = {path for part in parts.values() for path in part.table.path.tolist()}
    for path, line in listed.items():
        if path not in known:
            problem = "no image has this path, relative to the data folder"
            file = str(root / settings.exclude)
            faults.found.append(Fault(file, line, None, path, problem, "changes results"))
    return {name: _without(part, set(listed)) for name, part in parts.items()}


def _lines(file: Path, faults: Faults) -> dict[str, int]:
    """What each line says before a tab, if anything, with its number; a reason may follow."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise faults.stop(file, f"cannot be read: {reason}") from error
    paths = (line.partition("\t")[0].strip() for line in lines)
    return {path: number for number, path in enumerate(paths, start=1) if path}


def _without(part: Part, paths: set[str]) -> Part:
    gone = [path in paths for path in part.table.path.tolist()]
    return part.take(np.flatnonzero(~np.array(gone, dtype=bool)))
