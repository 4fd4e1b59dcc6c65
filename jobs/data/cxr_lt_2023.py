"""Reader of the CXR-LT 2023 label files: `cxr-lt-2023/{train,development,test}.csv`."""

import csv
import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import ImageTable
from jobs.errors import InputError

FOLDER: Final = "cxr-lt-2023"
FILES: Final = {"train": "train.csv", "dev": "development.csv", "test": "test.csv"}
IDENTIFIERS: Final = ("dicom_id", "subject_id", "study_id", "ViewPosition")

_DICOM = re.compile(r"[A-Za-z0-9._-]+")
_SUBJECT = re.compile(r"p?(\d+)")
_STUDY = re.compile(r"s?(\d+)")


def read_csv(root: Path, split: str, labels: Sequence[str]) -> ImageTable:
    """The table of `split` (train, dev, test) with `labels` in the order given.

    Columns are found by name and every id is read as text. A study id is `s########` or digits
    and ends as digits; a missing view is "". Without a `path` column the path follows from the ids.
    Raises InputError (file, line, column, what was found) for what cannot be used.
    """
    path = csv_path(root, split)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path, split, tuple(labels), file)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8: save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def csv_path(root: Path, split: str) -> Path:
    """Where the CSV of `split` lies: in `root/cxr-lt-2023`, else in `root`; else InputError."""
    name = FILES[split]
    for path in (root / FOLDER / name, root / name):
        if path.is_file():
            return path
    raise InputError(
        f"{root / FOLDER / name}: no such file: give the folder that holds {FOLDER}/ and files/"
    )


class _Lines(Protocol):
    """A csv reader: its lines, and the number of the one it is at."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...


class _Row(NamedTuple):
    image: str
    study: str
    patient: str
    view: str
    path: str
    targets: str  # one character a label


class _Layout:
    """Where the columns are that we read."""

    def __init__(self, file: Path, header: list[str], labels: tuple[str, ...]) -> None:
        position = {name: number for number, name in enumerate(header)}
        for name in (*IDENTIFIERS, *labels):
            if header.count(name) != 1:
                found = "missing" if name not in position else "there more than once"
                raise InputError(
                    f"{file}, line 1: column {name!r} is {found}: is this a CXR-LT 2023 file?"
                )
        self.file = file
        self.width = len(header)
        self.labels = labels
        self.identifiers = itemgetter(*(position[name] for name in IDENTIFIERS))
        self.path = position.get("path")
        self.targets = [position[label] for label in labels]

    def row(self, line: int, fields: list[str]) -> _Row:
        if len(fields) != self.width:
            raise InputError(
                f"{self.file}, line {line}: {len(fields)} fields where the header has {self.width}"
            )
        dicom, subject, study, view = self.identifiers(fields)
        image = self._identifier(line, "dicom_id", dicom, _DICOM)
        patient = self._identifier(line, "subject_id", subject, _SUBJECT)
        study = self._identifier(line, "study_id", study, _STUDY)
        path = f"files/p{patient[:2]}/p{patient}/s{study}/{image}.jpg"
        if self.path is not None and fields[self.path]:
            path = self._path(line, fields[self.path])
        targets = "".join([fields[position] for position in self.targets])
        if len(targets) != len(self.labels) or targets.strip("01"):
            raise self._bad_target(line, fields)
        return _Row(image, study, patient, view.strip(), path, targets)

    def _identifier(self, line: int, column: str, text: str, form: re.Pattern[str]) -> str:
        match = form.fullmatch(text)
        if match is None:
            advice = "was it saved as a number?" if text.endswith(".0") else "it must be an id"
            raise InputError(f"{self.file}, line {line}, column {column!r}: {text!r}: {advice}")
        return str(match[match.lastindex or 0])

    def _path(self, line: int, text: str) -> str:
        if text.startswith("/") or ".." in text.split("/"):
            raise InputError(
                f"{self.file}, line {line}, column 'path': {text!r} leaves the data folder: "
                "it must be relative to it"
            )
        return text

    def _bad_target(self, line: int, fields: list[str]) -> InputError:
        found = {
            label: fields[position]
            for label, position in zip(self.labels, self.targets, strict=True)
            if fields[position] not in ("0", "1")
        }
        label, text = next(iter(found.items()))
        return InputError(
            f"{self.file}, line {line}, column {label!r}: {text!r}: it must be 0 or 1"
        )


def _read(file: Path, split: str, labels: tuple[str, ...], text: TextIO) -> ImageTable:
    lines = csv.reader(text, strict=True)
    try:
        header = next(lines, None)
        rows = list(_rows(_Layout(file, header, labels), lines)) if header else []
    except csv.Error as error:
        raise InputError(f"{file}, line {lines.line_num}: not a CSV line: {error}") from error
    if not rows:
        raise InputError(f"{file}: it is empty: there must be a header and one line an image")
    image, study, patient, view, path, targets = zip(*rows, strict=True)
    return ImageTable(
        split,
        labels,
        np.array(image),
        np.array(study),
        np.array(patient),
        np.array(view),
        np.array(path),
        _targets(targets, len(labels)),
    )


def _rows(layout: _Layout, lines: _Lines) -> Iterator[_Row]:
    seen: dict[str, int] = {}
    for fields in lines:
        if not fields:
            continue
        row = layout.row(lines.line_num, fields)
        first = seen.setdefault(row.image, lines.line_num)
        if first != lines.line_num:
            raise InputError(
                f"{layout.file}, line {lines.line_num}, column 'dicom_id': {row.image!r} "
                f"stands in line {first} already: every image has one line"
            )
        yield row


def _targets(texts: Sequence[str], width: int) -> NDArray[np.bool_]:
    characters = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    targets: NDArray[np.bool_] = characters.reshape(len(texts), width) == ord("1")
    return targets
