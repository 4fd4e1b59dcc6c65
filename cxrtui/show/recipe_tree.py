"""A recipe as a tree: each root model with all that starts from it."""

from rich.text import Text
from rich.tree import Tree

from cxrtui.show.plain import plain
from jobs.recipe.graph import children
from jobs.recipe.schema import Column, Ensemble, Model, Recipe


def recipe_tree(recipe: Recipe) -> Tree:
    """Lineages from their roots on, then ensembles and result columns."""
    tree = Tree(Text.assemble((plain(recipe.name), "bold"), f"  {plain(recipe.title)}"))
    for root in children(recipe, None):
        _grow(tree, recipe, root)
    if recipe.ensembles:
        branch = tree.add(Text("ensembles", "bold"))
        for ensemble in recipe.ensembles:
            branch.add(_ensemble(ensemble))
    if recipe.columns:
        branch = tree.add(Text("columns of the result table", "bold"))
        for column in recipe.columns:
            branch.add(_column(column))
    return tree


def _grow(tree: Tree, recipe: Recipe, model: Model) -> None:
    branch = tree.add(_model(model))
    for child in children(recipe, model.name):
        _grow(branch, recipe, child)


def _model(model: Model) -> Text:
    settings = model.settings
    facts = [
        f"{settings.image_size} px",
        f"batch {settings.batch_size}",
        f"lr {settings.max_lr:g}",
    ]
    if settings.oversampling_threshold is not None:
        facts.append(f"os {settings.oversampling_threshold:g}")
    facts.append(f"{settings.epochs} epochs")
    if model.parent is None:
        facts.append("ImageNet" if settings.pre_weight == "imagenet" else "from scratch")
    line = Text.assemble(
        (plain(model.name), "bold"), " ", (plain(model.stage), "cyan"), "  ", ", ".join(facts)
    )
    if model.optional:
        line.append("  optional", style="dim italic")
    return line


def _ensemble(ensemble: Ensemble) -> Text:
    weights = ensemble.weights or (None,) * len(ensemble.members)
    members = " + ".join(
        plain(member) if weight is None else f"{weight:g} {plain(member)}"
        for member, weight in zip(ensemble.members, weights, strict=True)
    )
    rule = "" if ensemble.view_rule == "none" else f", {ensemble.view_rule}"
    return Text.assemble((plain(ensemble.name), "bold"), f"  {members}{rule}")


def _column(column: Column) -> Text:
    rule = "" if column.view_rule == "none" else f", {column.view_rule}"
    source = plain(column.model or f"ensemble {column.ensemble}")
    return Text.assemble((plain(column.title), "bold"), f"  {source}{rule}")
