"""`cxrtui queue`: add jobs, look at them, and ask something of them."""

import time
from typing import Annotated, Any

import typer

from cxrtui.options import (
    DryRunOption,
    JsonOption,
    WorkspaceOption,
    workspace_root,
)
from cxrtui.output import console, print_json

app = typer.Typer(help="Jobs: add, list, and the verbs on them.", no_args_is_help=True)

Targets = Annotated[
    list[str], typer.Argument(help="A stage, a model, an ensemble, a job's id, or all.")
]


@app.command()
def add(
    context: typer.Context,
    targets: Targets,
    priority: Annotated[int, typer.Option(help="Higher goes first.")] = 0,
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
    choice = of_targets(loaded, targets)
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
    context: typer.Context, json_: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Every job in the order in which they would start, and why it waits."""
    from cxrtui.show.queue import queue_table
    from db.attempts import all_attempts, attempts_by_job
    from db.jobs import jobs
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    with opened.database.read() as connection:
        found = jobs(connection)
        attempts = attempts_by_job(all_attempts(connection))
    if json_:
        print_json([_job_json(job, attempts.get(job.id, [])) for job in found])
    else:
        console.print(queue_table(found, attempts))


@app.command()
def cancel(context: typer.Context, targets: Targets, workspace: WorkspaceOption = None) -> None:
    """Stop the targets' jobs at a checkpoint, and do not run them."""
    _ask(context, workspace, "cancel", targets)


@app.command()
def pause(context: typer.Context, targets: Targets, workspace: WorkspaceOption = None) -> None:
    """Stop the targets' jobs at a checkpoint until they are resumed."""
    _ask(context, workspace, "pause", targets)


@app.command()
def resume(context: typer.Context, targets: Targets, workspace: WorkspaceOption = None) -> None:
    """Let paused jobs go on from their checkpoint."""
    _ask(context, workspace, "resume", targets)


@app.command()
def hold(context: typer.Context, targets: Targets, workspace: WorkspaceOption = None) -> None:
    """Do not start the targets' jobs until they are released; what runs goes on."""
    _ask(context, workspace, "hold", targets)


@app.command()
def release(context: typer.Context, targets: Targets, workspace: WorkspaceOption = None) -> None:
    """Let held jobs start."""
    _ask(context, workspace, "release", targets)


@app.command()
def retry(context: typer.Context, targets: Targets, workspace: WorkspaceOption = None) -> None:
    """Run jobs again that failed, were cancelled, or whose files were damaged since."""
    _ask(context, workspace, "retry", targets)


@app.command()
def move(
    context: typer.Context,
    targets: Targets,
    priority: Annotated[int, typer.Option(help="Higher goes first.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Give the targets' jobs another priority."""
    _ask(context, workspace, "priority", targets, priority)


@app.command()
def freeze(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Start nothing new; what runs goes on."""
    _freeze(context, workspace, frozen=True)


@app.command()
def thaw(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Start jobs again."""
    _freeze(context, workspace, frozen=False)


@app.command()
def log(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="A job's id, or a model (its newest attempt).")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """What the newest attempt printed."""
    from cxrtui.joblog import print_log
    from jobs.queue.targets import target_jobs
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    print_log(opened, target_jobs(opened, [target]), follow=follow)


def _ask(
    context: typer.Context,
    workspace: WorkspaceOption,
    verb: str,
    targets: list[str],
    value: int | None = None,
) -> None:
    from jobs.queue.ensure import ensure_supervisor
    from jobs.queue.journal import record
    from jobs.queue.targets import target_jobs
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    chosen = target_jobs(opened, targets)
    keys = [job.key for job in chosen]
    record(opened, {"kind": "request", "verb": verb, "keys": keys, "value": value})
    ensure_supervisor(opened.paths)
    console.print(f"{verb}: {', '.join(job.name for job in chosen)}", soft_wrap=True)


def _freeze(context: typer.Context, workspace: WorkspaceOption, *, frozen: bool) -> None:
    from jobs.queue.ensure import ensure_supervisor
    from jobs.queue.journal import record
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    record(opened, {"kind": "freeze", "frozen": frozen})
    if not frozen:
        ensure_supervisor(opened.paths)
    console.print("frozen: nothing new starts" if frozen else "thawed")


def _job_json(job: Any, attempts: list[Any]) -> dict[str, Any]:
    return {
        "id": job.id,
        "model": job.model,
        "kind": job.kind,
        "stage": job.stage,
        "recipe": job.recipe,
        "key": job.key,
        "priority": job.priority,
        "state": job.state,
        "reason": job.reason,
        "queued": job.queued,
        "age_seconds": max(0.0, time.time() - job.queued),
        "attempts": [
            {
                "number": attempt.number,
                "state": attempt.state,
                "reason": attempt.reason,
                "exit_code": attempt.exit_code,
                "signal": attempt.signal,
                "started": attempt.started,
                "ended": attempt.ended,
                "peak_bytes": attempt.peak_bytes,
                "slot": attempt.slot,
            }
            for attempt in attempts
        ],
    }
