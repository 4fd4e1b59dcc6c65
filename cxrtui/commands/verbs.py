"""The verbs of `cxrtui queue` that ask something of jobs which are in the queue."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cxrtui.completion import job_targets
from cxrtui.options import DryRunOption, JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import print_json, print_text
from jobs.queue.verbs import GIVE_UP

if TYPE_CHECKING:
    from jobs.queue.asking import Outcome

JobTargets = Annotated[
    list[str],
    typer.Argument(
        help="A job's id, a model, MODEL.train, MODEL.predict, a stage, an ensemble, or all.",
        autocompletion=job_targets,
    ),
]
_SHOWN: Final = 40  # names or lines, where a verb means thousands of jobs


# Each verb asks one thing of jobs, and says this of itself.
_HELP: Final = {
    "cancel": "Stop the targets' jobs at a checkpoint, and do not run them.",
    "pause": "Stop the targets' jobs at a checkpoint until they are resumed.",
    "resume": "Let paused jobs go on from their checkpoint.",
    "hold": "Do not start the targets' jobs until they are released; what runs goes on.",
    "release": "Let held jobs start.",
    "retry": "Run jobs again that failed or were cancelled. One that has succeeded runs again if "
    "it is named alone: by its id, or as MODEL.train.",
    GIVE_UP: "Say that the host of the targets' attempts is gone for good: their jobs are queued "
    "again. An attempt that still holds its lock lives, and is not given up.",
}


def add_verbs(app: typer.Typer) -> None:
    """Make each verb a command of `app`."""
    for verb, told in _HELP.items():
        app.command(verb, help=told)(_command_of(verb))
    app.command()(move)


def _command_of(verb: str) -> Callable[..., None]:
    def command(
        context: typer.Context,
        targets: JobTargets,
        dry_run: DryRunOption = False,
        json_: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        _ask(context, workspace, verb, targets, dry_run=dry_run, json_=json_)

    return command


def move(
    context: typer.Context,
    targets: JobTargets,
    priority: Annotated[int, typer.Option(help="Higher goes first.")],
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Give the targets' jobs another priority."""
    _ask(context, workspace, "priority", targets, priority, dry_run=dry_run, json_=json_)


def _ask(
    context: typer.Context,
    workspace: WorkspaceOption,
    verb: str,
    targets: list[str],
    value: int | None = None,
    *,
    dry_run: bool,
    json_: bool,
) -> None:
    from cxrtui.show.asked import asked_lines
    from jobs.queue.asking import ask
    from jobs.queue.ensure import ensure_supervisor
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    outcomes = ask(opened, verb, targets, value, dry_run=dry_run)
    if not dry_run:
        ensure_supervisor(opened.paths)
    if json_:
        print_json([_json(one) for one in outcomes])
        return
    would = "would " if dry_run else ""
    for line in asked_lines(f"{would}{context.info_name}", outcomes, _SHOWN):
        print_text(line)


def _json(one: "Outcome") -> dict[str, object]:
    return {
        "id": one.job.id,
        "model": one.job.model,
        "kind": one.job.kind,
        "state": one.state,
        "changed": one.changed,
    }
