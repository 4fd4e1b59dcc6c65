"""The queue as its database has it: to look by a `cxrtui queue list` costs half a second each."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from jobs.paths import WorkspacePaths

Jobs = dict[str, dict[str, Any]]


def queue_rows(root: Path) -> Jobs:
    """The jobs by "model kind", each with its `attempts`, of one instant; none before any."""
    database = WorkspacePaths(root).database
    if not database.exists():
        return {}
    address = f"file:{database}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        jobs = [dict(row) for row in connection.execute("SELECT * FROM job")]
        attempts = connection.execute("SELECT * FROM attempt ORDER BY number")
        tried = [dict(row) for row in attempts]
    return {
        f"{job['model']} {job['kind']}": {
            **job,
            "attempts": [one for one in tried if one["job_id"] == job["id"]],
        }
        for job in jobs
    }
