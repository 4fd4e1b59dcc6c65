"""Prediction sets as parquet: written once, deterministic, and checked at every reading."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.errors import DamagedError
from jobs.parquet import as_text, read_table, refuse_duplicates, text_column, write_table

ID_COLUMNS = ("image", "study", "patient", "view")
REMEDY = "make it again with `cxrtui queue retry MODEL.predict`"


@dataclass(frozen=True, eq=False)
class PredictionSet:
    """A model's probabilities for the N images of a split, with C labels."""

    split: str
    labels: tuple[str, ...]  # (C,)
    image: NDArray[np.str_]  # (N,)
    study: NDArray[np.str_]  # (N,)
    patient: NDArray[np.str_]  # (N,)
    view: NDArray[np.str_]  # (N,) "" where it is missing
    probabilities: NDArray[np.float32]  # (N, C)

    def __len__(self) -> int:
        return len(self.image)


def write_predictions(path: Path, predictions: PredictionSet) -> str:
    """Write atomically, the same bytes for the same content; hex SHA-256 of the file.

    Raises ValueError for a probability that is NaN or infinite, for an image that occurs twice,
    and for columns that do not fit together.
    """
    _check(predictions)
    columns = {name: text_column(getattr(predictions, name)) for name in ID_COLUMNS}
    for number, label in enumerate(predictions.labels):
        columns[label] = pa.array(np.ascontiguousarray(predictions.probabilities[:, number]))
    return write_table(path, columns, {"split": predictions.split})


def read_predictions(path: Path, sha256: str, remedy: str = REMEDY) -> PredictionSet:
    """Read what `write_predictions` wrote; its SHA-256 must be `sha256`.

    Raises DamagedError, naming the file and the `remedy`, if it is missing or anything else.
    """
    table, metadata = read_table(path, sha256, remedy)
    labels = tuple(table.column_names[len(ID_COLUMNS) :])
    if tuple(table.column_names[: len(ID_COLUMNS)]) != ID_COLUMNS or "split" not in metadata:
        raise DamagedError(f"{path}: is no prediction set; {remedy}")
    image, study, patient, view = (as_text(table[name]) for name in ID_COLUMNS)
    probabilities = np.empty((table.num_rows, len(labels)), dtype=np.float32)
    for number, label in enumerate(labels):
        if table.schema.field(label).type != pa.float32():
            raise DamagedError(f"{path}: column {label!r} is not float32; {remedy}")
        probabilities[:, number] = table[label].to_numpy()
    predictions = PredictionSet(
        metadata["split"], labels, image, study, patient, view, probabilities
    )
    try:
        _check(predictions)
    except ValueError as error:
        raise DamagedError(f"{path}: {error}; {remedy}") from error
    return predictions


def _check(predictions: PredictionSet) -> None:
    rows, columns = len(predictions.image), len(predictions.labels)
    if any(len(getattr(predictions, name)) != rows for name in ID_COLUMNS):
        raise ValueError("image, study, patient and view are not of one length")
    if predictions.probabilities.dtype != np.float32:
        raise ValueError(f"probabilities are {predictions.probabilities.dtype}, not float32")
    if predictions.probabilities.shape != (rows, columns):
        shape = predictions.probabilities.shape
        raise ValueError(f"probabilities are {shape}, expected {(rows, columns)}")
    if len(set(predictions.labels) | set(ID_COLUMNS)) != columns + len(ID_COLUMNS):
        raise ValueError("a label occurs twice, or is named like an id column")
    for label, column in zip(predictions.labels, predictions.probabilities.T, strict=True):
        if not np.isfinite(column).all():
            raise ValueError(f"label {label!r} has a probability that is NaN or infinite")
    refuse_duplicates(predictions.image)
