"""Workspaces in which the fake program has finished everything, made once and copied for a test."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import Result
from conftest import CHAIN, FAKE_PROGRAM, ONE_MODEL
from made_once import made_once
from typer.testing import CliRunner

from cxrtui.main import app
from jobs.locks import is_locked
from jobs.paths import WorkspacePaths
from jobs.queue.ensure import stop_supervisor

FAKE = {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


def command(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `cxrtui` on a workspace."""
    return subprocess.run(
        [sys.executable, "-m", "cxrtui", "--workspace", str(root), *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, **FAKE, **environment},
        check=False,
    )


def invoke(root: Path, *arguments: str) -> Result:
    """The same in this process, which saves the time to start one."""
    return CliRunner().invoke(app, ["--workspace", str(root), *arguments])


def run_all(root: Path, recipe: str, data: Path) -> None:
    """Run a recipe to its end; no supervisor is left."""
    path = root.with_suffix(".toml")
    path.write_text(recipe)
    done = command(root, "run-all", "--recipe", str(path), "--data", str(data))
    assert done.returncode == 0, done.stdout + done.stderr
    stop(root)


def stop(root: Path) -> None:
    """End the supervisor, and wait until it has."""
    paths = WorkspacePaths(root)
    stop_supervisor(paths)
    deadline = time.monotonic() + 30
    while is_locked(paths.supervisor_lock):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@cache
def make_finished(folder: Path, data: Path) -> Path:
    """All models of CHAIN; for all tests that name the same folder, it is made once."""
    return made_once(folder, "finished", lambda root: run_all(root, CHAIN, data))


def make_changed(folder: Path, finished: Path, data: Path) -> Path:
    """The same, and then all models with other settings."""

    def make(root: Path) -> None:
        shutil.copytree(finished, root)
        run_all(root, CHAIN.replace("epochs = 3", "epochs = 4"), data)

    return made_once(folder, "changed", make)


def make_real(folder: Path, data: Path) -> Path:
    """The model of ONE_MODEL, by the real programs; what was printed is in `stdout` and `stderr`
    beside the workspace.
    """

    def make(made: Path) -> None:
        made.mkdir()
        recipe = made / "one.toml"
        recipe.write_text(ONE_MODEL)
        root = made / "workspace"
        run = (sys.executable, "-m", "cxrtui", "--workspace", str(root), "run-all")
        with (made / "stdout").open("wb") as output, (made / "stderr").open("wb") as errors:
            line = [*run, "--recipe", str(recipe), "--data", str(data)]
            subprocess.run(line, stdout=output, stderr=errors, timeout=180, check=True)
        stop(root)

    return made_once(folder, "real", make) / "workspace"


def copy_of(root: Path, folder: Path) -> Path:
    """A workspace that a test may change."""
    return shutil.copytree(root, folder / "workspace", symlinks=True)


def folders(root: Path) -> set[str]:
    """The folders of jobs below `runs`."""
    return {str(path.relative_to(root)) for path in root.glob("runs/*/*/*")}


def result_table(root: Path) -> Any:
    """What `results` says."""
    return json.loads(invoke(root, "results", "--format", "json").stdout)


@contextmanager
def changed_rows(root: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes the database behind everybody's back."""
    with closing(sqlite3.connect(root / "cxrtui.sqlite3")) as connection, connection:
        yield connection
