"""What a reader answers with: the parts that a data set has files for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.sheet import Sheet
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings


@dataclass(frozen=True, eq=False)
class Part:
    """One part (train, dev or test) of a data set, as its file has it."""

    file: Path
    line: NDArray[np.int64]  # (N,) line of the file of each row
    column: dict[str, str]  # what the file calls image, study, patient, view and path
    table: ImageTable
    rows: int  # of the file, with the bad ones and those of other parts in it

    def take(self, rows: NDArray[np.intp]) -> "Part":
        """The part with these rows (indices) only."""
        return replace(self, line=self.line[rows], table=self.table.take(rows, self.table.split))


# (data folder, settings, labels in the order wanted, faults) -> parts by name; train is always
# there. Raises InputError, after telling the faults, where a file cannot be used.
Reader = Callable[[Path, DataSettings, tuple[str, ...], Faults], dict[str, Part]]


def part_of(sheet: Sheet, column: dict[str, str], table: ImageTable) -> Part:
    """The good rows of a sheet; `table` is made from all of them."""
    part = Part(sheet.file, sheet.line, column, table, sheet.rows)
    return part.take(sheet.good()) if sheet.bad.any() else part
