"""The end of a run for a person: the table of models, then the result table."""

import math
from typing import Final

from cxrtui.output import console
from cxrtui.show.result_table import result_table
from cxrtui.show.stage_table import ModelScores, stage_table
from jobs.loading import RecipeHoldings
from jobs.published import Published, published
from jobs.results import ResultTable, build_results
from jobs.scoring.ap import mean_ap

_SYNTHETIC: Final = "Synthetic images: these numbers say nothing about chest X-rays."
_RAISED: Final = " Labels rarer than {:.1%} were made that frequent."


def results_of(holdings: RecipeHoldings) -> ResultTable:
    """The result table of a recipe; DamagedError if a file is not what was written."""
    return build_results(holdings.recipe, holdings.predictions, holdings.targets)


def print_results(holdings: RecipeHoldings, *, poster: bool = False) -> None:
    """Both tables on the terminal; with `poster` the published numbers beside one's own."""
    table = results_of(holdings)
    other = publication(holdings, poster=poster)
    console.print(stage_table(holdings.recipe, _scores(holdings), other))
    console.print()
    console.print(result_table(table, console.width, other))
    phantom = holdings.recipe.data.phantom
    if phantom is not None:
        raised = _RAISED.format(phantom.least_share) if phantom.least_share else ""
        console.print(f"\n{_SYNTHETIC}{raised}", style="dim")


def publication(holdings: RecipeHoldings, *, poster: bool) -> Published | None:
    """The published tables that the recipe names, if they are asked for and there are any."""
    name = holdings.recipe.published
    return published(name) if poster and name is not None else None


def _scores(holdings: RecipeHoldings) -> dict[str, ModelScores]:
    return {
        model: ModelScores(val=_map(holdings, model, "val"), dev=_map(holdings, model, "dev"))
        for model in holdings.models
    }


def _map(holdings: RecipeHoldings, model: str, split: str) -> float | None:
    aps = holdings.label_aps(model, split)
    mean = mean_ap([math.nan if ap is None else ap for ap in aps.values()])
    return None if math.isnan(mean) else mean
