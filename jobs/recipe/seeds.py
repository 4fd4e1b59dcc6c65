"""Repeats: a recipe that names several seeds has every model and ensemble once for each."""

from collections.abc import Iterable

from jobs.recipe.schema import Ensemble, Model, Recipe


def with_seed(name: str, seed: int) -> str:
    """The name of the repeat of a model or an ensemble with one seed."""
    return f"{name}-s{seed}"


def without_seed(recipe: Recipe, name: str) -> str:
    """The name that a repeat has in the recipe's file."""
    for seed in recipe.seeds:
        if name.endswith(with_seed("", seed)):
            return name.removesuffix(with_seed("", seed))
    return name


def repeat_models(models: Iterable[Model], seeds: tuple[int, ...]) -> tuple[Model, ...]:
    """Each model once a seed, starting from its parent's repeat with that seed."""
    if not seeds:
        return tuple(models)
    return tuple(_model(model, seed) for model in models for seed in seeds)


def repeat_ensembles(ensembles: Iterable[Ensemble], seeds: tuple[int, ...]) -> tuple[Ensemble, ...]:
    """Each ensemble once a seed, of its members' repeats with that seed."""
    if not seeds:
        return tuple(ensembles)
    return tuple(_ensemble(ensemble, seed) for ensemble in ensembles for seed in seeds)


def repeats(recipe: Recipe, name: str) -> tuple[str, ...]:
    """What the name of a model or an ensemble in the recipe's file stands for: one name a seed.

    It stands for itself in a recipe without seeds, and if it is the name of a repeat.
    """
    known = {model.name for model in recipe.models}
    known |= {ensemble.name for ensemble in recipe.ensembles}
    return (name,) if name in known else tuple(with_seed(name, seed) for seed in recipe.seeds)


def _model(model: Model, seed: int) -> Model:
    changed: dict[str, object] = {"seed": seed}
    if model.parent is not None:
        changed["pre_weight"] = with_seed(model.parent, seed)
    settings = model.settings.model_copy(update=changed)
    return model.model_copy(update={"name": with_seed(model.name, seed), "settings": settings})


def _ensemble(ensemble: Ensemble, seed: int) -> Ensemble:
    members = tuple(with_seed(member, seed) for member in ensemble.members)
    return ensemble.model_copy(update={"name": with_seed(ensemble.name, seed), "members": members})
