"""The rows and columns of a submission: those of the split's own CSV, as it is now."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jobs.data.csv_text import Coded, Fields, read_fields
from jobs.data.faults import Faults
from jobs.data.part import Part
from jobs.data.reading import read_parts
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import Recipe


@dataclass(frozen=True)
class SubmissionForm:
    """What a submission looks like, with N rows in the order of the CSV."""

    file: Path  # the split's own CSV
    id_column: str
    ids: tuple[str, ...]  # (N,) as the CSV writes them
    labels: tuple[str, ...]  # in the order of its header


def submission_form(recipe: Recipe, data: Path, table: ImageTable) -> SubmissionForm:
    """Read the CSV that the split of `table` comes from, and hold the table to it row by row.

    InputError if the data folder is not at hand, if the split has no CSV of its own or is not what
    it was when the table was made, and for a row of the CSV that is not in the table.
    """
    if not data.is_dir():
        raise InputError(
            f"{data}: the data folder is not here, and a submission needs the CSV of {table.split}:"
            " export as .csv or .parquet, or say where it is with `cxrtui init --data DIR`"
        )
    part = _own_part(recipe, data, table.split)
    if part.table.fingerprint() != table.fingerprint():
        raise InputError(
            f"{part.file}: {table.split} is not what was predicted: the data folder was changed "
            "since, or is another: `cxrtui run-all` predicts what is there now"
        )
    return _form(recipe, part)


def _own_part(recipe: Recipe, data: Path, split: str) -> Part:
    faults = Faults()
    parts = read_parts(data, recipe.data, recipe.labels, faults)
    for fault in faults.found:
        if fault.effect == "stops":
            raise InputError(str(fault))
    part = parts.get(split)
    if part is None or sum(one.file == part.file for one in parts.values()) > 1:
        raise InputError(
            f"{split} has no CSV of its own in format {recipe.data.format}, so nothing can be "
            "submitted of it: export it as .csv or .parquet"
        )
    return part


def _form(recipe: Recipe, part: Part) -> SubmissionForm:
    header: list[str] = []
    id_column = part.column["image"]

    def choose(found: list[str]) -> list[int]:
        header.extend(name.strip() for name in found)
        return [header.index(id_column)]

    faults = Faults()
    fields = read_fields(part.file, choose, faults)
    _refuse_missing(part, fields, faults)
    absent = [label for label in recipe.labels if label not in header]
    if absent:
        raise InputError(f"{part.file}: no column {absent[0]!r}: export as .csv or .parquet")
    ids: Coded = fields.columns[0]
    texts = tuple(ids[row].strip() for row in range(len(ids)))
    labels = tuple(name for name in header if name in recipe.labels)
    return SubmissionForm(part.file, id_column, texts, labels)


def _refuse_missing(part: Part, fields: Fields, faults: Faults) -> None:
    """InputError for rows of the CSV that were left out: excluded, or not to be used."""
    used = np.isin(fields.line, part.line)
    missing = fields.rows - int(used.sum())
    if not missing:
        return
    if used.all():
        where = str(faults.found[0])
    else:
        row = int(np.argmin(used))
        where = f"{part.file}, line {fields.line[row]}: image {fields.columns[0][row]}"
    raise InputError(
        f"{where}: has no prediction ({missing:,} of {fields.rows:,} rows): it is excluded or "
        "cannot be used (`cxrtui data check` says why), and a submission needs every row"
    )
