"""Predictions that were made elsewhere become members: matched to a split, kept, recorded."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import ImageTable
from jobs.durable import content_hash, fsync_folder, sha256_file
from jobs.errors import InputError
from jobs.import_file import GivenPredictions, read_given
from jobs.keys import PREDICTED_SPLITS
from jobs.loading import RecipeHoldings
from jobs.picking import check_name
from jobs.predictions import PredictionSet, write_predictions
from jobs.queue.journal import record
from jobs.scoring.align import align
from jobs.scoring.ap import average_precision, mean_ap
from jobs.workspace import Workspace


@dataclass(frozen=True, eq=False)
class ReadyImport:
    """The predictions of one file, checked, and not yet kept."""

    file: Path
    source_sha256: str
    logits: bool
    ignored: tuple[str, ...]  # columns of the file that were not used
    predictions: PredictionSet  # in the order of the split's targets


def read_imports(
    holdings: RecipeHoldings,
    name: str,
    files: Sequence[Path],
    *,
    split: str | None = None,
    image_column: str | None = None,
    logits: bool = False,
) -> list[ReadyImport]:
    """Read and check files of one split each; nothing is written.

    Which split a file is of follows from its images; `split` is only checked. InputError for a
    name that is taken, and for whatever is wrong in a file.
    """
    if name not in holdings.imports:
        check_name(holdings, name)
    if name in holdings.saved:
        raise InputError(f"{name!r} is a name of a saved ensemble: take another")
    ready: list[ReadyImport] = []
    for file in files:
        given = read_given(file, holdings.recipe.labels, image_column, logits=logits)
        table = _table_of(holdings, given, split)
        same = [one.file for one in ready if one.predictions.split == table.split]
        if same:
            raise InputError(f"{file}: is of {table.split}, as {same[0]} is: give one file a split")
        made = _predictions(given, table, logits)
        ready.append(ReadyImport(file, sha256_file(file), logits, given.ignored, made))
    return ready


def keep_imports(
    workspace: Workspace, holdings: RecipeHoldings, name: str, ready: Sequence[ReadyImport]
) -> None:
    """Write the prediction sets into the workspace, then record them in the journal."""
    if not workspace.database.can_write:
        raise InputError(f"{workspace.paths.root}: this folder is read-only: nothing can be kept")
    folder, sums = _write(workspace.paths.imports, name, [one.predictions for one in ready])
    splits: dict[str, Any] = {}
    for one in ready:
        split = one.predictions.split
        splits[split] = {
            "path": str((folder / f"{split}.parquet").relative_to(workspace.paths.root)),
            "sha256": sums[split],
            "rows": len(one.predictions),
            "source": str(one.file.absolute()),
            "source_sha256": one.source_sha256,
            "logits": one.logits,
        }
    about = {"kind": "import", "recipe": holdings.recipe.name, "name": name}
    record(workspace, {**about, "splits": splits})


def map_of(holdings: RecipeHoldings, one: ReadyImport) -> float:
    """The mAP of what is to be imported, by which a person sees whether it is the right file."""
    table = holdings.targets[one.predictions.split]
    probabilities = align(one.predictions, table, str(one.file))
    return mean_ap(average_precision(probabilities, table.targets))


def _write(imports: Path, name: str, sets: Sequence[PredictionSet]) -> tuple[Path, dict[str, str]]:
    """The folder that has the sets now, and their checksums by split."""
    imports.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=imports, prefix=f".{name}-", suffix=f".{os.getpid()}.tmp") as made:
        sums = {
            one.split: write_predictions(Path(made, f"{one.split}.parquet"), one) for one in sets
        }
        folder = imports / f"{name}-{content_hash(sums)[:8]}"
        folder.mkdir(exist_ok=True)
        for split in sums:
            Path(made, f"{split}.parquet").replace(folder / f"{split}.parquet")
    fsync_folder(folder)
    fsync_folder(imports)
    return folder, sums


def _table_of(holdings: RecipeHoldings, given: GivenPredictions, split: str | None) -> ImageTable:
    """The targets of the split whose images the file names."""
    tables = {name: holdings.targets[name] for name in PREDICTED_SPLITS}
    if split is not None and split not in tables:
        raise InputError(f"no split is called {split!r}: known are {', '.join(tables)}")
    known = {name: np.isin(given.image, table.image) for name, table in tables.items()}
    name = max(known, key=lambda one: int(known[one].sum()))
    if not known[name].any():
        like = tables["dev"].image[0]
        problem = f"no image of {', '.join(tables)} has this id; theirs are such as {like}"
        raise given.fault(0, given.image_column, given.image[0], problem)
    if split not in (None, name):
        raise InputError(f"{given.file}: its images are those of {name}, not of {split}")
    _check_images(given, tables[name], known)
    return tables[name]


def _check_images(
    given: GivenPredictions, table: ImageTable, known: dict[str, NDArray[np.bool_]]
) -> None:
    """InputError unless each image of the table stands in the file exactly once."""
    split = table.split
    strange = np.flatnonzero(~known[split])
    if strange.size:
        row = int(strange[0])
        other = next((name for name in known if known[name][row]), None)
        where = f"an image of {other}, and others are of {split}" if other else f"not in {split}"
        problem = f"{where} ({strange.size:,} such): give the images of one split alone"
        raise given.fault(row, given.image_column, given.image[row], problem)
    _, first, counts = np.unique(given.image, return_index=True, return_counts=True)
    if (counts > 1).any():
        at = int(first[counts > 1].min())
        row = int(np.flatnonzero(given.image == given.image[at])[1])
        problem = f"stands in {given.unit} {given.place[at]} already: leave one of them out"
        raise given.fault(row, given.image_column, given.image[row], problem)
    missing = np.flatnonzero(~np.isin(table.image, given.image))
    if missing.size:
        raise InputError(
            f"{given.file}: {missing.size:,} of the {len(table):,} images of {split} are missing, "
            f"the first is {table.image[missing[0]]}: there must be one {given.unit} an image"
        )


def _predictions(given: GivenPredictions, table: ImageTable, logits: bool) -> PredictionSet:
    """The numbers as probabilities, in the order of the table."""
    order = np.argsort(given.image)
    rows = order[np.searchsorted(given.image, table.image, sorter=order)]
    values = given.values[rows]
    return PredictionSet(
        table.split,
        given.labels,
        table.image,
        table.study,
        table.patient,
        table.view,
        (_sigmoid(values) if logits else values).astype(np.float32),
    )


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)) without overflow, and to the last digits where it is near zero."""
    probabilities: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -logits))
    return probabilities
