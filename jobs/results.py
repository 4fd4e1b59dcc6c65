"""The result table of a recipe: AP of every label, column and split, as the poster shows it."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.data.labels import DISPLAY_ORDER, Group
from jobs.data.table import ImageTable
from jobs.recipe.schema import Recipe
from jobs.scores import SPLITS, RecipeScores
from jobs.scoring.ap import mean_ap
from jobs.scoring.columns import Predictions, repeat_scores, score_columns
from jobs.scoring.groups import GROUPS, group_means


@dataclass(frozen=True)
class Cell:
    """AP on both splits, None where undefined or unfinished, and whether it is the best so far."""

    dev: float | None
    test: float | None
    best_dev: bool = False
    best_test: bool = False


@dataclass(frozen=True)
class Finished:
    """Whether all predictions of a column are there."""

    dev: bool
    test: bool


@dataclass(frozen=True)
class Row:
    """A label: its positives in each split (None: labels unknown yet), a cell for each column."""

    label: str
    positives_dev: int | None
    positives_test: int | None
    cells: tuple[Cell, ...]
    group: Group | None = None


@dataclass(frozen=True)
class RepeatMeans:
    """mAP of each repeat of a column, one a seed; empty where unfinished."""

    dev: tuple[float | None, ...]
    test: tuple[float | None, ...]


@dataclass(frozen=True)
class ResultTable:
    """Rows in the poster's order; `groups` is empty where training prevalence is unknown."""

    recipe: str
    columns: tuple[str, ...]
    finished: tuple[Finished, ...]  # one a column
    rows: tuple[Row, ...]
    mean: tuple[Cell, ...]
    groups: Mapping[Group, tuple[Cell, ...]] = field(default_factory=dict)
    repeats: tuple[RepeatMeans, ...] = ()  # one a column, in a recipe with seeds


@dataclass(frozen=True)
class Rise:
    """How many labels rose over the column before, of how many that have both values."""

    column: str
    dev: int
    dev_of: int
    test: int
    test_of: int


def build_results(
    recipe: Recipe, predictions: Predictions, targets: Mapping[str, ImageTable]
) -> ResultTable:
    """Score the recipe's columns on `dev` and `test` from what is there.

    `targets` has the splits whose labels are known; with `train` labels get their group.
    Predictions are matched to targets by image and label; what does not match raises
    DamagedError. A column without all of its predictions has None in its cells.
    """
    return result_table(RecipeScores(recipe, predictions, targets))


def result_table(scores: RecipeScores) -> ResultTable:
    """The table of what is scored; with seeds a cell is the mean of the AP over the repeats."""
    recipe, targets = scores.recipe, scores.targets
    labels = display_order(recipe.labels)
    scored = {split: score_columns(recipe, scores.splits.get(split)) for split in SPLITS}
    values = {split: _in_order(scored[split], recipe.labels, labels) for split in SPLITS}
    dev, test = values["dev"], values["test"]
    group_of = dict(zip(recipe.labels, scores.groups, strict=False))
    by_label = (_cells(dev[:, row], test[:, row]) for row in range(len(labels)))
    return ResultTable(
        recipe=recipe.name,
        columns=tuple(column.title for column in recipe.columns),
        finished=tuple(
            Finished(dev_scores is not None, test_scores is not None)
            for dev_scores, test_scores in zip(scored["dev"], scored["test"], strict=True)
        ),
        rows=tuple(
            Row(
                label,
                _positives(targets.get("dev"), label),
                _positives(targets.get("test"), label),
                cells,
                group_of.get(label),
            )
            for label, cells in zip(labels, by_label, strict=True)
        ),
        mean=_cells(*(np.array([mean_ap(column) for column in aps]) for aps in (dev, test))),
        groups=_group_cells(dev, test, [group_of[label] for label in labels]) if group_of else {},
        repeats=_repeats(scores) if recipe.seeds else (),
    )


def display_order(labels: Sequence[str]) -> tuple[str, ...]:
    """The poster's order of rows for labels of CXR-LT 2023, the given order for any others."""
    if set(labels) <= set(DISPLAY_ORDER):
        return tuple(label for label in DISPLAY_ORDER if label in set(labels))
    return tuple(labels)


def rose(table: ResultTable) -> tuple[Rise, ...]:
    """For each column but the first: the labels whose AP rose over the column before."""
    return tuple(
        Rise(title, *_rose(table, column, "dev"), *_rose(table, column, "test"))
        for column, title in enumerate(table.columns)
        if column
    )


def spread(table: ResultTable) -> tuple[Cell, ...]:
    """For each column the standard deviation of its mAP over the repeats; None of fewer than two.

    It is that of a sample: divided by one less than there are repeats.
    """
    return tuple(Cell(_deviation(one.dev), _deviation(one.test)) for one in table.repeats)


def to_json(table: ResultTable) -> dict[str, Any]:
    """The document of `results --format json`; undefined and unfinished AP is null."""
    return {
        "recipe": table.recipe,
        "columns": list(table.columns),
        "finished": [{"dev": column.dev, "test": column.test} for column in table.finished],
        "rows": [
            {
                "label": row.label,
                "group": row.group,
                "positives": {"dev": row.positives_dev, "test": row.positives_test},
                "cells": [_cell_json(cell) for cell in row.cells],
            }
            for row in table.rows
        ],
        "mean": {"cells": [_cell_json(cell) for cell in table.mean]},
        "groups": {
            group: {"cells": [_cell_json(cell) for cell in cells]}
            for group, cells in table.groups.items()
        },
        "rose": [
            {
                "column": rise.column,
                "dev": {"rose": rise.dev, "of": rise.dev_of},
                "test": {"rose": rise.test, "of": rise.test_of},
            }
            for rise in rose(table)
        ],
        "repeats": [{"dev": one.dev, "test": one.test} for one in table.repeats],
    }


def _in_order(
    scores: Sequence[NDArray[np.float64] | None], labels: Sequence[str], order: Sequence[str]
) -> NDArray[np.float64]:
    """(columns, C) with the labels in `order`, NaN where undefined or unfinished."""
    places = [labels.index(label) for label in order]
    unfinished = np.full(len(labels), np.nan)
    rows = [unfinished if score is None else score[places] for score in scores]
    return np.array(rows, dtype=np.float64).reshape(len(scores), len(labels))


def _cells(dev: NDArray[np.float64], test: NDArray[np.float64]) -> tuple[Cell, ...]:
    """One row of cells from its values (columns,)."""
    parts = zip(dev, test, _best(dev), _best(test), strict=True)
    return tuple(Cell(_number(d), _number(t), bool(bd), bool(bt)) for d, t, bd, bt in parts)


def _best(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Strictly greater than all before it; never the first, nor beside one that is unknown."""
    best = np.zeros(len(values), dtype=np.bool_)
    if len(values) > 1:
        best[1:] = values[1:] > np.maximum.accumulate(values)[:-1]
    return best


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _positives(table: ImageTable | None, label: str) -> int | None:
    if table is None:
        return None
    return int(table.targets[:, table.labels.index(label)].sum())


def _repeats(scores: RecipeScores) -> tuple[RepeatMeans, ...]:
    by_split = [
        [tuple(_number(mean_ap(ap)) for ap in repeats or ()) for repeats in found]
        for found in (repeat_scores(scores.recipe, scores.splits.get(split)) for split in SPLITS)
    ]
    return tuple(RepeatMeans(dev, test) for dev, test in zip(*by_split, strict=True))


def _group_cells(
    dev: NDArray[np.float64], test: NDArray[np.float64], groups: Sequence[Group]
) -> dict[Group, tuple[Cell, ...]]:
    by_split = [[group_means(column, groups) for column in values] for values in (dev, test)]
    return {
        group: _cells(*(np.array([means[group] for means in split]) for split in by_split))
        for group in GROUPS
        if group in groups
    }


def _rose(table: ResultTable, column: int, split: str) -> tuple[int, int]:
    pairs = [
        tuple(getattr(cell, split) for cell in row.cells[column - 1 : column + 1])
        for row in table.rows
    ]
    known = [(before, after) for before, after in pairs if None not in (before, after)]
    return sum(after > before for before, after in known), len(known)


def _deviation(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.stdev(known) if len(known) > 1 else None


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "dev": cell.dev,
        "test": cell.test,
        "best": {"dev": cell.best_dev, "test": cell.best_test},
    }
