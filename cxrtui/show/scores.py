"""The scores of a recipe for a person: what `results` and the end of `run-all` print."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cxrtui.output import console, errors
from cxrtui.show.bar import counting
from cxrtui.show.result_formats import results_table
from cxrtui.show.result_parts import Results
from jobs.choice import Choice
from jobs.comparisons import compare_all, comparison_choices
from jobs.confidence import all_column_choices, confidence
from jobs.costs import model_costs
from jobs.loading import RecipeHoldings
from jobs.published import Published, published
from jobs.results import ResultTable, result_table
from jobs.scores import RESAMPLES, RecipeScores
from jobs.scoring.ap import mean_ap
from jobs.scoring.columns import score_key
from jobs.stages import ModelScores, saving, stage_rows
from jobs.workspace import Workspace

# Images times choices that are resampled a thousand times in a second or two.
QUICK: Final = 60_000
_ASK: Final = "--confidence shows how sure these numbers are"
_CLAIMS: Final = ", --comparisons what the recipe's claims come to"
_SYNTHETIC: Final = "Synthetic images: these numbers say nothing about chest X-rays."
_RAISED: Final = " Labels rarer than {:.1%} were made that frequent."


def results_of(holdings: RecipeHoldings) -> ResultTable:
    """The result table of a recipe; DamagedError if a file is not what was written."""
    return result_table(scores_of(holdings))


def scores_of(holdings: RecipeHoldings, resamples: int = RESAMPLES) -> RecipeScores:
    """What the columns and comparisons of a recipe score."""
    return RecipeScores(holdings.recipe, holdings.predictions, holdings.targets, resamples)


def print_results(workspace: Workspace, holdings: RecipeHoldings) -> None:
    """Every part on the terminal, however long it takes: the end of a run."""
    scores = scores_of(holdings)
    results = with_stages(Results(holdings.recipe.name), workspace, holdings)
    results = with_confidence(with_table(results, scores), scores)
    console.print(results_table(with_comparisons(results, scores), console.width))


def with_table(results: Results, scores: RecipeScores) -> Results:
    """The result table."""
    phantom = scores.recipe.data.phantom
    remarks = results.remarks
    if phantom is not None:
        raised = _RAISED.format(phantom.least_share) if phantom.least_share else ""
        remarks = (*remarks, f"{_SYNTHETIC}{raised}")
    return replace(results, table=result_table(scores), remarks=remarks)


def with_confidence(results: Results, scores: RecipeScores, *, of_labels: bool = False) -> Results:
    """Intervals of what columns changed, and those `of_labels`."""
    _resample(scores, all_column_choices(scores.recipe))
    return replace(results, confidence=confidence(scores), with_intervals=of_labels)


def with_comparisons(results: Results, scores: RecipeScores) -> Results:
    """The recipe's claims, put to the test."""
    _resample(scores, comparison_choices(scores.recipe))
    return replace(results, comparisons=compare_all(scores), resamples=scores.resamples)


def with_what_is_quick(results: Results, scores: RecipeScores) -> Results:
    """Both where they take no more than a second or two, else how to ask for them."""
    choices = [*all_column_choices(scores.recipe), *comparison_choices(scores.recipe)]
    images = sum(len(split.table) for split in scores.splits.values())
    different = len({score_key(choice) for choice in choices})
    if images * different * scores.resamples <= QUICK * RESAMPLES:
        return with_comparisons(with_confidence(results, scores), scores)
    ask = f"{_ASK}{_CLAIMS if scores.recipe.comparisons else ''}."
    return replace(results, remarks=(*results.remarks, ask))


def with_stages(results: Results, workspace: Workspace, holdings: RecipeHoldings) -> Results:
    """The table of models, and what stage training saved."""
    costs = model_costs(workspace, holdings.models.values())
    rows = stage_rows(holdings.recipe, _model_scores(holdings), costs)
    return replace(results, stages=rows, saving=saving(holdings.recipe, rows))


def publication(holdings: RecipeHoldings, *, poster: bool) -> Published | None:
    """The published tables that the recipe names, if they are asked for and there are any."""
    name = holdings.recipe.published
    return published(name) if poster and name is not None else None


def _resample(scores: RecipeScores, choices: Iterable[Choice]) -> None:
    """A bar on a terminal says how far it is."""
    with counting("resampling patients", errors) as told:
        scores.resample(choices, told)


def _model_scores(holdings: RecipeHoldings) -> dict[str, ModelScores]:
    return {
        model: ModelScores(val=_map(holdings, model, "val"), dev=_map(holdings, model, "dev"))
        for model in holdings.models
    }


def _map(holdings: RecipeHoldings, model: str, split: str) -> float | None:
    aps = holdings.label_aps(model, split)
    mean = mean_ap([math.nan if ap is None else ap for ap in aps.values()])
    return None if math.isnan(mean) else mean
