"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from cxrtui.completion import recipes

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The workspace; else $CXRTUI_WORKSPACE, else ./.cxrtui.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
RecipeOption = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        "-r",
        metavar="R",
        help="A shipped recipe's name, or a TOML file.",
        autocompletion=recipes,
    ),
]
DataOption = Annotated[
    str | None,
    typer.Option("--data", "-d", metavar="DIR", help="The data folder."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


def workspace_root(context: typer.Context, given: Path | None) -> Path:
    """The workspace's folder, from the option after the verb, before it, or the environment."""
    from jobs.paths import find_root

    return find_root(given or context.find_root().params.get("workspace"))
