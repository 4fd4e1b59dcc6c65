"""`cxrtui recipe`: the shipped recipes and a user's own, shown, checked, begun."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, print_json, print_text

app = typer.Typer(name="recipe", help="Recipes: list, show, check, begin a new one.")
BAD_INPUT = 2


@app.command("list")
def list_recipes(as_json: JsonOption = False) -> None:
    """List the shipped recipes."""
    from jobs.recipe.load import load_recipe, shipped_recipes

    recipes = [load_recipe(name).recipe for name in shipped_recipes()]
    if as_json:
        print_json(
            [
                {
                    "name": recipe.name,
                    "title": recipe.title,
                    "stages": [stage.name for stage in recipe.stages],
                    "models": [model.name for model in recipe.models],
                }
                for recipe in recipes
            ]
        )
        return
    width = max(len(recipe.name) for recipe in recipes)
    for recipe in recipes:
        print_text(f"{recipe.name:<{width}}  {recipe.title}")


@app.command()
def show(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[R]", help="A name or a file; else the workspace's recipe."),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw a recipe's stages and lineages as a tree, and its table of models."""
    from cxrtui.show.recipe_tree import recipe_tree
    from cxrtui.show.stage_table import stage_table
    from jobs.published import published
    from jobs.recipe.load import load_recipe

    recipe = load_recipe(name or _current(workspace_root(context, workspace))).recipe
    if as_json:
        print_json(recipe.model_dump(mode="json"))
        return
    console.print(recipe_tree(recipe))
    console.print()
    beside = published(recipe.published) if recipe.published else None
    console.print(stage_table(recipe, published=beside))
    if beside is not None:
        console.print(Text(f"Poster: {beside.citation}", "dim"))


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A recipe's TOML file.")],
    as_json: JsonOption = False,
) -> None:
    """Name all that is wrong in a recipe, with file, line and field."""
    from jobs.recipe.check import check_recipe
    from jobs.recipe.load import read_recipe_text

    checked = check_recipe(read_recipe_text(file))
    if as_json:
        problems = [
            {"line": problem.line, "field": problem.field, "message": problem.message}
            for problem in checked.problems
        ]
        print_json({"file": file, "problems": problems})
    elif checked.recipe is None:
        for problem in checked.problems:
            print_text(f"{file}:{problem}")
    else:
        recipe = checked.recipe
        counts = f"{len(recipe.models)} models in {len(recipe.stages)} stages"
        print_text(f"{file}: recipe {recipe.name} is fine: {counts}")
    if checked.problems:
        raise typer.Exit(BAD_INPUT)


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The TOML file to write.")],
    origin: Annotated[
        str, typer.Option("--from", metavar="R", help="The shipped recipe to copy.")
    ] = "cxr-lt-2023",
) -> None:
    """Write a copy of a shipped recipe, to be changed."""
    from jobs.recipe.new import new_recipe

    name = new_recipe(file, origin)
    told = f"{file}: recipe {name}, a copy of {origin}; after changes: cxrtui recipe check {file}"
    print_text(told)


def _current(root: Path) -> str:
    """The recipe of the workspace; without one the poster's."""
    from jobs.paths import WorkspacePaths
    from jobs.workspace import read_settings

    settings = WorkspacePaths(root).settings
    return read_settings(settings).recipe if settings.is_file() else "cxr-lt-2023"
