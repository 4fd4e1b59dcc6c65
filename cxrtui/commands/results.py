"""`cxrtui results`: the poster's table from one's own predictions."""

import sys
from typing import Annotated, Literal

import typer

from cxrtui.options import WorkspaceOption, workspace_root
from cxrtui.output import console


def results(
    context: typer.Context,
    format_: Annotated[
        Literal["table", "markdown", "csv", "json", "html"],
        typer.Option("--format", "-f", help="How to print it."),
    ] = "table",
    poster: Annotated[
        bool, typer.Option("--poster", help="Set the published numbers beside one's own.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """AP of every label in the recipe's columns, development / test, the best so far in bold."""
    from cxrtui.current import current_holdings
    from cxrtui.show.result_formats import render
    from cxrtui.show.scores import print_results, publication, results_of

    _, holdings = current_holdings(workspace_root(context, workspace))
    if format_ == "table":
        print_results(holdings, poster=poster)
        return
    other = publication(holdings, poster=poster)
    sys.stdout.write(render(results_of(holdings), format_, other, console.width))
