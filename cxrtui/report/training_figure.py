"""The poster's figure of the recipe for the page."""

from dataclasses import dataclass

from cxrtui.figures.curves import curve_figure
from cxrtui.figures.formats import as_svg
from cxrtui.lineages.lineage import Lineage, ending_words
from cxrtui.lineages.reading import Waiting, read_lineages
from jobs.recipe.schema import Recipe
from jobs.workspace import Workspace


@dataclass(frozen=True)
class TrainingFigure:
    """The drawing, which lineages it shows, and which of those named are not trained."""

    drawing: bytes
    lines: tuple[str, ...]
    waiting: tuple[str, ...]


def training_figure(workspace: Workspace, recipe: Recipe) -> TrainingFigure | None:
    """The lineages that the recipe's figure compares, else the one of its last model.

    None while none of them has points.
    """
    names = recipe.figure.lineages if recipe.figure else (_last_model(recipe),)
    with workspace.database.read() as connection:
        found = read_lineages(connection, recipe, names)
        if not found.lineages and recipe.figure:
            found = read_lineages(connection, recipe, (_last_model(recipe),))
    if not found.lineages:
        return None
    drawing = as_svg(curve_figure(found.lineages)).encode()
    lines = tuple(map(_words, found.lineages))
    return TrainingFigure(drawing, lines, tuple(map(_waiting_words, found.waiting)))


def _last_model(recipe: Recipe) -> str:
    return [model for model in recipe.models if not model.optional][-1].base


def _words(lineage: Lineage) -> str:
    return f"{lineage.words}; {ending_words(lineage)}."


def _waiting_words(one: Waiting) -> str:
    """Without the reason, which may name an image."""
    if one.state:
        return f"{one.model} is {one.state}, and no epoch of it is done yet."
    return f"{one.model} has not been trained."
