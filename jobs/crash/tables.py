"""Reads what a crash test has left: rows of tables, and events of attempts.

The reading is its own: it shares no query and no parser with what is being tested.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jobs.crash.chain import EPOCH_STEPS, PREDICT_STEPS, states

Row = dict[str, Any]


@dataclass(frozen=True)
class Round:
    """Jobs of one recipe, their attempts, and what these told."""

    root: Path
    recipe: str
    models: list[str]

    def query(self, statement: str, *values: object) -> list[Row]:
        """Rows of the live database."""
        with closing(sqlite3.connect(self.root / "cxrtui.sqlite3")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, values)]

    @cached_property
    def jobs(self) -> list[Row]:
        """Rows of `job`."""
        return self.query("SELECT * FROM job WHERE recipe = ? ORDER BY id", self.recipe)

    @cached_property
    def attempts(self) -> dict[int, list[Row]]:
        """Rows of `attempt` by job, in the order of their numbers."""
        statement = "SELECT * FROM attempt WHERE job_id = ? ORDER BY number"
        return {job["id"]: self.query(statement, job["id"]) for job in self.jobs}

    @cached_property
    def events(self) -> dict[int, list[Row]]:
        """The events in whole lines by attempt."""
        return {
            row["id"]: list(_events(self.folder(job, row) / "events.jsonl"))
            for job in self.jobs
            for row in self.attempts[job["id"]]
        }

    @cached_property
    def results(self) -> dict[str, list[str]]:
        """By key: the states that an unbroken run of a train or predict job goes through."""
        found: dict[str, list[str]] = {}
        by_key = {job["key"]: job for job in self.jobs}
        for job in self.jobs:
            _run_unbroken(job, by_key, found)
        return found

    def folder(self, job: Row, attempt: Row) -> Path:
        """An attempt's folder."""
        return self.root / str(job["folder"]) / f"attempt-{attempt['number']}"


def content(database: Path) -> dict[str, list[str]]:
    """Every row of every table, in an order of their own; attempts by what names them for good.

    Their ids say in which order they became known, which a crash may change.
    """
    with closing(sqlite3.connect(database)) as connection:
        uids = dict(connection.execute("SELECT id, uid FROM attempt"))
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name: sorted(_rows(connection, name, uids)) for (name,) in names.fetchall()}


def _rows(connection: sqlite3.Connection, table: str, uids: dict[int, str]) -> Iterator[str]:
    cursor = connection.execute(f"SELECT * FROM {table}")
    columns = [column[0] for column in cursor.description]
    own = "id" if table == "attempt" else "attempt_id"
    place = columns.index(own) if own in columns else None
    for row in cursor:
        values = list(row)
        if place is not None:
            values[place] = uids[values[place]]
        yield repr(values)


def _events(path: Path) -> Iterator[Row]:
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    for line in lines:
        yield json.loads(line)


def _run_unbroken(job: Row, by_key: dict[str, Row], found: dict[str, list[str]]) -> list[str]:
    """The states of a job, and before them those of the jobs whose weights it starts from."""
    if job["key"] not in found and job["kind"] != "pack":
        spec = json.loads(job["spec"])
        needed = [by_key[key] for key in json.loads(job["needs"])]
        parents = [
            _run_unbroken(one, by_key, found)[-1] for one in needed if one["kind"] == "train"
        ]
        steps = PREDICT_STEPS
        if job["kind"] == "train":
            steps = int(spec["settings"]["epochs"]) * EPOCH_STEPS
        found[job["key"]] = [*states(job["key"], parents[0] if parents else "", steps)]
    return found.get(job["key"], [])
