"""Whether a database file is sound, and whether two of them say the same."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Column, Table

from db.read_only import read_only_address
from db.schema import SCHEMA_VERSION, metadata

# How a row that others refer to is called where ids do not matter.
_NAMES: Final = {"recipe": "name", "job": "key", "attempt": "uid", "ensemble": "name"}
# What the supervisor says of a job that waits is true of one moment only.
_WAITING: Final = "job.state IN ('queued', 'blocked')"
_SAID: Final = {
    ("job", "state"): f"CASE WHEN {_WAITING} THEN 'queued' ELSE job.state END",
    ("job", "reason"): f"CASE WHEN {_WAITING} THEN '' ELSE job.reason END",
}
_OF_THE_MOMENT: Final = ("outbox",)


def integrity_faults(path: Path) -> list[str]:
    """What is wrong with a database file; nothing if it is sound."""
    if not path.exists():
        return ["there is none"]
    try:
        with closing(_connect(path)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    faults = [] if found == ["ok"] else found
    faults += [f"{row[0]}: row {row[1]} refers to no {row[2]}" for row in broken]
    if version != SCHEMA_VERSION:
        faults.append(f"its schema is {version}, this cxrtui needs {SCHEMA_VERSION}")
    return faults


def differing_rows(one: Path, other: Path, left_out: Collection[str]) -> dict[str, int]:
    """By table, how many rows only one of two databases has; ids aside.

    Jobs with a key in `left_out` do not count, nor what the supervisor says while a job waits.
    """
    found = {}
    with closing(_connect(one)) as connection:
        connection.execute("ATTACH ? AS other", [read_only_address(other)])
        connection.execute("CREATE TEMP TABLE left_out (key TEXT PRIMARY KEY)")
        connection.executemany("INSERT INTO left_out VALUES (?)", [(key,) for key in left_out])
        for table in metadata.sorted_tables:
            if table.name not in _OF_THE_MOMENT:
                mine, theirs = _rows(table, "main"), _rows(table, "other")
                query = f"""
                    SELECT (SELECT count(*) FROM ({mine} EXCEPT {theirs}))
                         + (SELECT count(*) FROM ({theirs} EXCEPT {mine}))
                """
                (found[table.name],) = connection.execute(query).fetchone()
    return {name: count for name, count in found.items() if count}


def _rows(table: Table, schema: str) -> str:
    """A query for the rows of a table, where the names of what they refer to stand for ids."""
    columns, joins = [], []
    for column in table.columns:
        parent = _parent(column)
        if parent is not None:
            columns.append(f"{parent}.{_NAMES[parent]}")
            joins.append(f"JOIN {schema}.{parent} ON {parent}.id = {table.name}.{column.name}")
        elif column.name != "id":
            columns.append(_SAID.get((table.name, column.name), f'{table.name}."{column.name}"'))
    parents = {_parent(column) for column in table.columns}
    if "attempt" in parents:
        joins.append(f"JOIN {schema}.job ON job.id = attempt.job_id")
    chosen = ""
    if parents & {"job", "attempt"} or table.name == "job":
        chosen = "WHERE job.key NOT IN (SELECT key FROM temp.left_out)"
    return f"SELECT {', '.join(columns)} FROM {schema}.{table.name} {' '.join(joins)} {chosen}"


def _parent(column: Column[object]) -> str | None:
    """The table that a column refers to."""
    return next((key.column.table.name for key in column.foreign_keys), None)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(read_only_address(path), uri=True)
