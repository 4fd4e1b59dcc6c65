"""The rules of lineages: what a model may start from."""

from typing import Final

from jobs.recipe.draft import Draft
from jobs.recipe.problem import nearest
from jobs.recipe.report import Report, Table
from jobs.recipe.schema import ModelSettings

STARTS: Final = ("imagenet", "none")  # pre-weights that are no model


def check_lineages(draft: Draft, report: Report) -> None:
    """Check each model's stage and parent; what is wrong goes to `report`."""
    models = dict(draft.entries("models"))
    numbers = draft.names("models")
    stages = list(draft.names("stages"))
    cycles = _cycles({name: _parent(models[index]) for name, index in numbers.items()})
    for index, model in models.items():
        stage, parent = model.get("stage"), _parent(model)
        if isinstance(stage, str) and stage not in stages:
            message = f"unknown stage '{stage}'{nearest(stage, stages)}"
            report.add(("models", index, "stage"), message)
        path = ("models", index, "pre_weight")
        if parent in numbers:
            for message in _misfits(model, models[numbers[parent]]):
                report.add(path, message)
            if not any(parent in cycle for cycle in cycles):
                for message in _disorder(model, models[numbers[parent]], stages):
                    report.add(path, message)
        elif parent is not None:
            hint = nearest(parent, [*STARTS, *numbers])
            report.add(path, f"unknown model '{parent}'{hint}")
    for cycle in cycles:
        message = "cycle: " + " starts from ".join([*cycle, cycle[0]])
        report.add(("models", numbers[cycle[0]], "pre_weight"), message)


def _parent(model: Table) -> str | None:
    start = model.get("pre_weight", STARTS[0])
    return start if isinstance(start, str) and start not in STARTS else None


def _cycles(parents: dict[str, str | None]) -> list[list[str]]:
    """Every cycle once, from its first model in the recipe on."""
    cycles: list[list[str]] = []
    for name in parents:
        path: list[str] = []
        at: str | None = name
        while at in parents and at not in path:
            path.append(at)
            at = parents[at]
        if at == name and not any(name in cycle for cycle in cycles):
            cycles.append(path)
    return cycles


def _misfits(model: Table, parent: Table) -> list[str]:
    """Why the weights of `parent` do not fit `model`."""
    name, messages = parent["name"], []
    for field in ("architecture", "channels"):
        default = ModelSettings.model_fields[field].default
        own, theirs = model.get(field, default), parent.get(field, default)
        if own != theirs:
            messages.append(f"the parent {name} has {field} {theirs}, this model has {own}")
    if parent.get("optional") is True and model.get("optional") is not True:
        messages.append(f"the parent {name} is optional, so this model must be optional too")
    return messages


def _disorder(model: Table, parent: Table, stages: list[str]) -> list[str]:
    """Why `parent` is not trained before `model`: its stage must be an earlier one."""
    stage, before = model.get("stage"), parent.get("stage")
    if stage not in stages or before not in stages[stages.index(stage) :]:
        return []
    name = parent["name"]
    return [f"the parent {name} is of stage '{before}', which does not come before '{stage}'"]
