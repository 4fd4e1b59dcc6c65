"""`cxrtui run-all`: the whole recipe, from data to the result table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from cxrtui.enqueue import Plan
    from cxrtui.preflight import Check


def run_all(
    context: typer.Context,
    recipe: RecipeOption = None,
    data: DataOption = None,
    gpus: Annotated[
        str | None, typer.Option("--gpus", metavar="0,1", help="Use only these GPUs.")
    ] = None,
    dry_run: DryRunOption = False,
    preflight: Annotated[
        bool | None,
        typer.Option(
            "--preflight/--no-preflight",
            help="Try each setting once before anything is queued; by default for costly recipes.",
            show_default=False,
        ),
    ] = None,
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
    from cxrtui.preflight import Check
    from cxrtui.show.plan import plan_json
    from jobs.paths import WorkspacePaths
    from jobs.prepare import data_root
    from jobs.queue.ensure import ensure_supervisor
    from jobs.recipe.load import load_recipe

    root = workspace_root(context, workspace)
    settings = merged_settings(root, recipe, data, gpus)
    loaded = load_recipe(settings.recipe)
    data_root(WorkspacePaths(root), loaded.recipe, settings.data)
    choice = of_targets(loaded, ["all"])
    # What only looks, and what comes back at once, measures nothing unless it is asked to.
    wanted = False if preflight is None and (dry_run or detach) else preflight
    check = Check(root, settings, wanted, json_)
    if dry_run:
        plan = preview(root, settings, loaded, choice)
        check(plan)
        _print_plan(plan, check, json_)
        return
    opened = choose_workspace(root, settings)
    plan = enqueue(opened, loaded, choice, approve=check)
    if detach or not json_:
        _print_plan(plan, check, json_)
    ensure_supervisor(opened.paths)
    if detach:
        if not json_:
            console.print("queued; `cxrtui status` and `cxrtui` show how it goes")
        return
    said = {"plan": plan_json(plan.lines), **check.to_json()}
    _follow(root, plan.keys, said if json_ else None)


def _print_plan(plan: "Plan", check: "Check", json_: bool) -> None:
    """The plan, and what the preflight found if there was one."""
    from cxrtui.show.plan import plan_json, plan_table

    if not json_:
        console.print(plan_table(plan.lines))
        check.show()
    elif check.findings is None:
        print_json(plan_json(plan.lines))
    else:
        print_json({"plan": plan_json(plan.lines), **check.to_json()})


def _follow(root: Path, keys: list[str], said: dict[str, Any] | None) -> None:
    """Follow to the end; `said` is what the JSON begins with, None for a person."""
    from cxrtui.follow import follow_to_end

    progress = follow_to_end(root, keys, quiet=said is not None)
    _print_end(root, said, {one.job.name: one.state for one in progress})
    if any(one.state != "succeeded" for one in progress):
        raise typer.Exit(1)


def _print_end(root: Path, said: dict[str, Any] | None, states: dict[str, str]) -> None:
    from cxrtui.current import current_holdings
    from cxrtui.show.scores import print_results, results_of
    from jobs.results import to_json

    workspace, holdings = current_holdings(root)
    if said is None:
        print_results(workspace, holdings)
    else:
        print_json({**said, "jobs": states, "results": to_json(results_of(holdings))})
