"""`cxrtui curves`: the poster's figure from one's own runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cxrtui.completion import models
from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, errors, print_json, print_text
from jobs.errors import InputError

if TYPE_CHECKING:
    from cxrtui.lineages.reading import FoundLineages

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL]...",
        help="Models whose lineages are drawn; else those of the recipe's figure.",
        autocompletion=models,
        show_default=False,
    ),
]
Smoothing = Annotated[
    float,
    typer.Option(min=0.0, max=0.99, metavar="S", help="Weight of an exponential moving average."),
]
_INCHES: Final = typer.Option(min=3.0, max=40.0, metavar="INCHES", help="Of the written picture.")


def curves(
    context: typer.Context,
    names: Names = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a PNG.")] = None,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write an SVG.")] = None,
    smooth: Smoothing = 0.0,
    width: Annotated[float, _INCHES] = 10.0,
    height: Annotated[float | None, _INCHES] = None,
    json_: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Losses and validation mAP along the lineages of models: here, or as a picture."""
    from cxrtui.show.curves import curve_charts, curve_legend
    from cxrtui.show.curves_json import curves_json
    from cxrtui.show.plain import plain

    found = _found(workspace_root(context, workspace), names or [])
    if png or svg:
        from cxrtui.figures.curves import curve_figure
        from cxrtui.figures.formats import as_png, as_svg

        figure = curve_figure(found.lineages, smoothing=smooth, width=width, height=height)
        if png:
            _write(png, as_png(figure))
        if svg:
            _write(svg, as_svg(figure).encode())
    if json_:
        print_json(curves_json(found, smooth))
        return
    for path in (png, svg):
        if path:
            print_text(f"wrote {path}")
    if png or svg:
        console.print(curve_legend(found.lineages, smooth))
    else:
        console.print(curve_charts(found.lineages, console.width, smooth))
    for waiting in found.waiting:
        errors.print(plain(waiting.words), soft_wrap=True)


def _found(root: Path, names: list[str]) -> "FoundLineages":
    """The lineages that are asked for; InputError if none of them has a point."""
    from cxrtui.lineages.reading import chosen_lineages, read_lineages
    from jobs.recipe.load import load_recipe
    from jobs.workspace import open_workspace

    opened = open_workspace(root)
    recipe = load_recipe(opened.settings.recipe).recipe
    chosen = chosen_lineages(recipe, names)
    with opened.database.read() as connection:
        found = read_lineages(connection, recipe, chosen)
    if not found.lineages:
        told = "; ".join(waiting.words for waiting in found.waiting)
        raise InputError(f"there is nothing to draw yet: {told}")
    return found


def _write(path: Path, content: bytes) -> None:
    from jobs.durable import write_atomic

    try:
        write_atomic(path, content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
