"""The command line: every verb, and the dashboard when none is given."""

import errno
import sys
from typing import Annotated

import typer

from cxrtui import __version__
from cxrtui.commands import (
    curves,
    data,
    doctor,
    ensemble,
    initialise,
    queue,
    recipe,
    report,
    results,
    run_all,
    status,
    supervisor,
    workspace,
)
from cxrtui.options import WorkspaceOption, workspace_root
from cxrtui.output import console, errors
from cxrtui.show.plain import plain
from db.errors import DatabaseError
from jobs.errors import JobsError

app = typer.Typer(
    name="cxrtui",
    help="Train chest X-ray classifiers in stages: queue, live curves, ensembles.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(data.app, name="data")
app.add_typer(ensemble.app, name="ensemble")
app.add_typer(queue.app, name="queue")
app.add_typer(recipe.app, name="recipe")
app.add_typer(supervisor.app, name="supervisor")
app.add_typer(workspace.app, name="workspace")
app.command("curves")(curves.curves)
app.command("doctor")(doctor.doctor)
app.command("init")(initialise.init)
app.command("run-all")(run_all.run_all)
app.command("report")(report.report)
app.command("results")(results.results)
app.command("status")(status.status)


@app.callback()
def dashboard(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    no_supervisor: Annotated[
        bool, typer.Option("--no-supervisor", help="Only watch; start nothing.")
    ] = False,
    no_mouse: Annotated[
        bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Without a verb: the dashboard of the workspace."""
    if version:
        console.print(f"cxrtui {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    from cxrtui.screens.app import run_dashboard
    from jobs.queue.ensure import ensure_supervisor
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    if not no_supervisor:
        ensure_supervisor(opened.paths)
    run_dashboard(opened, watch_only=no_supervisor, mouse=not no_mouse)


def run() -> None:
    """Run the command line; what a person did wrong is one line on stderr and exit code 2."""
    try:
        app()
    except (JobsError, DatabaseError) as error:
        errors.print(f"cxrtui: {plain(error)}", soft_wrap=True)
        sys.exit(2)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        where = f"{error.filename}: " if error.filename else ""
        errors.print(f"cxrtui: {plain(where)}{error.strerror}", soft_wrap=True)
        sys.exit(2)
