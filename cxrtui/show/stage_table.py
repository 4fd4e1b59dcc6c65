"""The poster's table of models for a recipe: stage, pre-weight, sizes, and the mAP so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain
from jobs.published import NOT_AVAILABLE, Published
from jobs.recipe.schema import Model, Recipe

NOT_YET: Final = "-"
_NAMES: Final = ("Model", "Stage", "Pre-\nWeight")
_SETTINGS: Final = ("Image\nsize", "Batch\nsize", "Max\nLR", "OS-\nthreshold")
_SCORES: Final = ("Val\nmAP", "Dev\nmAP")
_PUBLISHED: Final = ("Poster\nval", "Poster\ndev")


@dataclass(frozen=True)
class ModelScores:
    """Mean average precision of a model on two splits, as far as it has run."""

    val: float | None = None
    dev: float | None = None


def stage_table(
    recipe: Recipe,
    scores: Mapping[str, ModelScores] | None = None,
    published: Published | None = None,
) -> Table:
    """One row a model; `scores` by model name, "-" where not run yet.

    With `published` its scores stand in two more columns, "N/A" where it has none. Fits 80 columns
    with names as short as the poster's.
    """
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    for title in _NAMES:
        table.add_column(title, no_wrap=True)
    for title in (*_SETTINGS, *_SCORES):
        table.add_column(title, justify="right", no_wrap=True)
    for title in _PUBLISHED if published is not None else ():
        table.add_column(title, justify="right", style="dim", no_wrap=True)
    for model in recipe.models:
        own = (scores or {}).get(model.name, ModelScores())
        cells = [*_settings(model), _score(own.val, NOT_YET), _score(own.dev, NOT_YET)]
        if published is not None:
            cells += _published(published, model.name)
        style = "italic" if model.optional else ""
        table.add_row(*(Text(cell, style) for cell in cells))
    return table


def _settings(model: Model) -> list[str]:
    settings, threshold = model.settings, model.settings.oversampling_threshold
    start = "ImageNet" if settings.pre_weight == "imagenet" else plain(settings.pre_weight)
    return [
        plain(model.name),
        plain(model.stage),
        start,
        f"{settings.image_size}x{settings.image_size}",
        str(settings.batch_size),
        f"{settings.max_lr:g}",
        NOT_AVAILABLE if threshold is None else f"{threshold:.2f}",
    ]


def _published(published: Published, name: str) -> list[str]:
    row = published.model(name)
    scores = (row.val_map, row.dev_map) if row else (None, None)
    return [_score(score, NOT_AVAILABLE) for score in scores]


def _score(score: float | None, missing: str) -> str:
    return missing if score is None else f"{score:.3f}"
