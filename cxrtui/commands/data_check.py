"""`cxrtui data check`: is a data folder right?"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cxrtui.options import JsonOption, RecipeOption
from cxrtui.output import console, errors, print_json
from cxrtui.show.bar import counting
from jobs.errors import InputError

if TYPE_CHECKING:
    from jobs.recipe.schema import DataSettings

BAD_INPUT: Final = 2
MIN_SIZE: Final = 64


def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The data folder.")],
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="F", help="Its format, where its files do not tell."),
    ] = None,
    recipe: RecipeOption = None,
    images: Annotated[
        bool, typer.Option("--images", help="Open every image too, which takes its time.")
    ] = False,
    min_size: Annotated[
        int,
        typer.Option(min=1, metavar="PX", help="--images: a shorter side under it is tiny."),
    ] = MIN_SIZE,
    as_json: JsonOption = False,
) -> None:
    """Read a whole data folder, count what it has, name all that is wrong with it.

    The labels are those of the format, or those of a recipe. Exit code 2 if results would change.
    """
    from cxrtui.show.data_check import data_document, show_data
    from jobs.data.check.folder import check_data

    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    settings, labels = _asked(folder, format_, recipe)
    # The bar is drawn on stderr where stdout is for a script.
    bars = partial(counting, console=errors if as_json else console)
    checked = check_data(
        folder, settings, labels, open_images=images, min_size=min_size, counting=bars
    )
    if as_json:
        print_json(data_document(checked))
    else:
        show_data(folder, checked)
    if checked.changes_results:
        raise typer.Exit(BAD_INPUT)


def _asked(
    folder: Path, format_: str | None, recipe: str | None
) -> "tuple[DataSettings, tuple[str, ...]]":
    """The settings and the labels: of the recipe, of the format named, of the one found."""
    from jobs.data.check.detect import detect_format, named_format
    from jobs.data.labels import labels_of
    from jobs.recipe.load import load_recipe
    from jobs.recipe.schema import DataSettings

    if recipe is not None:
        if format_ is not None:
            raise InputError("--format and --recipe: the recipe says the format; give one of them")
        loaded = load_recipe(recipe).recipe
        return loaded.data, loaded.labels
    chosen = detect_format(folder) if format_ is None else named_format(format_)
    settings = DataSettings(format=chosen)
    labels = labels_of(settings)
    if labels is None:
        raise InputError(f"{folder}: format {chosen}: a recipe must list its labels: give --recipe")
    return settings, labels
