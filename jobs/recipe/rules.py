"""What must hold between the tables of a recipe: names, lineages, members, columns."""

from collections.abc import Iterable
from typing import Final

from jobs.data.labels import labels_of
from jobs.recipe.draft import Draft, Section
from jobs.recipe.lineages import check_lineages
from jobs.recipe.positions import TomlPath
from jobs.recipe.problem import nearest
from jobs.recipe.report import Report, Table, entry_name
from jobs.recipe.schema import Ensemble
from jobs.recipe.seeds import with_seed

RESERVED: Final = ("all", "imagenet", "none")
SMALLEST_BATCH: Final = 2  # batch norm has no variance of one image
# Settings of [data] that mean something for one format only.
OF_FORMAT: Final = {
    "task": "cxr-lt-2024",
    "uncertain": "chexpert",
    "csv": "csv",
    "phantom": "cxr-lt-2023",
}
TARGETS: Final[tuple[Section, ...]] = ("stages", "models", "ensembles")


def check_rules(draft: Draft, report: Report) -> None:
    """Check the tables of a file against each other; what is wrong goes to `report`."""
    _data(draft, report)
    _labels(draft, report)
    _targets(draft, report)
    _titles(draft, report)
    check_lineages(draft, report)
    _micro_batch(draft, report)
    for index, entry in draft.entries("ensembles"):
        _members(draft, report, index, entry)
        if index in draft.ensembles:
            _weights(report, index, draft.ensembles[index], entry)
    for index, entry in draft.entries("columns"):
        _column(draft, report, index, entry)
    _seeds(draft, report)
    _comparisons(draft, report)
    _figure(draft, report)


def _data(draft: Draft, report: Report) -> None:
    if draft.document is None:
        return
    data, raw = draft.document.data, draft.raw.get("data")
    written = raw if isinstance(raw, dict) else {}
    for field, own in OF_FORMAT.items():
        if field in written and data.format != own:
            report.add(("data", field), f"means nothing with format '{data.format}'")
    if data.format == "csv" and data.csv is None:
        report.add(("data", "format"), "'csv' needs a table [data.csv] that names its columns")
    if draft.document.labels is None and labels_of(data) is None:
        report.add(("labels",), f"missing; format '{data.format}' has no labels of its own")


def _labels(draft: Draft, report: Report) -> None:
    listed = draft.raw.get("labels")
    labels: list[tuple[TomlPath, str]] = [
        (("labels", index), label)
        for index, label in enumerate(listed if isinstance(listed, list) else [])
        if isinstance(label, str)
    ]
    for path, label in labels:
        if not label.strip():
            report.add(path, "a label needs a name")
    _distinct(report, "label", labels)


def _targets(draft: Draft, report: Report) -> None:
    """A stage, a model and an ensemble can each be a target of the queue: they share names."""
    names = [
        ((section, index, "name"), name)
        for section in TARGETS
        for index, entry in draft.entries(section)
        if (name := entry_name(entry))
    ]
    for path, name in names:
        if name.lower() in RESERVED:
            report.add(path, f"'{name}' is a reserved word; choose another name")
    _distinct(report, "name", names)


def _titles(draft: Draft, report: Report) -> None:
    titles = ((("columns", index, "title"), at.title) for index, at in draft.columns.items())
    _distinct(report, "title", titles)


def _distinct(report: Report, what: str, names: Iterable[tuple[TomlPath, str]]) -> None:
    """Upper and lower case are one: file systems may not tell folders of models apart by it."""
    seen: dict[str, tuple[TomlPath, str]] = {}
    for path, name in names:
        first, other = seen.setdefault(name.lower(), (path, name))
        if first != path:
            line = report.line(first)
            report.add(path, f"the {what} '{other}' is taken already on line {line}")


def _micro_batch(draft: Draft, report: Report) -> None:
    run = draft.raw.get("run")
    micro = run.get("micro_batch") if isinstance(run, dict) else None
    if not isinstance(micro, int) or micro < 1:
        return
    path = ("run", "micro_batch")
    if micro < SMALLEST_BATCH:
        message = f"found {micro}; allowed: at least {SMALLEST_BATCH}, for batch norm"
        report.add(path, message)
        return
    odd = [
        f"{model.name} ({model.batch_size})"
        for model in draft.models.values()
        if model.batch_size > micro and model.batch_size % micro
    ]
    if odd:
        report.add(path, f"{micro} does not divide the batch_size of {', '.join(odd)}")


def _members(draft: Draft, report: Report, index: int, entry: Table) -> None:
    listed = entry.get("members")
    members = listed if isinstance(listed, list) else []
    for number, member in enumerate(members):
        if not isinstance(member, str):
            continue
        path: TomlPath = ("ensembles", index, "members", number)
        if member in members[:number]:
            report.add(path, f"'{member}' is listed twice; give it a weight instead")
        else:
            _reference(draft, report, path, "models", member)


def _weights(report: Report, index: int, ensemble: Ensemble, entry: Table) -> None:
    path: TomlPath = ("ensembles", index, "weights")
    if ensemble.weights is not None:
        weights, members = len(ensemble.weights), len(ensemble.members)
        if weights != members:
            report.add(path, f"found {weights} weights for {members} members; allowed: one each")
        for number, weight in enumerate(ensemble.weights):
            if weight <= 0:
                report.add((*path, number), f"found {weight:g}; allowed: more than 0")
    if "frontal_weight" in entry and ensemble.view_rule != "study-mean":
        path = ("ensembles", index, "frontal_weight")
        report.add(path, f"means nothing with view_rule '{ensemble.view_rule}'")


def _column(draft: Draft, report: Report, index: int, entry: Table) -> None:
    path = ("columns", index)
    if ("model" in entry) == ("ensemble" in entry):
        state = "both" if "model" in entry else "neither"
        report.add(path, f"found {state} of model and ensemble; allowed: one of them")
    if "ensemble" in entry and "view_rule" in entry:
        report.add((*path, "view_rule"), "an ensemble has its own view_rule; leave this one out")
    references: tuple[tuple[str, Section], ...] = (("model", "models"), ("ensemble", "ensembles"))
    for field, section in references:
        name = entry.get(field)
        if isinstance(name, str):
            _reference(draft, report, (*path, field), section, name)


def _seeds(draft: Draft, report: Report) -> None:
    """Seeds of the recipe take the place of the models' own, and their names must stay free."""
    seeds = draft.document.seeds if draft.document is not None else None
    if seeds is None:
        return
    for number, seed in enumerate(seeds):
        if seed in seeds[:number]:
            report.add(("seeds", number), f"{seed} is listed twice")
    tables: list[tuple[TomlPath, object]] = [(("defaults",), draft.raw.get("defaults"))]
    tables += [(("models", index), entry) for index, entry in draft.written("models")]
    for path, table in tables:
        if isinstance(table, dict) and "seed" in table:
            report.add((*path, "seed"), "the recipe's seeds say which; leave this one out")
    names = {name: section for section in TARGETS for name in draft.names(section)}
    for name, section in names.items():
        for taken in (with_seed(name, seed) for seed in seeds):
            if section != "stages" and taken in names:
                path = (names[taken], draft.names(names[taken])[taken], "name")
                report.add(path, f"'{taken}' is what '{name}' is called with that seed")


def _comparisons(draft: Draft, report: Report) -> None:
    for index, comparison in draft.comparisons.items():
        path: TomlPath = ("comparisons", index)
        names = [*draft.names("models"), *draft.names("ensembles")]
        for field, name in (("choice", comparison.choice), ("control", comparison.control)):
            if name not in names:
                hint = nearest(name, names)
                report.add((*path, field), f"unknown model or ensemble '{name}'{hint}")
        if comparison.choice == comparison.control:
            report.add((*path, "control"), "is the choice itself")


def _figure(draft: Draft, report: Report) -> None:
    figure = draft.document.figure if draft.document is not None else None
    models = draft.names("models")
    for number, name in enumerate(figure.lineages if figure is not None else ()):
        if name not in models:
            message = f"unknown model '{name}'{nearest(name, models)}"
            report.add(("figure", "lineages", number), message)


def _reference(draft: Draft, report: Report, path: TomlPath, section: Section, name: str) -> None:
    """`name` must be in `section`, and not optional: the results need what `all` trains."""
    numbers = draft.names(section)
    kind = section[:-1]
    if name not in numbers:
        report.add(path, f"unknown {kind} '{name}'{nearest(name, numbers)}")
    elif dict(draft.entries(section))[numbers[name]].get("optional") is True:
        report.add(path, f"the {kind} '{name}' is optional; results are of models always trained")
