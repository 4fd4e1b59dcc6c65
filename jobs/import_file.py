"""A file of predictions that were made elsewhere: CSV or parquet, each number with its place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from jobs.data.csv_text import read_fields
from jobs.data.faults import Faults
from jobs.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

IMAGE_COLUMNS: Final = ("image", "dicom_id", "ImageID", "Image Index", "id")
_SHOWN: Final = 60  # characters of what was found
_Found = Callable[[int, int], object]  # (row, number of the label) -> as it is written


@dataclass(frozen=True, eq=False)
class GivenPredictions:
    """N rows of a file as they are written, with C labels."""

    file: Path
    unit: Literal["line", "row"]  # what `place` counts
    place: NDArray[np.int64]  # (N,) from 1; the header of a CSV file is line 1
    image_column: str
    image: NDArray[np.str_]  # (N,)
    labels: tuple[str, ...]
    values: NDArray[np.float64]  # (N, C)
    ignored: tuple[str, ...]  # other columns of the file

    def fault(self, row: int, column: str, found: object, problem: str) -> InputError:
        """The error that tells what is wrong in a row (its index)."""
        at, text = f"{self.unit} {self.place[row]}", str(found)
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        return InputError(f"{self.file}, {at}, column {column!r}: found {shown!r}: {problem}")


def read_given(
    file: Path, labels: tuple[str, ...], image_column: str | None = None, *, logits: bool = False
) -> GivenPredictions:
    """Read the columns of `labels`, and that of the images' ids by its name.

    Without `image_column` it is one of IMAGE_COLUMNS. A number must be within 0 to 1, with
    `logits` only finite. InputError, naming file, line and column, for whatever is not so.
    """
    name = file.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        given, found = _read_csv(file, labels, image_column)
    elif name.endswith(".parquet"):
        given, found = _read_parquet(file, labels, image_column)
    else:
        raise InputError(f"{file}: predictions are imported from .csv, .csv.gz and .parquet files")
    _check(given, found, logits)
    return given


def _read_csv(
    file: Path, labels: tuple[str, ...], image_column: str | None
) -> tuple[GivenPredictions, _Found]:
    header: list[str] = []

    def choose(found: list[str]) -> list[int]:
        header.extend(name.strip() for name in found)
        return [header.index(name) for name in _chosen(file, header, labels, image_column)]

    faults = Faults()
    fields = read_fields(file, choose, faults)
    if faults.found:
        raise InputError(f"{faults.found[0]}{_more(len(faults.found))}")
    ids, *columns = fields.columns
    values = np.empty((len(fields.line), len(labels)))
    for number, column in enumerate(columns):
        values[:, number] = np.array([_number(text) for text in column.distinct])[column.code]
    image = np.array([text.strip() for text in ids.distinct], dtype=np.str_)[ids.code]
    chosen = _chosen(file, header, labels, image_column)
    ignored = tuple(name for name in header if name not in chosen)
    given = GivenPredictions(file, "line", fields.line, chosen[0], image, labels, values, ignored)
    return given, lambda row, label: columns[label][row]


def _read_parquet(
    file: Path, labels: tuple[str, ...], image_column: str | None
) -> tuple[GivenPredictions, _Found]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # No dataset reader: its threads abort the process now and then when it ends.
        with pq.ParquetFile(file) as source:
            header = source.schema_arrow.names
            chosen = _chosen(file, header, labels, image_column)
            table = source.read(chosen, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{file}: cannot be read as parquet: {reason}") from error
    if not table.num_rows:
        raise InputError(f"{file}: it has no rows: there must be one an image")
    values = np.empty((table.num_rows, len(labels)))
    for number, label in enumerate(labels):
        values[:, number] = _numbers(file, label, table[label])
    place = np.arange(1, table.num_rows + 1)
    image = _ids(file, chosen[0], table[chosen[0]])
    ignored = tuple(name for name in header if name not in chosen)
    given = GivenPredictions(file, "row", place, chosen[0], image, labels, values, ignored)
    return given, lambda row, label: table[labels[label]][row].as_py()


def _chosen(
    file: Path, header: Sequence[str], labels: tuple[str, ...], image_column: str | None
) -> tuple[str, ...]:
    """The column of ids, then those of the labels; InputError where one is absent or twice."""
    ids = [name for name in IMAGE_COLUMNS if name in header and name not in labels]
    if image_column is None and len(ids) != 1:
        found = f"columns {' and '.join(ids)}" if ids else f"no column {', '.join(IMAGE_COLUMNS)}"
        raise InputError(f"{file}: found {found}: say with --image which column names the images")
    chosen = (image_column or ids[0], *labels)
    missing = [name for name in chosen if name not in header]
    if missing:
        many = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"{file}: column {missing[0]!r}{many} absent: there must be one for the images' ids, "
            "and one for each label of the recipe"
        )
    twice = [name for name in chosen if header.count(name) > 1]
    if twice:
        raise InputError(f"{file}: column {twice[0]!r} is there twice: leave one out")
    return chosen


def _check(given: GivenPredictions, found: _Found, logits: bool) -> None:
    """InputError for the first number that is none, or is outside of what it may be."""
    least, most = (-np.inf, np.inf) if logits else (0.0, 1.0)
    values = given.values
    good = np.isfinite(values) & (values >= least) & (values <= most)
    if good.all():
        return
    row, label = (int(place) for place in np.argwhere(~good)[0])
    wanted = "a finite number" if logits else "a probability from 0 to 1 (of logits say --logits)"
    problem = f"it must be {wanted}{_more(int((~good).sum()))}"
    raise given.fault(row, given.labels[label], found(row, label), problem)


def _number(text: str) -> float:
    """NaN for what is no number; Python's underscores in numbers are none."""
    try:
        return float(text) if "_" not in text else float("nan")
    except ValueError:
        return float("nan")


def _numbers(file: Path, label: str, column: "pa.ChunkedArray") -> NDArray[np.float64]:
    """(N,) with NaN for what is missing."""
    import pyarrow as pa

    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise InputError(f"{file}: column {label!r} is {column.type}: it must be numbers")
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _ids(file: Path, name: str, column: "pa.ChunkedArray") -> NDArray[np.str_]:
    """(N,) text; whole numbers will do."""
    import pyarrow as pa

    kinds = (pa.types.is_integer, pa.types.is_string, pa.types.is_large_string)
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    if not any(is_kind(plain.type) for is_kind in kinds):
        raise InputError(f"{file}: column {name!r} is {column.type}: it must be texts")
    texts = plain.cast(pa.string()).fill_null("").to_pylist()
    return np.array([text.strip() for text in texts], dtype=np.str_)


def _more(count: int) -> str:
    return f" ({count:,} such)" if count > 1 else ""
