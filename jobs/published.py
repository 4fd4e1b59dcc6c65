"""Published tables that stand beside one's own: data files, read and never computed."""

import csv
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from jobs.errors import InputError

NOT_AVAILABLE: Final = "N/A"


@dataclass(frozen=True)
class PublishedModel:
    """One row of the table of models, with its stage as printed ("1st")."""

    name: str
    stage: str
    pre_weight: str
    image_size: int  # pixels a side
    batch_size: int
    max_lr: float
    oversampling_threshold: float | None
    val_map: float | None
    dev_map: float | None


@dataclass(frozen=True)
class PublishedCell:
    """AP of one label in one column, or its mean over the labels."""

    dev: float
    test: float


@dataclass(frozen=True)
class PublishedRow:
    """A label and its cells, one a column."""

    label: str
    cells: tuple[PublishedCell, ...]


@dataclass(frozen=True)
class Published:
    """A publication's table of models and its table of results, in the printed order."""

    name: str
    citation: str
    models: tuple[PublishedModel, ...]
    columns: tuple[str, ...]  # titles, as the columns of the recipe of the same name
    rows: tuple[PublishedRow, ...]
    mean: PublishedRow  # as printed
    notes: tuple[str, ...]  # what the publication leaves open and how it is read here

    def model(self, name: str) -> PublishedModel | None:
        """The row of a model, where there is one."""
        return next((model for model in self.models if model.name == name), None)

    def cell(self, label: str, column: str) -> PublishedCell | None:
        """The cell of a label and a column's title, where there is one."""
        if column not in self.columns:
            return None
        cells = next((row.cells for row in self.rows if row.label == label), None)
        return cells[self.columns.index(column)] if cells else None


def published(name: str) -> Published:
    """The tables of a publication, by the name that a recipe's `published` gives it.

    InputError where there is none of that name.
    """
    folder = files("jobs.recipe") / "published"
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    if name not in names:
        raise InputError(f"no published tables '{name}'; known are: {', '.join(names)}")
    folder = folder / name
    about = tomllib.loads((folder / "about.toml").read_text("utf-8"))
    header, *lines = _csv(folder / "results.csv")
    *rows, mean = (_row(line) for line in lines)
    return Published(
        name=name,
        citation=about["citation"],
        models=tuple(_model(line) for line in _csv(folder / "models.csv")[1:]),
        columns=tuple(title.removesuffix(" dev") for title in header[1::2]),
        rows=tuple(rows),
        mean=mean,
        notes=tuple(about["notes"]),
    )


def _csv(file: Traversable) -> list[list[str]]:
    return list(csv.reader(file.read_text("utf-8").splitlines()))


def _row(line: list[str]) -> PublishedRow:
    label, *values = line
    pairs = zip(values[::2], values[1::2], strict=True)
    return PublishedRow(label, tuple(PublishedCell(float(dev), float(test)) for dev, test in pairs))


def _model(line: list[str]) -> PublishedModel:
    name, stage, pre_weight, image_size, batch_size, max_lr, threshold, val_map, dev_map = line
    width, _, _ = image_size.partition("x")
    return PublishedModel(
        name=name,
        stage=stage,
        pre_weight=pre_weight,
        image_size=int(width),
        batch_size=int(batch_size),
        max_lr=float(max_lr),
        oversampling_threshold=_number(threshold),
        val_map=_number(val_map),
        dev_map=_number(dev_map),
    )


def _number(text: str) -> float | None:
    return None if text == NOT_AVAILABLE else float(text)
