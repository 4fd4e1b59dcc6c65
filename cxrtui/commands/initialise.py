"""`cxrtui init`: a workspace."""

from typing import Annotated

import typer

from cxrtui.options import DataOption, RecipeOption, WorkspaceOption, workspace_root
from cxrtui.output import console


def init(
    context: typer.Context,
    recipe: RecipeOption = "cxr-lt-2023",
    data: DataOption = None,
    gpus: Annotated[
        str | None, typer.Option("--gpus", metavar="0,1", help="Use only these GPUs.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a workspace that names the current recipe and the data folder."""
    from cxrtui.current import choose_workspace, merged_settings
    from jobs.recipe.load import load_recipe

    root = workspace_root(context, workspace)
    settings = merged_settings(root, recipe, data, gpus)
    load_recipe(settings.recipe)
    opened = choose_workspace(root, settings)
    console.print(f"{opened.paths.root}: workspace of recipe {opened.settings.recipe}")
