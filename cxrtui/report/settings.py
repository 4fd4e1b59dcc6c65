"""Settings of the models: what differs between them, and what is the same in all."""

from typing import Any

from cxrtui.report.sheets import Sheet, plain_row
from jobs.recipe.schema import Model, Recipe


def settings_sheets(recipe: Recipe) -> tuple[Sheet, ...]:
    """A row a model with what differs, then a row a setting that all models share."""
    settings = {model.base: _told_settings(recipe, model) for model in recipe.models}
    names = list(next(iter(settings.values()), {}))
    values = {name: {told[name] for told in settings.values()} for name in names}
    differ = [name for name in names if len(values[name]) > 1]
    rows = [plain_row(model, [told[name] for name in differ]) for model, told in settings.items()]
    same = [plain_row(name, values[name]) for name in names if name not in differ]
    sheets = (
        Sheet("What differs between the models", ("Model", *map(_words, differ)), tuple(rows)),
        Sheet("What all models share", ("Setting", "Value"), tuple(same)),
    )
    return tuple(sheet for sheet in sheets if len(sheet.heads) > 1 and sheet.rows)


def _told_settings(recipe: Recipe, model: Model) -> dict[str, str]:
    """As texts; of repeats what they share, and all of their seeds."""
    bases = {one.name: one.base for one in recipe.models}
    told = _flat(model.settings.model_dump())
    told["pre_weight"] = bases.get(told["pre_weight"], told["pre_weight"])
    if recipe.seeds:
        told["seed"] = ", ".join(map(str, recipe.seeds))
    return told


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = _told(value)
    return found


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else "-" if value is None else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")
