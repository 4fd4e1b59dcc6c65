"""Small tables as parquet files that are durable, deterministic and checked."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jobs.durable import write_atomic
from jobs.errors import DamagedError


def write_table(path: Path, columns: Mapping[str, pa.Array], metadata: Mapping[str, str]) -> str:
    """Write `columns` atomically; hex SHA-256 of the bytes, the same for the same content."""
    table = pa.table(dict(columns)).replace_schema_metadata(dict(metadata))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=False)
    data = sink.getvalue().to_pybytes()
    write_atomic(path, data)
    return hashlib.sha256(data).hexdigest()


def read_table(path: Path, sha256: str, remedy: str) -> tuple[pa.Table, dict[str, str]]:
    """The table and metadata of a file whose SHA-256 is `sha256`.

    Raises DamagedError, naming the file and the `remedy`, if it is missing or anything else.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedError(f"{path}: cannot be read ({error.strerror}); {remedy}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DamagedError(f"{path}: SHA-256 is {found}, expected {sha256}; {remedy}")
    try:
        # No dataset reader: its threads abort the process now and then when it ends.
        table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
    except pa.ArrowException as error:
        raise DamagedError(f"{path}: is no parquet file; {remedy}") from error
    metadata = table.schema.metadata or {}
    return table, {key.decode(): value.decode() for key, value in metadata.items()}


def text_column(values: NDArray[np.str_]) -> pa.Array:
    """(N,) text as an Arrow column."""
    return pa.array(values.tolist(), type=pa.string())


def as_text(column: pa.ChunkedArray) -> NDArray[np.str_]:
    """An Arrow text column as a (N,) numpy array."""
    return np.array(column.to_pylist(), dtype=np.str_)


def refuse_duplicates(images: NDArray[np.str_]) -> None:
    """ValueError that names the first image which occurs twice."""
    names, counts = np.unique(images, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"image {names[counts > 1][0]} occurs twice")
