"""`cxrtui results`: the poster's tables from one's own predictions, and how sure they are."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cxrtui.options import WorkspaceOption, workspace_root
from cxrtui.output import console
from jobs.errors import InputError

if TYPE_CHECKING:
    from cxrtui.show.result_parts import Results
    from jobs.scores import RecipeScores


def results(
    context: typer.Context,
    format_: Annotated[
        Literal["table", "markdown", "csv", "json", "html"],
        typer.Option("--format", "-f", help="How to print it."),
    ] = "table",
    poster: Annotated[
        bool, typer.Option("--poster", help="Set the published numbers beside one's own.")
    ] = False,
    confidence: Annotated[
        bool,
        typer.Option("--confidence", help="Show the 95 % interval of every number."),
    ] = False,
    resamples: Annotated[
        int, typer.Option("--resamples", min=100, max=100_000, help="Of the patients.")
    ] = 1000,
    stages: Annotated[
        bool, typer.Option("--stages", help="Only the models: settings, scores, images, hours.")
    ] = False,
    comparisons: Annotated[
        bool, typer.Option("--comparisons", help="Only the recipe's claims, put to the test.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """AP of every label in the recipe's columns, development / test, the best so far in bold.

    Before it stand the models, after it what each column changed and the recipe's claims. As CSV
    it is one table: that of the results, or that of --stages or --comparisons.
    """
    from cxrtui.current import current_holdings
    from cxrtui.show.result_formats import render, results_table
    from cxrtui.show.result_parts import Results
    from cxrtui.show.scores import publication, scores_of, with_comparisons, with_stages

    if sum((stages, comparisons, confidence)) > 1:
        raise InputError("--stages, --comparisons and --confidence: give one of them")
    opened, holdings = current_holdings(workspace_root(context, workspace))
    if comparisons and not holdings.recipe.comparisons:
        raise InputError(f"recipe {holdings.recipe.name} has no [[comparisons]] to put to the test")
    scores = scores_of(holdings, resamples)
    found = Results(holdings.recipe.name, published=publication(holdings, poster=poster))
    if comparisons:
        found = with_comparisons(found, scores)
    elif stages:
        found = with_stages(found, opened, holdings)
    else:
        found = found if format_ == "csv" else with_stages(found, opened, holdings)
        found = _with_scores(found, scores, format_, confidence=confidence)
    if format_ == "table":
        console.print(results_table(found, console.width))
    else:
        sys.stdout.write(render(found, format_))


def _with_scores(
    found: "Results", scores: "RecipeScores", format_: str, *, confidence: bool
) -> "Results":
    """The table with what is asked for; a person is also shown what can be had quickly."""
    from cxrtui.show.scores import (
        with_comparisons,
        with_confidence,
        with_table,
        with_what_is_quick,
    )

    found = with_table(found, scores)
    if confidence:
        found = with_confidence(found, scores, of_labels=True)
        return found if format_ == "csv" else with_comparisons(found, scores)
    return found if format_ in ("csv", "json") else with_what_is_quick(found, scores)
