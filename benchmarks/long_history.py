"""Jobs and points of long ago, made by SQLite itself: millions of rows in seconds, no files."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

STEPS: Final = 100_000  # of each attempt
_SERIES: Final = ("loss", "lr", "images_per_second")
_JOBS: Final = """
INSERT INTO job (key, kind, recipe, stage, model, folder, needs, priority,
    state, reason, queued, spec)
WITH RECURSIVE old(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM old WHERE number < :count)
SELECT 'old-' || number, kind, 'older', stage, 'old' || number, folder || number, '[]', 0,
    CASE number % 4 WHEN 0 THEN 'queued' WHEN 1 THEN 'failed' ELSE 'succeeded' END, '', queued, spec
FROM old, (SELECT * FROM job WHERE kind = 'train' LIMIT 1)
"""
_ATTEMPTS: Final = """
INSERT INTO attempt (uid, job_id, number, state, journal, slot, host, boot, gpu, started, ended,
    exit_code, reason, "offset", seq, step, steps, checkpoint)
SELECT 'old-' || id, id, 1, 'succeeded', 0, 'cpu0', 'here', 'boot', '', 1e9, 1e9 + 36000,
    0, '', 0, 0, :steps, :steps, :steps
FROM job WHERE state = 'succeeded' AND id NOT IN (SELECT job_id FROM attempt)
ORDER BY id LIMIT :count
RETURNING id
"""
_POINTS: Final = """
INSERT INTO point (attempt_id, split, name, step, epoch, time, value)
WITH RECURSIVE step(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM step WHERE step < :steps)
SELECT :attempt, 'train', :name, step, step * 30.0 / :steps, 1e9 + step * 0.36,
    0.2 + 0.4 / (1 + step * 10.0 / :steps)
FROM step
"""


def add_jobs(database: Path, jobs: int) -> None:
    """Add jobs of another recipe, so that there are as many as `jobs`."""
    with closing(sqlite3.connect(database)) as connection, connection:
        (before,) = connection.execute("SELECT count(*) FROM job").fetchone()
        connection.execute(_JOBS, {"count": jobs - before})


def add_history(database: Path, points: int) -> int:
    """Give jobs that have succeeded an attempt each with its curves; answers how many points.

    At least `points` are there afterwards, with those that were there before.
    """
    with closing(sqlite3.connect(database)) as connection:
        (before,) = connection.execute("SELECT count(*) FROM point").fetchone()
        missing = max(0, points - before)
        count = -(-missing // (STEPS * len(_SERIES)))
        connection.execute("PRAGMA synchronous = OFF")
        found = connection.execute(_ATTEMPTS, {"count": count, "steps": STEPS}).fetchall()
        for (attempt,) in found:
            for name in sorted(_SERIES):
                values = {"attempt": attempt, "name": name, "steps": STEPS}
                connection.execute(_POINTS, values)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(before) + len(found) * len(_SERIES) * STEPS
