"""The fields of a CSV file, each with the line that it stands in."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults

if TYPE_CHECKING:
    import pyarrow as pa

_BOM: Final = b"\xef\xbb\xbf"
_NEWLINE: Final = ord("\n")
_COMMA: Final = ord(",")
_BLOCK: Final = 1 << 24  # bytes parsed at a time
_SAMPLE: Final = 4096  # rows that tell whether texts come again

# Header -> the places of the columns that are read; raises InputError.
Choose = Callable[[list[str]], list[int]]


@dataclass(frozen=True, eq=False)
class Coded:
    """N texts of which many are the same: the distinct ones, and the number of each row's.

    Where hardly any are the same, a text can be among the distinct ones more than once.
    """

    distinct: list[str]
    code: NDArray[np.int32]  # (N,)

    def __len__(self) -> int:
        return len(self.code)

    def __getitem__(self, row: int) -> str:
        return self.distinct[int(self.code[row])]


@dataclass(frozen=True, eq=False)
class Fields:
    """The N rows of a file that have as many fields as its header."""

    line: NDArray[np.int64]  # (N,), the first line of the file being 1
    columns: list[Coded]  # those that were chosen, in that order
    rows: int  # also those with too few or too many fields


def read_fields(file: Path, choose: Choose, faults: Faults) -> Fields:
    """The chosen columns of a CSV or CSV.GZ file in UTF-8.

    A row with too few or too many fields is told and left out. Raises InputError, after telling
    it, if the file cannot be read or has no rows.
    """
    data = _bytes(file, faults).removeprefix(_BOM)
    _check_text(file, data, faults)
    plain = b'"' not in data and (b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"))
    fields = _plain(file, data, choose, faults) if plain else _quoted(file, data, choose, faults)
    if not len(fields.line):
        raise faults.stop(file, "no row can be used: there must be one line an image")
    return fields


def _bytes(file: Path, faults: Faults) -> bytes:
    try:
        data = file.read_bytes()
        return gzip.decompress(data) if file.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise faults.stop(file, f"cannot be read: {reason}") from error


def _check_text(file: Path, data: bytes, faults: Faults) -> None:
    if not data or data.isspace():
        raise faults.stop(file, "it is empty: there must be a header and one line an image")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise faults.stop(file, "a zero byte, which no text has: is it damaged?", row=line)
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise faults.stop(file, "not UTF-8: save it as UTF-8", row=line) from error


def _misfit(file: Path, line: int, found: int, width: int, faults: Faults) -> None:
    faults.row(file, line, None, "", f"{found} fields where the header has {width}")


def _plain(file: Path, data: bytes, choose: Choose, faults: Faults) -> Fields:
    """A file without quotes, where a line is a row and each comma parts two fields."""
    text = np.frombuffer(data + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(text == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    commas = np.diff(np.searchsorted(np.flatnonzero(text == _COMMA), ends), prepend=0)
    blank = (ends == starts) | (text[starts] == ord("\r"))
    head, *_ = used = np.flatnonzero(~blank)
    header = data[starts[head] : ends[head]].decode().removesuffix("\r").split(",")
    places = choose(header)
    body = used[1:]
    whole = commas[body] == commas[head]
    for line in body[~whole].tolist():
        _misfit(file, line + 1, int(commas[line]) + 1, len(header), faults)
    line = body[whole]
    block = max(_BLOCK, int((ends - starts).max()) + 2)  # no line may be longer
    kept = memoryview(data)[ends[head] + 1 :] if len(line) else memoryview(b"")
    return Fields(line + 1, _parsed(kept, len(header), places, block), len(body))


def _parsed(data: memoryview, width: int, places: Sequence[int], block: int) -> list[Coded]:
    """Columns of lines without quotes; blank lines, and those of another width, are passed over."""
    if not data:
        return [_coded(()) for _ in places]
    import pyarrow as pa
    from pyarrow import csv as arrow

    names = [str(place) for place in range(width)]
    chosen = [names[place] for place in places]
    table = arrow.read_csv(
        pa.BufferReader(data),
        # threads would cost more time of the processor than they save
        arrow.ReadOptions(column_names=names, block_size=block, use_threads=False),
        arrow.ParseOptions(quote_char=False, invalid_row_handler=lambda row: "skip"),
        arrow.ConvertOptions(
            include_columns=chosen, column_types=dict.fromkeys(names, pa.string())
        ),
    )
    return [_coded_array(table.column(name)) for name in chosen]


def _coded_array(column: "pa.ChunkedArray") -> Coded:
    """As `_coded`; where hardly a text comes twice, it is not worth while to look for them."""
    head = column.slice(0, _SAMPLE)
    if 2 * len(head.unique()) > len(head):
        texts = column.to_numpy(zero_copy_only=False).tolist()
        return Coded(texts, np.arange(len(texts), dtype=np.int32))
    coded = column.dictionary_encode().combine_chunks()
    texts = coded.dictionary.to_numpy(zero_copy_only=False).tolist()
    return Coded(texts, coded.indices.to_numpy(zero_copy_only=False))


def _quoted(file: Path, data: bytes, choose: Choose, faults: Faults) -> Fields:
    """A file with quotes, by the standard library's reader, which knows the line of every row."""
    lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    kept: list[tuple[str, ...]] = []
    numbers: list[int] = []
    rows = 0
    try:
        header = next(fields for fields in lines if fields)
        places = choose(header)
        picked = _picker(places)
        line = lines.line_num + 1
        for fields in lines:
            if len(fields) == len(header):
                kept.append(picked(fields))
                numbers.append(line)
            elif fields:
                _misfit(file, line, len(fields), len(header), faults)
            rows += bool(fields)
            line = lines.line_num + 1
    except csv.Error as error:
        problem = f"not a CSV line: {error}"
        raise faults.stop(file, problem, row=lines.line_num) from error
    columns = zip(*kept, strict=True) if kept else [() for _ in places]
    return Fields(np.array(numbers, dtype=np.int64), [_coded(one) for one in columns], rows)


def _picker(places: Sequence[int]) -> Callable[[list[str]], tuple[str, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda fields: tuple(fields[place] for place in places)


def _coded(texts: Sequence[str]) -> Coded:
    number: dict[str, int] = {}
    code = [number.setdefault(text, len(number)) for text in texts]
    return Coded(list(number), np.array(code, dtype=np.int32))
