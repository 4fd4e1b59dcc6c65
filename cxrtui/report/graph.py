"""The recipe as a drawing: stages are columns, models are boxes, lineages are arrows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jobs.recipe.schema import Model, Recipe
from jobs.recipe.seeds import with_seed, without_seed

BOX: Final = (176, 70)  # width and height of a model, in CSS pixels as all lengths here
_GAP: Final = (56, 14)
_EDGE: Final = 2
_HEADING: Final = 28
_CHARACTERS: Final = 20  # of a name that fit into a box
_NO_PARENT: Final = {"imagenet": "from ImageNet", "none": "from random weights"}


@dataclass(frozen=True)
class Box:
    """A model: where its left upper corner is, and its lines of text."""

    x: float
    y: float
    name: str
    shown: str  # the name, cut to the width of the box
    lines: tuple[str, ...]
    optional: bool
    ensembles: str  # those that it is a member of; "" for none


@dataclass(frozen=True)
class Arrow:
    """From a parent's right side to its child's left side, as the path of a curve."""

    path: str
    x: float  # of the tip
    y: float


@dataclass(frozen=True)
class Drawing:
    """Everything that is drawn, and the size of the whole."""

    width: float
    height: float
    stages: tuple[tuple[float, str], ...]  # the middle of its column, its name
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw_graph(recipe: Recipe) -> Drawing:
    """Lay out the models of a recipe; repeats with other seeds share one box.

    Lineages form a forest in which a child stands in a later stage than its parent, so that each
    leaf has a row of its own and no arrow crosses another.
    """
    models = [model for model in recipe.models if model.name == _first_repeat(recipe, model)]
    parents = {model.base: _parent(recipe, model) for model in models}
    rows = _rows(parents)
    stages = [stage.name for stage in recipe.stages]
    columns = {model.base: stages.index(model.stage) for model in models}
    places = {name: _place(columns[name], row) for name, row in rows.items()}
    heights = [y + BOX[1] for _, y in places.values()]
    return Drawing(
        width=_place(len(stages) - 1, 0)[0] + BOX[0] + _EDGE,
        height=max(heights, default=_HEADING) + _EDGE,
        stages=tuple(
            (_place(place, 0)[0] + BOX[0] / 2, _cut(name)) for place, name in enumerate(stages)
        ),
        boxes=tuple(_box(recipe, model, *places[model.base]) for model in models),
        arrows=tuple(
            _arrow(places[parent], places[name]) for name, parent in parents.items() if parent
        ),
    )


def _first_repeat(recipe: Recipe, model: Model) -> str:
    return with_seed(model.base, recipe.seeds[0]) if recipe.seeds else model.name


def _parent(recipe: Recipe, model: Model) -> str | None:
    bases = {one.name: one.base for one in recipe.models}
    return None if model.parent is None else bases[model.parent]


def _rows(parents: Mapping[str, str | None]) -> dict[str, float]:
    """The row of each model: the next free one for a leaf, else the middle of its children."""
    children: dict[str | None, list[str]] = {}
    for name, parent in parents.items():
        children.setdefault(parent, []).append(name)
    rows: dict[str, float] = {}
    free = iter(range(len(parents)))
    for name in _leaves_first(children):
        below = [rows[child] for child in children.get(name, ())]
        rows[name] = (below[0] + below[-1]) / 2 if below else next(free)
    return rows


def _leaves_first(children: Mapping[str | None, Sequence[str]]) -> Iterator[str]:
    """Every model behind all of its descendants, siblings in the recipe's order."""
    waiting = [(root, False) for root in reversed(children.get(None, ()))]
    while waiting:
        name, seen = waiting.pop()
        if seen or name not in children:
            yield name
            continue
        waiting.append((name, True))
        waiting += [(child, False) for child in reversed(children[name])]


def _place(column: int, row: float) -> tuple[float, float]:
    return _EDGE + column * (BOX[0] + _GAP[0]), _HEADING + row * (BOX[1] + _GAP[1])


def _arrow(parent: tuple[float, float], child: tuple[float, float]) -> Arrow:
    """A bend within the gap behind the parent, then straight along the child's row."""
    x, y = parent[0] + BOX[0], parent[1] + BOX[1] / 2
    bend, tip, level = x + _GAP[0] - 10, child[0], child[1] + BOX[1] / 2
    middle = (x + bend) / 2
    path = f"M{x:g} {y:g}C{middle:g} {y:g} {middle:g} {level:g} {bend:g} {level:g}H{tip - 5:g}"
    return Arrow(path, tip, level)


def _box(recipe: Recipe, model: Model, x: float, y: float) -> Box:
    settings = model.settings
    threshold = settings.oversampling_threshold
    start = _NO_PARENT.get(settings.pre_weight, "")
    more = start if threshold is None else f"oversampling {threshold:.2f}"
    size = f"{settings.image_size} px, batch {settings.batch_size}, {settings.epochs} epochs"
    lines = (size, more)
    member_of = {one.name for one in recipe.ensembles if model.name in one.members}
    ensembles = ", ".join(without_seed(recipe, name) for name in sorted(member_of))
    return Box(x, y, model.base, _cut(model.base), lines, model.optional, _cut(ensembles))


def _cut(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}\N{HORIZONTAL ELLIPSIS}"
