"""A job that makes no step any more: said, and ended where the recipe says so."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from conftest import FAKE_PROGRAM, Command
from test_queue import wait_for

HANG = {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM), "CXRTUI_FAKE": "hang"}


def start(cxrtui: Command, recipe: Path, data_folder: Path, hung: str) -> None:
    cxrtui("init", "--recipe", str(recipe), "--data", str(data_folder))
    cxrtui("data", "pack", **HANG)
    run = f'[run]\nhung = "{hung}"\nhung_minutes = 0.02'
    recipe.write_text(recipe.read_text().replace("[run]", run))
    cxrtui("queue", "add", "a", **HANG)


def train(cxrtui: Command) -> dict[str, Any]:
    jobs = json.loads(cxrtui("queue", "list", "--json").stdout)
    return next(job for job in jobs if job["kind"] == "train")


def test_a_silent_job_is_reported_and_goes_on(
    cxrtui: Command, recipe: Path, data_folder: Path
) -> None:
    start(cxrtui, recipe, data_folder, "report")
    wait_for(lambda: train(cxrtui)["reason"].startswith("hung?"))
    assert train(cxrtui)["state"] == "running"
    cxrtui("queue", "cancel", "a")
    wait_for(lambda: train(cxrtui)["state"] == "cancelled")
    assert [one["state"] for one in train(cxrtui)["attempts"]] == ["stopped"]


def test_a_silent_job_is_ended_where_the_recipe_says_so_and_fails_after_three_attempts(
    cxrtui: Command, recipe: Path, data_folder: Path, workspace: Path
) -> None:
    start(cxrtui, recipe, data_folder, "end")
    wait_for(lambda: train(cxrtui)["state"] == "failed")
    job = train(cxrtui)
    assert [one["state"] for one in job["attempts"]] == ["interrupted"] * 3
    assert "interrupted 3 times without progress: hung?" in job["reason"]
    cxrtui("supervisor", "stop")
    wait_for(lambda: json.loads(cxrtui("supervisor", "status", "--json").stdout) is None)
    before = attempts(workspace)
    cxrtui("workspace", "rebuild")
    assert attempts(workspace) == before


def attempts(workspace: Path) -> list[Any]:
    with closing(sqlite3.connect(workspace / "cxrtui.sqlite3")) as connection:
        return connection.execute("SELECT * FROM attempt ORDER BY id").fetchall()
