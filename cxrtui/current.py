"""What commands speak of: the workspace and its current recipe."""

from dataclasses import replace
from pathlib import Path

from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.paths import WorkspacePaths
from jobs.recipe.load import load_recipe, shipped_recipes
from jobs.workspace import (
    Workspace,
    WorkspaceSettings,
    make_workspace,
    open_workspace,
    read_settings,
)


def merged_settings(
    root: Path, recipe: str | None, data: str | None, gpus: str | None
) -> WorkspaceSettings:
    """The workspace's settings with what was given on the command line in their place."""
    path = WorkspacePaths(root).settings
    if path.is_file():
        before = read_settings(path)
    elif recipe is None:
        raise InputError(
            f"{root}: no workspace here: name a recipe with --recipe "
            f"({', '.join(shipped_recipes())}, or a TOML file)"
        )
    else:
        before = WorkspaceSettings(recipe)
    chosen = before.recipe if recipe is None else _durable_name(recipe)
    folder = before.data if data is None else str(Path(data).absolute())
    return replace(before, recipe=chosen, data=folder, gpus=gpus or before.gpus)


def choose_workspace(root: Path, settings: WorkspaceSettings) -> Workspace:
    """Open the workspace; it is made, or its settings are changed, where they are not these."""
    path = WorkspacePaths(root).settings
    if path.is_file() and read_settings(path) == settings:
        return open_workspace(root)
    return make_workspace(root, settings)


def current_holdings(root: Path) -> tuple[Workspace, RecipeHoldings]:
    """The workspace and the finished work of its current recipe."""
    workspace = open_workspace(root)
    name = load_recipe(workspace.settings.recipe).recipe.name
    return workspace, RecipeHoldings(workspace, name)


def _durable_name(recipe: str) -> str:
    """A name of a shipped recipe, or an absolute path that means the same from anywhere."""
    return recipe if recipe in shipped_recipes() else str(Path(recipe).absolute())
