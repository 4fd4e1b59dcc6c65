"""`cxrtui supervisor`: the one process of a workspace that runs its queue."""

import os
from typing import Annotated

import typer

from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, print_json

app = typer.Typer(help="The process that runs the queue.", no_args_is_help=True)


@app.command()
def start(
    context: typer.Context,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Do not detach: for systemd and containers.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make sure that a supervisor runs."""
    from jobs.queue.ensure import ensure_supervisor, supervisor_info
    from jobs.start import command
    from jobs.workspace import open_workspace

    paths = open_workspace(workspace_root(context, workspace)).paths
    found = supervisor_info(paths)
    if found is not None:
        console.print(f"runs already: pid {found.pid} on {found.host}")
    elif foreground:
        line = command("jobs.queue.supervisor", str(paths.root), "-1", "--foreground")
        os.execve(line[0], line, {**os.environ, "PYTHONSAFEPATH": "1"})
    else:
        ensure_supervisor(paths)
        console.print("started")


@app.command()
def stop(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """End the supervisor; running jobs go on, and the next supervisor adopts them."""
    from jobs.queue.ensure import stop_supervisor
    from jobs.workspace import open_workspace

    found = stop_supervisor(open_workspace(workspace_root(context, workspace)).paths)
    console.print("none runs" if found is None else f"asked pid {found.pid} to end")


@app.command()
def status(
    context: typer.Context, json_: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Whether one runs, and which."""
    from jobs.queue.ensure import supervisor_info
    from jobs.workspace import open_workspace

    found = supervisor_info(open_workspace(workspace_root(context, workspace)).paths)
    if json_:
        print_json(None if found is None else vars(found))
    else:
        console.print("none runs" if found is None else f"pid {found.pid} on {found.host}")
