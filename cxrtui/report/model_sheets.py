"""Models and ensembles for the page: settings, scores, what their training took."""

from collections.abc import Sequence
from typing import Final

from cxrtui.report.sheets import Piece, Sheet, SheetRow, listed, plain_row
from cxrtui.show.stage_table import hours_title, saving_sentence
from jobs.costs import Cost
from jobs.recipe.schema import Ensemble, Recipe
from jobs.recipe.seeds import with_seed, without_seed
from jobs.stages import Saving, StageRow, mean_score, spread_of

_HEADS: Final = (
    "Model", "Stage", "Starts from", "Image size", "Batch", "Max LR", "Oversampling",
    "Val mAP", "Dev mAP", "Images seen", "Hours", "Images, lineage", "Hours, lineage",
)  # fmt: skip
_STARTS: Final = {"imagenet": "ImageNet", "none": "random weights"}


def model_sheet(recipe: Recipe, rows: Sequence[StageRow], saved: Saving | None) -> Sheet:
    """A row a model; of repeats the means."""
    hours = hours_title([row.cost for row in rows if row.cost is not None])
    notes = [
        "mAP before any view rule. Images count as often as they were trained on; lineage: with "
        f"all that the model started from. Hours: {hours} of training, with what was done again "
        "after interruptions."
    ]
    if recipe.seeds:
        notes.append(
            f"Scores, images and hours are means over the seeds {listed(_seeds(recipe))}; below a "
            "mean the standard deviation over them."
        )
    if saved is not None:
        notes.append(saving_sentence(saved))
    elif recipe.figure is not None and len(recipe.figure.lineages) > 1:
        lineages = listed(recipe.figure.lineages[:2])
        notes.append(f"What stage training saves is not known until {lineages} are trained.")
    return Sheet("Models by stage", _HEADS, tuple(map(_model_row, rows)), tuple(notes))


def ensemble_sheet(recipe: Recipe) -> Sheet | None:
    """The ensembles of the recipe; None without any."""
    wanted = [
        one
        for one in recipe.ensembles
        if not recipe.seeds or one.name.endswith(with_seed("", recipe.seeds[0]))
    ]
    if not wanted:
        return None
    heads = ("Ensemble", "Members (weight)", "Averaged", "View rule", "Frontal weight")
    rows = tuple(_ensemble_row(recipe, one) for one in wanted)
    return Sheet("Ensembles", heads, rows, prose=True)


def _seeds(recipe: Recipe) -> list[str]:
    return [str(seed) for seed in recipe.seeds]


def _ensemble_row(recipe: Recipe, one: Ensemble) -> SheetRow:
    weights = one.weights or (1.0,) * len(one.members)
    members = ", ".join(
        f"{without_seed(recipe, name)} ({weight:g})"
        for name, weight in zip(one.members, weights, strict=True)
    )
    frontal = f"{one.frontal_weight:g}" if one.view_rule == "study-mean" else "-"
    cells = (members, one.averaging, one.view_rule, frontal)
    return plain_row(without_seed(recipe, one.name), cells)


def _model_row(row: StageRow) -> SheetRow:
    settings, threshold = row.settings, row.settings.oversampling_threshold
    told = [
        row.stage,
        _STARTS.get(row.pre_weight, row.pre_weight),
        f"{settings.image_size} px",
        str(settings.batch_size),
        f"{settings.max_lr:g}",
        "-" if threshold is None else f"{threshold:.2f}",
    ]
    costs = [*_cost_cells(row.cost), *_cost_cells(row.lineage)]
    cells = (
        *((Piece(text),) for text in told),
        _score(row.val),
        _score(row.dev),
        *((Piece(text),) for text in costs),
    )
    return SheetRow(row.model, cells, "optional" if row.optional else "")


def _score(repeats: Sequence[float | None]) -> tuple[Piece, ...]:
    mean = mean_score(repeats)
    if mean is None:
        return (Piece("-"),)
    spread = spread_of(repeats)
    if spread is None:
        return (Piece(f"{mean:.3f}"),)
    return (Piece(f"{mean:.3f}"), Piece(f"\N{PLUS-MINUS SIGN}{spread:.3f}", quiet=True))


def _cost_cells(cost: Cost | None) -> tuple[str, str]:
    if cost is None:
        return "-", "-"
    so_far = "" if cost.finished else " so far"
    images = "-" if cost.images is None else f"{cost.images:,.0f}{so_far}"
    return images, f"{cost.hours:.3f}{so_far}"
