"""The command line: every verb, and the dashboard when none is given."""

import errno
import sys
from typing import Annotated, NoReturn

import typer

from cxrtui import __version__
from cxrtui.lazy_verbs import LazyVerbs
from cxrtui.options import WorkspaceOption, workspace_root
from cxrtui.show.plain import plain
from db.errors import DatabaseError
from jobs.errors import JobsError

app = typer.Typer(
    name="cxrtui",
    cls=LazyVerbs,
    help="Train chest X-ray classifiers in stages: queue, live curves, ensembles.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
        typer.echo(f"cxrtui {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    from cxrtui.screens.start import run_dashboard

    root = workspace_root(context, workspace)
    code = run_dashboard(root, watch_only=no_supervisor, mouse=not no_mouse)
    raise typer.Exit(code)


def run() -> None:
    """Run the command line; what a person did wrong is one line on stderr and exit code 2."""
    try:
        app()
    except (JobsError, DatabaseError) as error:
        _end(plain(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        where = f"{error.filename}: " if error.filename else ""
        _end(f"{plain(where)}{error.strerror}")


def _end(told: str) -> NoReturn:
    from cxrtui.output import errors  # late: rich takes long

    errors.print(f"cxrtui: {told}", soft_wrap=True)
    sys.exit(2)
