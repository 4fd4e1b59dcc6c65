"""A split's labels as parquet, so that scoring needs no CSV."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from jobs.data.table import ImageTable
from jobs.errors import DamagedError
from jobs.parquet import as_text, read_table, refuse_duplicates, text_column, write_table

ID_COLUMNS = ("image", "study", "patient", "view", "path")
REMEDY = "delete it and run again: it is written anew from the data folder"


def write_targets(path: Path, table: ImageTable) -> str:
    """Write atomically, the same bytes for the same content; hex SHA-256 of the file.

    Raises ValueError for an image or label that occurs twice, and for shapes that do not fit.
    """
    _check(table)
    columns = {name: text_column(getattr(table, name)) for name in ID_COLUMNS}
    for number, label in enumerate(table.labels):
        columns[label] = pa.array(np.ascontiguousarray(table.targets[:, number]))
    return write_table(path, columns, {"split": table.split})


def read_targets(path: Path, sha256: str) -> ImageTable:
    """Read what `write_targets` wrote; its SHA-256 must be `sha256`.

    Raises DamagedError, naming the file and what to do, if it is missing or anything else.
    """
    content, metadata = read_table(path, sha256, REMEDY)
    labels = tuple(content.column_names[len(ID_COLUMNS) :])
    if tuple(content.column_names[: len(ID_COLUMNS)]) != ID_COLUMNS or "split" not in metadata:
        raise DamagedError(f"{path}: is no target set; {REMEDY}")
    targets = np.empty((content.num_rows, len(labels)), dtype=np.bool_)
    for number, label in enumerate(labels):
        if content.schema.field(label).type != pa.bool_():
            raise DamagedError(f"{path}: column {label!r} is not boolean; {REMEDY}")
        targets[:, number] = content[label].to_numpy()
    image, study, patient, view, paths = (as_text(content[name]) for name in ID_COLUMNS)
    table = ImageTable(metadata["split"], labels, image, study, patient, view, paths, targets)
    try:
        _check(table)
    except ValueError as error:
        raise DamagedError(f"{path}: {error}; {REMEDY}") from error
    return table


def _check(table: ImageTable) -> None:
    if any(len(getattr(table, name)) != len(table) for name in ID_COLUMNS):
        raise ValueError("image, study, patient, view and path are not of one length")
    if table.targets.shape != (len(table), len(table.labels)) or table.targets.dtype != np.bool_:
        raise ValueError(f"targets are {table.targets.shape} {table.targets.dtype}")
    if len(set(table.labels) | set(ID_COLUMNS)) != len(table.labels) + len(ID_COLUMNS):
        raise ValueError("a label occurs twice, or is named like an id column")
    refuse_duplicates(table.image)
