"""The rows of all parts of a data set, one after another, with the place of each."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Literal

from jobs.data.faults import Effect, Fault
from jobs.data.part import Part

What = Literal["image", "study", "patient", "path"]


class Rows:
    """N rows; each has an index over all parts."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.parts = tuple(parts)
        self._starts = [0, *accumulate(len(part.table) for part in self.parts)]

    def texts(self, what: What) -> list[str]:
        """What every row says, (N,)."""
        return [text for part in self.parts for text in getattr(part.table, what).tolist()]

    def part(self, row: int) -> int:
        """Number of the part that a row is in."""
        return bisect_right(self._starts, row) - 1

    def place(self, row: int) -> str:
        """File name and line, for the other half of a fault."""
        part, own = self._own(row)
        return f"{part.file.name}, line {part.line[own]}"

    def also_in(self, row: int) -> str:
        """The split of a row, which other rows have no place in."""
        part, _ = self._own(row)
        return f"in split {part.table.split} too ({self.place(row)})"

    def fault(self, row: int, what: What, problem: str, effect: Effect) -> Fault:
        """What is wrong with the image, study, patient or path of a row."""
        part, own = self._own(row)
        found = str(getattr(part.table, what)[own])
        return Fault(str(part.file), int(part.line[own]), part.column[what], found, problem, effect)

    def _own(self, row: int) -> tuple[Part, int]:
        number = self.part(row)
        return self.parts[number], row - self._starts[number]
