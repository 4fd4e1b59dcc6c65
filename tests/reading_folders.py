"""Read a data folder and look at the faults that its reader tells."""

from pathlib import Path

from data_folders import labels_for

from jobs.data.faults import Fault, Faults
from jobs.data.part import Part
from jobs.data.reading import read_parts
from jobs.recipe.schema import DataSettings


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...] | None = None
) -> tuple[dict[str, Part], list[Fault]]:
    """The parts, and all faults that were told."""
    faults = Faults()
    parts = read_parts(root, settings, labels or labels_for(settings.format), faults)
    return parts, faults.found


def only_fault(root: Path, settings: DataSettings) -> Fault:
    """The one fault that the folder has."""
    _, (fault,) = read(root, settings)
    return fault


def place(fault: Fault) -> tuple[str, int | None, str | None, str]:
    """Name of the file, line, column, and what was found there."""
    return Path(fault.file).name, fault.row, fault.column, fault.found
