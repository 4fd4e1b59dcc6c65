"""`cxrtui supervisor`: the one process of a workspace that runs its queue."""

import os
from typing import Annotated

import typer

from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, print_json

app = typer.Typer(help="The process that runs the queue.", no_args_is_help=True)

StayOption = Annotated[bool, typer.Option("--stay", help="Do not end when there is nothing to do.")]


@app.command()
def start(
    context: typer.Context,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Do not detach: for systemd and containers.")
    ] = False,
    stay: StayOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make sure that a supervisor runs. With --foreground: be it; exit code 1 if one runs."""
    from jobs.queue.ensure import ensure_supervisor, supervisor_info
    from jobs.start import command
    from jobs.workspace import open_workspace

    paths = open_workspace(workspace_root(context, workspace)).paths
    found = supervisor_info(paths)
    if found is not None:
        console.print(f"runs already: pid {found.pid} on {found.host}")
        raise typer.Exit(1 if foreground else 0)
    if foreground:
        options = ("-1", "--foreground", *(["--stay"] if stay else []))
        line = command("jobs.queue.supervisor", str(paths.root), *options)
        os.execve(line[0], line, {**os.environ, "PYTHONSAFEPATH": "1"})
    ensure_supervisor(paths, stay=stay)
    console.print("started")


@app.command()
def stop(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """End the supervisor; running jobs go on, and the next supervisor adopts them."""
    from jobs.queue.ensure import stop_supervisor
    from jobs.workspace import open_workspace

    found = stop_supervisor(open_workspace(workspace_root(context, workspace)).paths)
    console.print("none runs" if found is None else f"asked pid {found.pid} to end")


@app.command()
def restart(
    context: typer.Context, stay: StayOption = False, workspace: WorkspaceOption = None
) -> None:
    """Replace the supervisor by a new one, as after an update; running jobs go on."""
    from jobs.queue.ensure import ensure_supervisor, stop_supervisor, wait_for_no_supervisor
    from jobs.workspace import open_workspace

    paths = open_workspace(workspace_root(context, workspace)).paths
    if stop_supervisor(paths) is not None:
        wait_for_no_supervisor(paths)
    ensure_supervisor(paths, stay=stay)
    console.print("started")


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


@app.command()
def unit(
    context: typer.Context,
    system: Annotated[
        bool, typer.Option("--system", help="For the machine's manager, not for your own.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print a systemd unit that keeps a supervisor running, through log-outs and boots."""
    import pwd

    from jobs.machine.unit import unit_text
    from jobs.workspace import open_workspace

    paths = open_workspace(workspace_root(context, workspace)).paths
    user = pwd.getpwuid(os.getuid()).pw_name if system else None
    typer.echo(unit_text(paths.root, user), nl=False)
