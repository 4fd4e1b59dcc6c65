"""A job that makes no step any more: said, and ended where the recipe says so."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from finished_workspace import FAKE, stop
from queue_rows import Jobs
from test_queue import wait_for

HANG = {**FAKE, "CXRTUI_FAKE": "hang"}
Start = Callable[[str], Callable[[], dict[str, Any]]]


@pytest.fixture
def start(
    cxrtui: Command, init: Callable[[Path], None], recipe: Path, queue: Callable[[], Jobs]
) -> Start:
    """Queues a model with what `hung` is to be; the function returned says how its training is."""

    def start(hung: str) -> Callable[[], dict[str, Any]]:
        init(recipe)
        cxrtui("data", "pack", **HANG)
        run = f'[run]\nhung = "{hung}"\nhung_minutes = 0.02'
        recipe.write_text(recipe.read_text().replace("[run]", run))
        cxrtui("queue", "add", "a", **HANG)
        return lambda: queue()["a train"]

    return start


def test_a_silent_job_is_reported_and_goes_on(cxrtui: Command, start: Start) -> None:
    train = start("report")
    wait_for(lambda: train()["reason"].startswith("hung?"))
    assert train()["state"] == "running"
    cxrtui("queue", "cancel", "a")
    wait_for(lambda: train()["state"] == "cancelled")
    assert [one["state"] for one in train()["attempts"]] == ["stopped"]


def test_a_silent_job_is_ended_where_the_recipe_says_so_and_fails_after_three_attempts(
    cxrtui: Command, start: Start, workspace: Path
) -> None:
    train = start("end")
    wait_for(lambda: train()["state"] == "failed")
    job = train()
    assert [one["state"] for one in job["attempts"]] == ["interrupted"] * 3
    assert "interrupted 3 times without progress: hung?" in job["reason"]
    stop(workspace)
    before = attempts(workspace)
    cxrtui("workspace", "rebuild")
    assert attempts(workspace) == before


def attempts(workspace: Path) -> list[Any]:
    with closing(sqlite3.connect(workspace / "cxrtui.sqlite3")) as connection:
        return connection.execute("SELECT * FROM attempt ORDER BY id").fetchall()
