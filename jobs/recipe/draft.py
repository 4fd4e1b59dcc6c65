"""A recipe as it is written: each table checked alone, not yet against the others."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from jobs.recipe.positions import TomlPath
from jobs.recipe.problem import in_words
from jobs.recipe.report import Report, Table
from jobs.recipe.schema import (
    Column,
    Comparison,
    DataSettings,
    Ensemble,
    Figure,
    Model,
    ModelSettings,
    Name,
    RunSettings,
    Settings,
    Stage,
)

Section = Literal["stages", "models", "ensembles", "columns", "comparisons"]
SettingsT = TypeVar("SettingsT", bound=Settings)


class Document(Settings):
    """The top of a recipe's file."""

    name: Name
    title: str = ""
    published: Literal["cxr-lt-2023"] | None = None
    labels: tuple[str, ...] | None = Field(None, min_length=1)  # without it the format's own
    data: DataSettings = DataSettings()
    run: RunSettings = RunSettings()
    seeds: tuple[Annotated[int, Field(ge=0, lt=2**32)], ...] | None = Field(None, min_length=1)
    figure: Figure | None = None
    defaults: Table = Field(default_factory=dict)
    stages: list[Table] = Field(min_length=1)
    models: list[Table] = Field(min_length=1)
    ensembles: list[Table] = Field(default_factory=list)
    columns: list[Table] = Field(default_factory=list)
    comparisons: list[Table] = Field(default_factory=list)


class ModelEntry(ModelSettings):
    """One `[[models]]` of a file: the settings stand flat beside name and stage."""

    name: Name
    stage: Name
    optional: bool = False

    def resolved(self) -> Model:
        """The same as a model with its settings apart."""
        settings = {name: getattr(self, name) for name in ModelSettings.model_fields}
        return Model(
            name=self.name,
            base=self.name,
            stage=self.stage,
            optional=self.optional,
            settings=ModelSettings(**settings),
        )


@dataclass(frozen=True)
class Draft:
    """A file's tables by their number in it; those that are wrong alone are left out."""

    raw: Table
    document: Document | None
    stages: dict[int, Stage]
    models: dict[int, ModelEntry]
    ensembles: dict[int, Ensemble]
    columns: dict[int, Column]
    comparisons: dict[int, Comparison]

    def entries(self, section: Section) -> Iterator[tuple[int, Table]]:
        """The tables of a section as written, also the wrong ones; a model's with defaults."""
        for index, entry in _entries(self.raw, section):
            yield index, _with_defaults(self.raw, entry) if section == "models" else entry

    def written(self, section: Section) -> Iterator[tuple[int, Table]]:
        """The tables of a section as written, without any defaults."""
        return _entries(self.raw, section)

    def names(self, section: Section) -> dict[str, int]:
        """Name -> number of the first entry that has it, also of wrong entries."""
        names: dict[str, int] = {}
        for index, entry in _entries(self.raw, section):
            if isinstance(name := entry.get("name"), str):
                names.setdefault(name, index)
        return names


def read_draft(raw: Table, report: Report) -> Draft:
    """Check the tables of a parsed file, each alone; what is wrong goes to `report`."""
    _read(ModelSettings, _table(raw, "defaults"), ("defaults",), report, _is_not_missing)
    return Draft(
        raw=raw,
        document=_read(Document, raw, (), report),
        stages=_read_section(Stage, raw, "stages", report),
        models=_read_models(raw, report),
        ensembles=_read_section(Ensemble, raw, "ensembles", report),
        columns=_read_section(Column, raw, "columns", report),
        comparisons=_read_section(Comparison, raw, "comparisons", report),
    )


def _read(
    schema: type[SettingsT],
    table: Table,
    path: TomlPath,
    report: Report,
    belongs_here: Callable[[ErrorDetails], bool] = lambda error: True,
) -> SettingsT | None:
    """The table as `schema`, or None; reports the errors that belong to `path`."""
    try:
        # through JSON, where pydantic's strict mode takes lists as tuples but no text as a number
        return schema.model_validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            if belongs_here(error):
                report.add((*path, *error["loc"]), in_words(error, schema))
        return None


def _read_section(
    schema: type[SettingsT], raw: Table, section: Section, report: Report
) -> dict[int, SettingsT]:
    read = {
        index: _read(schema, entry, (section, index), report)
        for index, entry in _entries(raw, section)
    }
    return {index: value for index, value in read.items() if value is not None}


def _read_models(raw: Table, report: Report) -> dict[int, ModelEntry]:
    models = {}
    for index, entry in _entries(raw, "models"):

        def is_own(error: ErrorDetails, entry: Table = entry) -> bool:
            return error["type"] == "missing" or _has(entry, error["loc"])

        merged = _with_defaults(raw, entry)
        model = _read(ModelEntry, merged, ("models", index), report, is_own)
        if model is not None:
            models[index] = model
    return models


def _with_defaults(raw: Table, entry: Table) -> Table:
    """A model's fields over its stage's epochs over [defaults]; parents give it nothing."""
    defaults = _table(raw, "defaults")
    stage = next(
        (stage for _, stage in _entries(raw, "stages") if stage.get("name") == entry.get("stage")),
        {},
    )
    epochs = {"epochs": stage["epochs"]} if "epochs" in stage else {}
    merged = {**defaults, **epochs, **entry}
    augmentation = entry.get("augmentation", {})
    if isinstance(augmentation, dict) and "augmentation" in merged:
        merged["augmentation"] = {**_table(defaults, "augmentation"), **augmentation}
    return merged


def _entries(raw: Table, section: Section) -> Iterator[tuple[int, Table]]:
    entries = raw.get(section)
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield index, entry


def _table(raw: Table, name: str) -> Table:
    table = raw.get(name)
    return table if isinstance(table, dict) else {}


def _has(entry: Table, location: tuple[int | str, ...]) -> bool:
    value: Any = entry
    for part in location:
        if not isinstance(value, dict):
            return True  # an element of a list that the entry has
        if part not in value:
            return False
        value = value[part]
    return True


def _is_not_missing(error: ErrorDetails) -> bool:
    return error["type"] != "missing"
