"""A data folder, counted and searched for all that would change results."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.data.check.across import faults_across
from jobs.data.check.counts import Counts, count_data
from jobs.data.check.images import absent_images, opened_images
from jobs.data.check.parallel import Progress
from jobs.data.check.rows import Rows
from jobs.data.faults import Fault, Faults
from jobs.data.formats.mimic_metadata import check_metadata
from jobs.data.part import Part
from jobs.data.reading import read_parts, split_parts
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import DataFormat, DataSettings

_ON_MIMIC: Final[frozenset[DataFormat]] = frozenset({"cxr-lt-2023", "cxr-lt-2024"})

# (what is counted) -> a function of (done, total) while it is open
Counting = Callable[[str], AbstractContextManager[Progress | None]]


@dataclass(frozen=True)
class BadRows:
    """How many rows of a file cannot be used."""

    bad: int
    rows: int
    allowed: float  # share of them

    @property
    def too_many(self) -> bool:
        """Whether a run would refuse the file."""
        return self.bad > self.allowed * self.rows


@dataclass(frozen=True)
class DataCheck:
    """What a data folder has, and what is wrong with it."""

    format: DataFormat
    counts: Counts | None  # None where a file cannot be used
    faults: tuple[Fault, ...]
    left_out: dict[str, BadRows]  # by file, where it has any

    @property
    def changes_results(self) -> bool:
        """Whether results would not be those of the whole data set, or there would be none."""
        effects = {fault.effect for fault in self.faults}
        too_many = any(rows.too_many for rows in self.left_out.values())
        return too_many or bool(effects & {"stops", "changes results"})


def check_data(
    root: Path,
    settings: DataSettings,
    labels: tuple[str, ...],
    *,
    open_images: bool = False,
    min_size: int = 64,
    counting: Counting | None = None,
) -> DataCheck:
    """Read all tables of the folder `root` and look for every image file; open them if asked.

    Raises InputError where the settings do not fit the folder; faults of files are in the answer.
    """
    faults = Faults()
    try:
        parts = read_parts(root, settings, labels, faults)
        if settings.format in _ON_MIMIC:
            check_metadata(root, settings, parts, faults)
    except InputError:
        if not any(fault.effect == "stops" for fault in faults.found):
            raise
        return DataCheck(settings.format, None, tuple(faults.found), {})
    rows = Rows(parts.values())
    faults.found += faults_across(rows)
    faults.found += _images(root, rows, open_images, min_size, counting or _silent)
    counts = count_data(parts, _splits(parts, settings, faults))
    left_out = {
        str(part.file): BadRows(bad, part.rows, settings.bad_rows)
        for part in parts.values()
        if (bad := len(faults.left_out[str(part.file)]))
    }
    return DataCheck(settings.format, counts, tuple(faults.found), left_out)


def _splits(
    parts: dict[str, Part], settings: DataSettings, faults: Faults
) -> dict[str, ImageTable]:
    """The four splits; the parts as they are, after telling it, where there is too little."""
    try:
        return split_parts(parts, settings)
    except InputError as error:
        faults.stop(parts["train"].file, str(error))
        return {name: part.table for name, part in parts.items()}


def _images(
    root: Path, rows: Rows, open_images: bool, min_size: int, counting: Counting
) -> list[Fault]:
    with counting("looking for images") as progress:
        there, faults = absent_images(root, rows, progress)
    if open_images:
        with counting("opening images") as progress:
            faults += opened_images(root, rows, there, min_size, progress)
    return faults


@contextmanager
def _silent(_: str) -> Iterator[None]:
    """Nobody watches."""
    yield
