"""What a shell offers after Tab: targets, recipes. Quick, and silent where something is wrong.

Recipes are read as plain TOML and the database with `sqlite3`: to check the one or to import what
reads the other properly takes longer than a person waits. Nothing here may print.
"""

import functools
import re
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typer

from db.names import JobName, imported_names, job_names, saved_ensembles
from jobs.paths import WorkspacePaths, find_root
from jobs.queue.verbs import CHANGED_BY

Items = list[tuple[str, str]]  # (what is offered, help)
Complete = Callable[[typer.Context, str], Items]

# A shell may evaluate what it is offered, and a recipe may come from anywhere.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9./_~+-]+")
_FEW: Final = 50  # jobs, up to which ids are offered before a digit is typed


def _quiet(complete: Callable[[typer.Context, str], Iterator[tuple[str, str]]]) -> Complete:
    """Offer no more where a file is missing or is not what it should be."""

    @functools.wraps(complete)
    def offer(context: typer.Context, incomplete: str) -> Items:
        found: dict[str, str] = {}
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, sqlite3.Error):
            for name, told in complete(context, incomplete):
                if name.startswith(incomplete) and _HARMLESS.fullmatch(name):
                    found.setdefault(name, told)
        return list(found.items())

    return offer


@_quiet
def recipe_targets(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Targets of `queue add`: what the current recipe names."""
    recipe = _current_recipe(_paths(context))
    yield "all", "all models that are not optional"
    yield from ((one["name"], "stage") for one in recipe["stages"])
    for one in recipe["models"]:
        yield one["name"], f"model of {one['stage']}"
    yield from ((one["name"], "ensemble") for one in recipe.get("ensembles", ()))
    if recipe.get("seeds"):
        yield from _members_of(recipe)


@_quiet
def job_targets(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Targets of the verbs: the jobs that the verb would change, and what means several."""
    paths = _paths(context)
    states = CHANGED_BY.get(context.info_name or "")
    jobs = [job for job in job_names(paths.database) if states is None or job.state in states]
    if not jobs:
        return
    yield "all", f"{len(jobs):,} jobs"
    yield from ((job.stage, "stage") for job in jobs)
    yield from _models(jobs)
    if "." in incomplete:
        yield from ((f"{job.model}.{job.kind}", job.state) for job in jobs)
    if incomplete.isdecimal() or len(jobs) <= _FEW:
        yield from ((str(job.id), f"{job.model} {job.kind}, {job.state}") for job in jobs)
    recipe = _current_recipe(paths)
    yield from ((one["name"], "ensemble") for one in recipe.get("ensembles", ()))
    yield from ((name, "ensemble") for name in saved_ensembles(paths.database, recipe["name"]))


@_quiet
def members(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Models, imports and ensembles of the current recipe, to be scored."""
    paths = _paths(context)
    recipe = _current_recipe(paths)
    yield from _members_of(recipe)
    yield from ((name, "imported") for name in imported_names(paths.database, recipe["name"]))
    yield from ((name, "ensemble") for name in saved_ensembles(paths.database, recipe["name"]))


@_quiet
def imports(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """What was imported before, to be imported again."""
    paths = _paths(context)
    names = imported_names(paths.database, _current_recipe(paths)["name"])
    yield from ((name, "imported") for name in names)


@_quiet
def models(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Models of the current recipe."""
    for one in _current_recipe(_paths(context))["models"]:
        yield one["name"], f"model of {one['stage']}"


@_quiet
def recipes(context: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Shipped recipes, TOML files, and the folders on the way to them."""
    for entry in (files("jobs.recipe") / "shipped").iterdir():
        yield entry.name.removesuffix(".toml"), "shipped recipe"
    folder = incomplete.rpartition("/")[0] + "/" if "/" in incomplete else ""
    for path in sorted(Path(folder or ".").expanduser().iterdir()):
        if path.is_dir():
            yield f"{folder}{path.name}/", "folder"
        elif path.suffix == ".toml":
            yield f"{folder}{path.name}", "file"


def _members_of(recipe: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Models and ensembles of a recipe; where it has seeds, as they are called with each."""
    told = [(one["name"], f"model of {one['stage']}") for one in recipe["models"]]
    told += [(one["name"], "ensemble") for one in recipe.get("ensembles", ())]
    seeds = recipe.get("seeds")
    for name, what in told:
        yield from ((f"{name}-s{seed}", what) for seed in seeds) if seeds else ((name, what),)


def _models(jobs: list[JobName]) -> Iterator[tuple[str, str]]:
    states: dict[str, list[str]] = {}
    for job in jobs:
        states.setdefault(job.model, []).append(f"{job.kind} {job.state}")
    yield from ((model, ", ".join(told)) for model, told in states.items())


def _paths(context: typer.Context) -> WorkspacePaths:
    given = context.params.get("workspace") or context.find_root().params.get("workspace")
    return WorkspacePaths(find_root(None if given is None else Path(given)))


def _current_recipe(paths: WorkspacePaths) -> dict[str, Any]:
    """The recipe that the workspace names, as TOML, unchecked."""
    name = tomllib.loads(paths.settings.read_text())["recipe"]
    shipped = files("jobs.recipe") / "shipped" / f"{name}.toml"
    text = shipped.read_text("utf-8") if shipped.is_file() else Path(name).read_text("utf-8-sig")
    return tomllib.loads(text)
