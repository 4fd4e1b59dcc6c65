"""`cxrtui ensemble search`: which members to average, told without flattering the choice."""

from typing import Annotated

import typer

from cxrtui.completion import members
from cxrtui.options import (
    AveragingOption,
    JsonOption,
    ViewRuleOption,
    WorkspaceOption,
    workspace_root,
)
from cxrtui.output import console, errors, print_json


def search(
    context: typer.Context,
    members: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MEMBERS",
            help="Members to search among, or an ensemble; else all with predictions.",
            autocompletion=members,
            show_default=False,
        ),
    ] = None,
    split: Annotated[str, typer.Option("--split", help="dev, test or val.")] = "dev",
    views: ViewRuleOption = None,
    averaging: AveragingOption = None,
    greedy: Annotated[
        bool, typer.Option("--greedy", help="Add members step by step, again if need be.")
    ] = False,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Of --greedy.")] = 20,
    start: Annotated[
        int, typer.Option("--start", min=0, help="Best members that --greedy starts with.")
    ] = 0,
    top: Annotated[int, typer.Option("--top", min=1, help="How many to show.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the halves and resamples.")] = 0,
    resamples: Annotated[
        int, typer.Option("--resamples", min=1, help="Of the patients, for the intervals.")
    ] = 1000,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="NAME", help="Keep the best.", show_default=False),
    ] = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Find the members that score best together, chosen on half of the patients.

    Every subset of up to 8 members is tried, or with --greedy members are added one by one, so
    that they get weights. What was chosen is judged on the other half, beside the recipe's first
    ensemble; views and averaging are those of that ensemble too unless they are given.
    """
    from cxrtui.current import current_holdings
    from cxrtui.show.bar import counting
    from cxrtui.show.search import print_search, search_json
    from jobs.ensemble_search import SearchSettings, search_ensembles
    from jobs.picking import check_name, save_choice

    opened, holdings = current_holdings(workspace_root(context, workspace))
    if save is not None:
        check_name(holdings, save)
    settings = SearchSettings(split, views, averaging, greedy, steps, start, top, seed, resamples)
    with counting("ensembles", errors) as progress:
        report = search_ensembles(holdings, members or [], settings, progress)
    if save is not None:
        save_choice(opened, holdings, save, report.best[0].choice)
    if json_:
        print_json(search_json(report, save))
        return
    print_search(report)
    if save is not None:
        console.print(f"saved {save}")
