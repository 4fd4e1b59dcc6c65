"""`cxrtui run-all`: the whole recipe, from data to the result table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cxrtui.options import (
    DataOption,
    DryRunOption,
    JsonOption,
    RecipeOption,
    WorkspaceOption,
    workspace_root,
)
from cxrtui.output import console, print_json


def run_all(
    context: typer.Context,
    recipe: RecipeOption = None,
    data: DataOption = None,
    gpus: Annotated[
        str | None, typer.Option("--gpus", metavar="0,1", help="Use only these GPUs.")
    ] = None,
    dry_run: DryRunOption = False,
    detach: Annotated[bool, typer.Option("--detach", help="Queue, and come back at once.")] = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Train and predict all models of a recipe, skip what is done, print the result table.

    Ctrl+C stops the jobs at a checkpoint; the next call goes on from there. A lost terminal stops
    nothing.
    """
    from cxrtui.current import choose_workspace, merged_settings
    from cxrtui.enqueue import enqueue, of_targets, preview
    from cxrtui.show.plan import plan_json, plan_table
    from jobs.paths import WorkspacePaths
    from jobs.prepare import data_root
    from jobs.queue.ensure import ensure_supervisor
    from jobs.recipe.load import load_recipe

    root = workspace_root(context, workspace)
    settings = merged_settings(root, recipe, data, gpus)
    loaded = load_recipe(settings.recipe)
    data_root(WorkspacePaths(root), loaded.recipe, settings.data)
    choice = of_targets(loaded, ["all"])
    if dry_run:
        plan = preview(root, settings, loaded, choice)
        if json_:
            print_json(plan_json(plan.lines))
        else:
            console.print(plan_table(plan.lines))
        return
    opened = choose_workspace(root, settings)
    plan = enqueue(opened, loaded, choice)
    if not json_:
        console.print(plan_table(plan.lines))
    ensure_supervisor(opened.paths)
    if detach:
        if json_:
            print_json(plan_json(plan.lines))
        else:
            console.print("queued; `cxrtui status` and `cxrtui` show how it goes")
        return
    _follow(root, plan.keys, plan_json(plan.lines), json_)


def _follow(root: Path, keys: list[str], plan: list[dict[str, Any]], json_: bool) -> None:
    from cxrtui.follow import follow_to_end

    progress = follow_to_end(root, keys, quiet=json_)
    _print_end(root, plan, {one.job.name: one.state for one in progress}, json_)
    if any(one.state != "succeeded" for one in progress):
        raise typer.Exit(1)


def _print_end(root: Path, plan: list[dict[str, Any]], states: dict[str, str], json_: bool) -> None:
    from cxrtui.current import current_holdings
    from cxrtui.show.scores import print_results, results_of
    from jobs.results import to_json

    _, holdings = current_holdings(root)
    if json_:
        print_json({"plan": plan, "jobs": states, "results": to_json(results_of(holdings))})
    else:
        print_results(holdings)
