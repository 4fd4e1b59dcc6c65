"""All that a report says, gathered from a workspace before anything is written."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cxrtui import __version__
from cxrtui.report.claim_sheets import claim_sheet, seed_sheet
from cxrtui.report.graph import Drawing, draw_graph
from cxrtui.report.label_section import LabelSection, label_section
from cxrtui.report.last_column import last_column
from cxrtui.report.model_sheets import ensemble_sheet, model_sheet
from cxrtui.report.origin import (
    attempt_sheet,
    data_sheet,
    environment_sheets,
    prediction_sheet,
    read_jobs,
)
from cxrtui.report.result_sheets import column_sheet, label_sheet, result_sheet
from cxrtui.report.settings import settings_sheets
from cxrtui.report.sheets import Sheet
from cxrtui.report.summary import missing, summary
from cxrtui.report.training_figure import TrainingFigure, training_figure
from cxrtui.report.worst_errors import WorstErrors, worst_errors
from cxrtui.show.result_parts import Results
from cxrtui.show.scores import with_stages
from db.recipes import recipe_named
from jobs.comparisons import compare_all, comparison_choices
from jobs.confidence import all_column_choices, confidence
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.recipe.schema import Recipe
from jobs.results import result_table
from jobs.scores import SPLITS, RecipeScores
from jobs.workspace import Workspace

Told = Callable[[str], None]  # what is being done


@dataclass(frozen=True)
class Contents:
    """One field a part of the page, in its order."""

    recipe: Recipe
    recipe_version: str
    recipe_text: str
    made: str
    version: str  # of cxrtui
    summary: tuple[str, ...]
    missing: tuple[str, ...]
    graph: Drawing
    ensembles: Sheet | None
    models: Sheet
    results: tuple[Sheet, ...]
    claims: tuple[Sheet, ...]
    figure: TrainingFigure | None
    labels: LabelSection | None
    errors: tuple[WorstErrors, ...] | None  # None: not asked for
    settings: tuple[Sheet, ...]
    origin: tuple[Sheet, ...]
    command: str

    @property
    def chapters(self) -> tuple[tuple[str, str], ...]:
        """Anchor and title of each section."""
        every = (
            ("summary", "Summary", True),
            ("recipe", "Recipe", True),
            ("models", "Models", True),
            ("results", "Results", True),
            ("claims", "Claims put to the test", bool(self.claims)),
            ("training", "Training", True),
            ("labels", "Labels one by one", True),
            ("errors", "Worst errors", self.errors is not None),
            ("settings", "Settings", True),
            ("origin", "Where the numbers come from", True),
        )
        return tuple((anchor, title) for anchor, title, is_there in every if is_there)


def gather(
    workspace: Workspace,
    holdings: RecipeHoldings,
    resamples: int,
    *,
    with_images: bool = False,
    told: Told = lambda text: None,
) -> Contents:
    """Everything that there is of a recipe; what is missing is said and not an error.

    InputError if images are asked for and there is no finished column, or no pack.
    """
    recipe = holdings.recipe
    with workspace.database.read() as connection:
        record = recipe_named(connection, recipe.name)
    if record is None:
        raise InputError(f"recipe {recipe.name} has not been run here: `cxrtui run-all` runs it")
    scores = _scores(holdings, resamples, told)
    parts = with_stages(Results(recipe.name), workspace, holdings)
    table, sure, claims = result_table(scores), confidence(scores), compare_all(scores)
    detailed = (label_sheet(table, sure, split) for split in reversed(SPLITS))
    labels, errors = _last_column(workspace, holdings, with_images=with_images, told=told)
    told("reading provenance")
    jobs = read_jobs(workspace, holdings)
    return Contents(
        recipe=recipe,
        recipe_version=record.version,
        recipe_text=record.text,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        version=__version__,
        summary=summary(recipe, table, sure, claims),
        missing=missing(table, claims),
        graph=draw_graph(recipe),
        ensembles=ensemble_sheet(recipe),
        models=model_sheet(recipe, parts.stages, parts.saving),
        results=_there(result_sheet(table), column_sheet(table, sure), *detailed),
        claims=_there(claim_sheet(claims), seed_sheet(claims)),
        figure=training_figure(workspace, recipe),
        labels=labels,
        errors=errors,
        settings=settings_sheets(recipe),
        origin=_there(
            data_sheet(holdings),
            prediction_sheet(holdings.members, holdings),
            attempt_sheet(jobs),
            *environment_sheets(workspace, jobs),
        ),
        command=_command(recipe),
    )


def _scores(holdings: RecipeHoldings, resamples: int, told: Told) -> RecipeScores:
    recipe = holdings.recipe
    scores = RecipeScores(recipe, holdings.predictions, holdings.targets, resamples)
    choices = [*all_column_choices(recipe), *comparison_choices(recipe)]
    scores.resample(
        choices, lambda done, of: told(f"drawing patients anew: {done + 1} of {of} choices")
    )
    return scores


def _last_column(
    workspace: Workspace, holdings: RecipeHoldings, *, with_images: bool, told: Told
) -> tuple[LabelSection | None, tuple[WorstErrors, ...] | None]:
    column = last_column(holdings)
    if column is None:
        if with_images:
            raise InputError("no column is finished, so there are no errors to show images of")
        return None, None
    errors = None
    if with_images:
        told("looking for the worst errors")
        errors = tuple(worst_errors(workspace, holdings, column))
    labels = label_section(
        column,
        len(holdings.recipe.seeds),
        lambda done, of: told(f"drawing curves: {done + 1} of {of} labels"),
    )
    return labels, errors


def _there(*sheets: Sheet | None) -> tuple[Sheet, ...]:
    return tuple(sheet for sheet in sheets if sheet is not None and sheet.rows)


def _command(recipe: Recipe) -> str:
    data = "" if recipe.data.phantom else " --data DIR"
    return f"cxrtui run-all --recipe {shlex.quote(recipe.name)}.toml{data}\ncxrtui report report"
