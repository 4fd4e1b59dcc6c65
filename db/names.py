"""The names that a shell completes, read with `sqlite3` alone: SQLAlchemy takes long to import."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from db.read_only import read_only_address

PATIENCE = 0.2  # seconds for a database that somebody locks


class JobName(NamedTuple):
    """A job as far as a shell cares."""

    id: int
    model: str
    kind: str
    stage: str
    state: str


def job_names(database: Path) -> list[JobName]:
    """Every job of a database that is there; sqlite3.Error if it cannot be read."""
    return [
        JobName(*row) for row in _rows(database, "SELECT id, model, kind, stage, state FROM job")
    ]


def saved_ensembles(database: Path, recipe: str) -> list[str]:
    """The names of the ensembles that were saved of a recipe; sqlite3.Error."""
    statement = (
        "SELECT ensemble.name FROM ensemble JOIN recipe ON recipe.id = ensemble.recipe_id "
        "WHERE recipe.name = ?"
    )
    return [name for (name,) in _rows(database, statement, (recipe,))]


def imported_names(database: Path, recipe: str) -> list[str]:
    """The names of the predictions that were imported for a recipe; sqlite3.Error."""
    statement = (
        "SELECT DISTINCT imported_set.name FROM imported_set "
        "JOIN recipe ON recipe.id = imported_set.recipe_id WHERE recipe.name = ?"
    )
    return [name for (name,) in _rows(database, statement, (recipe,))]


def _rows(database: Path, statement: str, values: Sequence[object] = ()) -> list[Any]:
    address = read_only_address(database)
    with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as connection:
        return connection.execute(statement, values).fetchall()
