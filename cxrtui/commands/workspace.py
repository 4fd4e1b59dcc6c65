"""`cxrtui workspace`: the folder as a whole."""

import typer

from cxrtui.options import WorkspaceOption, workspace_root
from cxrtui.output import console

app = typer.Typer(help="The workspace's folder as a whole.", no_args_is_help=True)


@app.command()
def rebuild(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Make the database again from the journal and the folders of runs; the old one is kept."""
    from jobs.queue.rebuild import rebuild_database

    kept = rebuild_database(workspace_root(context, workspace))
    console.print(
        "the database was made again" + ("" if kept is None else f"; the old one is {kept.name}")
    )
