"""The poster's table of models for a recipe: stage, pre-weight, sizes, the mAP so far, the cost."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from cxrtui.show.grid import Grid, fits, grid_table
from cxrtui.show.plain import plain
from jobs.costs import Cost
from jobs.published import NOT_AVAILABLE, Published
from jobs.recipe.schema import Recipe
from jobs.stages import ModelScores, Saving, StageRow, mean_score, spread_of, stage_rows

NOT_YET: Final = "-"
_NAMES: Final = ("Model", "Stage", "Pre-\nWeight")
_SETTINGS: Final = ("Image\nsize", "Batch\nsize", "Max\nLR", "OS-\nthreshold")
_SCORES: Final = ("Val\nmAP", "Dev\nmAP")
_PUBLISHED: Final = ("Poster\nval", "Poster\ndev")
_SPREAD: Final = "\N{PLUS-MINUS SIGN}: standard deviation over the seeds."
_LINEAGE: Final = "Lineage: with the models that it started from."


def stage_table(
    recipe: Recipe,
    scores: Mapping[str, ModelScores] | None = None,
    published: Published | None = None,
    width: int = 80,
) -> RenderableType:
    """One row a model of the recipe's file; `scores` by model name, "-" where not run yet.

    With `published` its scores stand in two more columns, "N/A" where it has none. Fits 80 columns
    with names as short as the poster's.
    """
    return grid_table(stage_grid(stage_rows(recipe, scores), published), width)


def stage_tables(
    rows: Sequence[StageRow], published: Published | None, saved: Saving | None, width: int
) -> RenderableType:
    """The same with what each took: in further columns where there is room, else below."""
    whole = stage_grid(rows, published, with_costs=True)
    if fits(whole, width):
        parts: list[RenderableType] = [grid_table(whole, width)]
    else:
        parts = [grid_table(stage_grid(rows, published), width), Text()]
        parts.append(grid_table(cost_grid(rows), width))
    if saved is not None:
        parts += [Text(), Text(plain(saving_sentence(saved)))]
    return Group(*parts)


def stage_grid(
    rows: Sequence[StageRow], published: Published | None = None, *, with_costs: bool = False
) -> Grid:
    """The table for any format."""
    costs = cost_grid(rows)
    titles = (*_NAMES, *_SETTINGS, *_SCORES, *(_PUBLISHED if published is not None else ()))
    cells = []
    for row, own in zip(rows, costs.rows, strict=True):
        beside = () if published is None else _published(published, row.model)
        cost = own[1:] if with_costs else ()
        cells.append((*_settings(row), _score(row.val), _score(row.dev), *beside, *cost))
    notes = costs.notes if with_costs else ()
    if any(len(row.val) > 1 for row in rows):
        notes = (_SPREAD, *notes)
    return Grid(
        title="",
        columns=titles + (costs.columns[1:] if with_costs else ()),
        rows=tuple(cells),
        notes=notes,
        left=len(_NAMES),
        dim_columns=frozenset(titles.index(title) for title in _PUBLISHED if title in titles),
        italic_rows=frozenset(number for number, row in enumerate(rows) if row.optional),
    )


def cost_grid(rows: Sequence[StageRow]) -> Grid:
    """Images seen and hours of training of each model, alone and along its lineage."""
    hours = hours_title([cost for row in rows for cost in (row.cost,) if cost is not None])
    titles = ("Images\nseen", f"Training\n{hours}", "Lineage\nimages", f"Lineage\n{hours}")
    return Grid(
        title="",
        columns=("Model", *titles),
        rows=tuple((row.model, *_cost(row.cost), *_cost(row.lineage)) for row in rows),
        notes=(_LINEAGE,),
        italic_rows=frozenset(number for number, row in enumerate(rows) if row.optional),
    )


def hours_title(costs: Sequence[Cost]) -> str:
    """What the hours of these costs are."""
    return "GPU-hours" if costs and all(cost.on_gpu for cost in costs) else "hours"


def saving_sentence(saved: Saving) -> str:
    """What stage training saved, in one sentence."""
    staged, large = saved.staged_cost, saved.large_cost
    hours = hours_title([staged, large])
    pixels = ""
    if staged.pixels is not None and large.pixels is not None:
        change = _less(staged.pixels, large.pixels)
        pixels = f", and {_amount(staged.pixels)} pixels, {change} {_amount(large.pixels)}"
    return (
        f"Stage training: {saved.staged} ({_px(saved.staged_sizes)}) took {_hours(staged.hours)} "
        f"{hours}, {_less(staged.hours, large.hours)} {saved.large} ({_px(saved.large_sizes)}) "
        f"with {_hours(large.hours)}{pixels}; "
        f"val mAP {saved.staged_val:.3f} against {saved.large_val:.3f}."
    )


def stages_json(rows: Sequence[StageRow]) -> list[dict[str, Any]]:
    """The rows for scripts, unrounded."""
    return [
        {
            "model": row.model,
            "stage": row.stage,
            "pre_weight": row.pre_weight,
            "optional": row.optional,
            "image_size": row.settings.image_size,
            "batch_size": row.settings.batch_size,
            "max_lr": row.settings.max_lr,
            "oversampling_threshold": row.settings.oversampling_threshold,
            "val_map": mean_score(row.val),
            "dev_map": mean_score(row.dev),
            "repeats": {"val_map": row.val, "dev_map": row.dev},
            "cost": None if row.cost is None else vars(row.cost),
            "lineage_cost": None if row.lineage is None else vars(row.lineage),
        }
        for row in rows
    ]


def _settings(row: StageRow) -> tuple[str, ...]:
    settings, threshold = row.settings, row.settings.oversampling_threshold
    return (
        row.model,
        row.stage,
        "ImageNet" if row.pre_weight == "imagenet" else row.pre_weight,
        f"{settings.image_size}x{settings.image_size}",
        str(settings.batch_size),
        f"{settings.max_lr:g}",
        NOT_AVAILABLE if threshold is None else f"{threshold:.2f}",
    )


def _published(published: Published, name: str) -> tuple[str, str]:
    row = published.model(name)
    scores = (row.val_map, row.dev_map) if row else (None, None)
    val, dev = (NOT_AVAILABLE if score is None else f"{score:.3f}" for score in scores)
    return val, dev


def _score(scores: Sequence[float | None]) -> str:
    mean = mean_score(scores)
    if mean is None:
        return NOT_YET
    spread = spread_of(scores)
    return f"{mean:.3f}" + ("" if spread is None else f" \N{PLUS-MINUS SIGN}{spread:.3f}")


def _cost(cost: Cost | None) -> tuple[str, str]:
    if cost is None:
        return NOT_YET, NOT_YET
    return NOT_YET if cost.images is None else _amount(cost.images), _hours(cost.hours)


def _amount(count: float) -> str:
    """Three digits: 39.9k, 7.95M, 3.21T."""
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= 0.9995 * size:
            of_size = count / size
            return f"{of_size:.{2 if of_size < 9.995 else 1 if of_size < 99.95 else 0}f}{sign}"
    return f"{count:.0f}"


def _hours(hours: float) -> str:
    return f"{hours:.{1 if hours >= 10 else 2 if hours >= 1 else 3}f}"


def _less(one: float, other: float) -> str:
    share = one / other - 1 if other else 0.0
    return f"{abs(share):.0%} {'less' if share < 0 else 'more'} than"


def _px(sizes: Sequence[int]) -> str:
    if len(set(sizes)) == 1:
        return f"{sizes[0]} px"
    return f"{', then '.join(str(size) for size in sizes)} px"
