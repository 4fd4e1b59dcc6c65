"""A queue that nobody works on, and `cxrtui queue` on it in the test's own process."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cxrtui.main import app
from db.attempts import add_attempt, update_attempt
from db.jobs import jobs, set_state
from db.records import AttemptStart, Job
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace


class IdleQueue:
    """Called with arguments it runs `cxrtui queue`; what a person did wrong is raised."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.paths = workspace.paths
        self.database = workspace.database

    def __call__(self, *arguments: str) -> Result:
        line = ["-w", str(self.paths.root), "queue", *arguments]
        return CliRunner().invoke(app, line, catch_exceptions=False)

    def jobs(self) -> dict[str, Job]:
        """The jobs by name."""
        with self.database.read() as connection:
            return {job.name: job for job in jobs(connection)}

    def states(self) -> dict[str, str]:
        """What `queue list` says of the states."""
        listed = json.loads(self("list", "--json").stdout)
        return {f"{job['model']} {job['kind']}": job["state"] for job in listed}

    def try_job(self, name: str, state: str, **values: Any) -> Path:
        """Record an attempt, and give its job that state; the attempt's folder, not made."""
        job = self.jobs()[name]
        number = values.pop("number", 1)
        start = AttemptStart(
            uid=f"{name} {number}", number=number, journal=self.paths.journal.stat().st_size,
            slot="gpu:GPU-7", host="hal", boot="b007", gpu="NVIDIA A100", gpu_bytes=40 << 30,
            started=time.time() - 60, micro_batch=16,
        )  # fmt: skip
        ended = None if state == "running" else time.time()
        with self.database.write() as connection:
            attempt = add_attempt(connection, job.id, start)
            update_attempt(connection, attempt, **{"state": state, "ended": ended, **values})
            set_state(connection, job.id, state if state != "interrupted" else "queued", "")
        return self.paths.job(job.folder) / f"attempt-{number}"


def make_idle_queue(
    root: Path, recipe: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> IdleQueue:
    """A workspace whose supervisor no command of this process starts."""
    monkeypatch.setattr("jobs.queue.ensure.ensure_supervisor", lambda paths: None)
    monkeypatch.setattr("cxrtui.joblog.ensure_supervisor", lambda paths: None)
    return IdleQueue(make_workspace(root, WorkspaceSettings(str(recipe), data=str(data))))
