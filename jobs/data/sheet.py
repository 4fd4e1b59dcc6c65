"""A CSV file as columns of text by name, with the line of each row."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.csv_text import Coded, Fields, read_fields
from jobs.data.faults import Faults

ZERO_OR_ONE: Final[Mapping[str, bool]] = {"0": False, "1": True, "0.0": False, "1.0": True}

# A whole number that passed through a float, as 10000032.0 or 3.24e+38: it may stand for many.
_AS_FLOAT: Final = re.compile(r"\d+\.0+|\d+(?:\.\d+)?[eE]\+\d+", re.ASCII)

ANY_ID: Final = re.compile(rf"(?!(?:{_AS_FLOAT.pattern})$).+", re.ASCII)


class Sheet:
    """N rows of a file; a row in which something is wrong is told and marked as bad."""

    def __init__(self, file: Path, names: Iterable[str], fields: Fields, faults: Faults) -> None:
        self.file = file
        self.line = fields.line  # (N,), the first line of the file being 1
        self.rows = fields.rows  # also those that have too few or too many fields
        self.faults = faults
        self.bad = np.zeros(len(fields.line), dtype=bool)
        self._columns = dict(zip(names, fields.columns, strict=True))

    def __len__(self) -> int:
        return len(self.line)

    def __contains__(self, column: str) -> bool:
        return column in self._columns

    def coded(self, column: str) -> Coded:
        """A column as it is written."""
        return self._columns[column]

    def text(self, column: str) -> NDArray[np.str_]:
        """A column (N,) without blanks around."""
        return self.mapped(column, [text.strip() for text in self.coded(column).distinct])

    def mapped(self, column: str, texts: Sequence[str]) -> NDArray[np.str_]:
        """(N,) with another text for each distinct one of `column`."""
        values, code = np.array(texts, dtype=np.str_), self.coded(column).code
        in_order = len(values) == len(code) and np.array_equal(code, np.arange(len(code)))
        return values if in_order else values[code]

    def tell(self, row: int, column: str, problem: str) -> None:
        """Mark a row (its index) as bad, because of what stands in `column`."""
        self.bad[row] = True
        found = self.coded(column)[row]
        self.faults.row(self.file, int(self.line[row]), column, found, problem)

    def tell_where(self, column: str, problems: Mapping[int, str]) -> None:
        """Mark every row whose text in `column` is a wrong one: number of the text -> problem."""
        if problems:
            code = self.coded(column).code
            for row in np.flatnonzero(np.isin(code, list(problems))).tolist():
                self.tell(row, column, problems[int(code[row])])

    def matching(
        self, column: str, form: re.Pattern[str] = ANY_ID, problem: str = "it must be an id"
    ) -> NDArray[np.str_]:
        """The group of `form` in each field (N,), else all of it; "" where it is bad.

        A number that was saved with a point ("10000032.0") gets its own words in place of
        `problem`.
        """
        distinct, group = self.coded(column).distinct, min(form.groups, 1)
        found = [
            match[group] if (match := form.fullmatch(text.strip())) else "" for text in distinct
        ]
        problems = {
            number: "was it saved as a number?" if _AS_FLOAT.fullmatch(text.strip()) else problem
            for number, text in enumerate(distinct)
            if not found[number] and form.fullmatch(text.strip()) is None
        }
        self.tell_where(column, problems)
        return self.mapped(column, found)

    def refuse_duplicates(self, column: str, texts: NDArray[np.str_]) -> None:
        """Mark every row whose text, made from `column`, an earlier row has; "" is none."""
        listed = texts.tolist()
        if len(set(listed)) == len(listed):
            return
        seen: dict[str, int] = {}
        for row, text in enumerate(listed):
            first = seen.setdefault(text, row)
            if first != row and text:
                self.tell(row, column, f"stands in line {self.line[first]} already")

    def truths(
        self,
        labels: Sequence[str],
        meaning: Mapping[str, bool] = ZERO_OR_ONE,
        problem: str = "it must be 0 or 1",
    ) -> NDArray[np.bool_]:
        """The label columns as (N, C), by what each text means; other text makes the row bad."""
        targets = np.zeros((len(self), len(labels)), dtype=bool)
        for number, label in enumerate(labels):
            texts = [text.strip() for text in self.coded(label).distinct]
            self.tell_where(
                label, {at: problem for at, text in enumerate(texts) if text not in meaning}
            )
            true = np.array([meaning.get(text, False) for text in texts], dtype=bool)
            targets[:, number] = true[self.coded(label).code]
        return targets

    def listed(
        self,
        column: str,
        labels: Sequence[str],
        parse: Callable[[str], Collection[str] | None],
        problem: str,
    ) -> NDArray[np.bool_]:
        """(N, C): which labels each field of `column` lists; a row is bad where that is None."""
        distinct, code = self.coded(column).distinct, self.coded(column).code
        wanted = {label: number for number, label in enumerate(labels)}
        true = np.zeros((len(distinct), len(labels)), dtype=bool)
        problems = {}
        for at, text in enumerate(distinct):
            found = parse(text)
            if found is None:
                problems[at] = problem
            else:
                true[at, [wanted[label] for label in found if label in wanted]] = True
        self.tell_where(column, problems)
        return true[code]

    def good(self) -> NDArray[np.intp]:
        """Indices of the rows in which nothing is wrong."""
        return np.flatnonzero(~self.bad)


def read_sheet(
    file: Path, needed: Sequence[str], faults: Faults, optional: Sequence[str] = ()
) -> Sheet:
    """The columns `needed`, and those of `optional` that there are, of a CSV or CSV.GZ file.

    A row with too few or too many fields is told and left out. Raises InputError, after all of
    them were told, if the file cannot be read, a needed column is absent, or one is there twice.
    """
    names: list[str] = []

    def choose(header: list[str]) -> list[int]:
        places = _places(file, header, needed, optional, faults)
        names.extend(places)
        return list(places.values())

    fields = read_fields(file, choose, faults)
    return Sheet(file, names, fields, faults)


def _places(
    file: Path,
    header: list[str],
    needed: Sequence[str],
    optional: Sequence[str],
    faults: Faults,
) -> dict[str, int]:
    """Where each column is that we read; all that is wrong with them is told before the error."""
    header = [name.strip() for name in header]
    wrong = []
    wanted = tuple(dict.fromkeys((*needed, *optional)))
    for name in wanted:
        count = header.count(name)
        if count > 1:
            wrong.append(faults.stop(file, "the column is there twice", row=1, column=name))
        elif not count and name in needed:
            wrong.append(faults.stop(file, "the column is absent", row=1, column=name))
    if wrong:
        raise wrong[0]
    return {name: header.index(name) for name in wanted if name in header}
