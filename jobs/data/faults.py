"""What is wrong with the files of a data set: each fault with its place."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from jobs.errors import InputError

Effect = Literal["stops", "leaves out", "changes results", "none"]
_SHOWN: Final = 60  # characters of what was found


@dataclass(frozen=True)
class Fault:
    """One fault: the file and its line, the column, what stands there, what is wrong with it.

    Its effect: the file cannot be used (stops), its row is not used (leaves out), the row is used
    and results are not what they should be (changes results), or results stay the same (none).
    """

    file: str
    row: int | None  # line of the file, the header being line 1
    column: str | None
    found: str
    problem: str
    effect: Effect

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", line {self.row}"
        if self.column is not None:
            place += f", column {self.column!r}"
        shown = self.found if len(self.found) <= _SHOWN else f"{self.found[:_SHOWN]}..."
        return f"{place}: {shown!r}: {self.problem}" if self.found else f"{place}: {self.problem}"


@dataclass
class Faults:
    """Collects what readers find wrong, and decides when a file has too many bad rows."""

    allowed: float | None = None  # share of a file's rows that may be left out; None: all
    found: list[Fault] = field(default_factory=list)
    left_out: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def row(self, file: Path, line: int, column: str | None, found: str, problem: str) -> None:
        """A row that is not used."""
        self.left_out[str(file)].add(line)
        self.found.append(Fault(str(file), line, column, found, problem, "leaves out"))

    def stop(
        self, file: Path, problem: str, *, row: int | None = None, column: str | None = None
    ) -> InputError:
        """A file that cannot be used; the error that the caller raises when it has told all."""
        self.found.append(Fault(str(file), row, column, "", problem, "stops"))
        return InputError(str(self.found[-1]))

    def check_share(self, file: Path, rows: int) -> None:
        """InputError with the first bad row, if more of the file's `rows` are bad than allowed."""
        bad = len(self.left_out[str(file)])
        if self.allowed is None or bad <= self.allowed * rows:
            return
        first = next(one for one in self.found if one.file == str(file) and one.effect != "none")
        raise InputError(
            f"{first} ({bad:,} of {rows:,} rows are bad, over the allowed {self.allowed:.1%}; "
            "`cxrtui data check` lists them)"
        )
