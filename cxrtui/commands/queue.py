"""`cxrtui queue`: add jobs, look at them, and ask something of them."""

import time
from enum import StrEnum
from typing import Annotated

import typer

from cxrtui.commands.verbs import JobTargets, add_verbs
from cxrtui.completion import job_targets, recipe_targets
from cxrtui.options import DryRunOption, JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, print_json, print_rows

app = typer.Typer(help="Jobs: add, list, and the verbs on them.", no_args_is_help=True)


class JobState(StrEnum):
    """What `--state` can be."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"
    PAUSED = "paused"
    BLOCKED = "blocked"


@app.command()
def add(
    context: typer.Context,
    targets: Annotated[
        list[str],
        typer.Argument(
            help="A stage, a model, an ensemble, or all.", autocompletion=recipe_targets
        ),
    ],
    no_parents: Annotated[
        bool, typer.Option("--no-parents", help="Only the targets' own jobs, not their parents'.")
    ] = False,
    priority: Annotated[int | None, typer.Option(help="Higher goes first.")] = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Train and predict the targets; missing parents come along."""
    from cxrtui.enqueue import enqueue, of_targets, preview
    from cxrtui.show.plan import plan_json, plan_table
    from jobs.queue.ensure import ensure_supervisor
    from jobs.recipe.load import load_recipe
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    loaded = load_recipe(opened.settings.recipe)
    choice = of_targets(loaded, targets, parents=not no_parents)
    if dry_run:
        plan = preview(opened.paths.root, opened.settings, loaded, choice)
    else:
        plan = enqueue(opened, loaded, choice, priority)
        ensure_supervisor(opened.paths)
    if json_:
        print_json(plan_json(plan.lines))
    else:
        console.print(plan_table(plan.lines))


@app.command("list")
def list_(
    context: typer.Context,
    all_: Annotated[
        bool, typer.Option("--all", help="Also all that have succeeded or were cancelled.")
    ] = False,
    states: Annotated[
        list[JobState] | None,
        typer.Option(
            "--state", metavar="STATE", help="Only jobs in this state; may be given again."
        ),
    ] = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """The jobs in the order in which they would start, and why each waits."""
    from cxrtui.show.queue import QueueTable, partly_shown, queue_json
    from db.jobs import jobs
    from db.lists import attempts_of_jobs
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    with opened.database.read() as connection:
        found = jobs(connection, states or None)
        shown = found if all_ or states or json_ else partly_shown(found)
        attempts = attempts_of_jobs(connection, [job.id for job in shown])
    if json_:
        now = time.time()
        print_rows([queue_json(job, attempts.get(job.id, []), now) for job in shown])
        return
    console.print(QueueTable(shown, attempts), soft_wrap=True)
    if len(shown) < len(found):
        hidden = f"{len(found) - len(shown):,} more have succeeded or were cancelled"
        console.print(f"{hidden}: --all shows them", style="dim")


@app.command()
def show(
    context: typer.Context,
    targets: JobTargets,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """All that is known of a job: what it needs, its settings, each attempt and what it ran on."""
    from cxrtui.show.job import job_details, job_json
    from jobs.queue.details import details_of
    from jobs.queue.targets import target_jobs
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    found = details_of(opened, target_jobs(opened, targets))
    if json_:
        print_json([job_json(one) for one in found])
        return
    for one in found:
        console.print(job_details(one))


@app.command()
def log(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            help="A job's id, a model (its newest attempt), or MODEL.train.",
            autocompletion=job_targets,
        ),
    ],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as it grows, to the job's end.")
    ] = False,
    lines: Annotated[
        int | None, typer.Option("--lines", "-n", min=0, metavar="N", help="Only the last N.")
    ] = None,
    attempt: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Another attempt than the newest.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """What the newest attempt printed."""
    from cxrtui.joblog import print_log
    from jobs.queue.targets import target_jobs
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    chosen = target_jobs(opened, [target])
    print_log(opened, chosen, follow=follow, number=attempt, lines=lines)


add_verbs(app)


@app.command()
def freeze(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Start nothing new; what runs goes on."""
    _freeze(context, workspace, frozen=True)


@app.command()
def thaw(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Start jobs again."""
    _freeze(context, workspace, frozen=False)


def _freeze(context: typer.Context, workspace: WorkspaceOption, *, frozen: bool) -> None:
    from jobs.queue.asking import ask_freeze
    from jobs.queue.ensure import ensure_supervisor
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    ask_freeze(opened, frozen=frozen)
    if not frozen:
        ensure_supervisor(opened.paths)
    console.print("frozen: nothing new starts" if frozen else "thawed")
