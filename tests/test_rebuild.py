"""The database is made again from the journal and the folders, and says the same."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import Command
from finished_workspace import FAKE, invoke, result_table, stop
from queue_rows import Jobs
from test_queue import wait_for


def content(database: Path) -> dict[str, list[Any]]:
    """Every row of every table, in an order of their own."""
    with sqlite3.connect(database) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in names]
        return {
            name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}"))) for name in tables
        }


def test_a_rebuilt_database_says_the_same(
    cxrtui: Command, init: Callable[[Path], None], chain: Path, workspace: Path
) -> None:
    init(chain)
    cxrtui("queue", "add", "a", CXRTUI_FAKE="signal-once", **FAKE)
    cxrtui("run-all", **FAKE)
    assert invoke(workspace, "queue", "hold", "all").exit_code == 0
    assert (
        invoke(workspace, "ensemble", "save", "mine", "a", "b=2", "--views", "study-mean").exit_code
        == 0
    )
    table = result_table(workspace)
    assert cxrtui("workspace", "rebuild", check=False).returncode == 2
    stop(workspace)
    before = content(workspace / "cxrtui.sqlite3")
    cxrtui("workspace", "rebuild")
    assert content(workspace / "cxrtui.sqlite3") == before
    assert result_table(workspace) == table
    listed = json.loads(invoke(workspace, "ensemble", "list", "--json").stdout)
    assert listed[1]["weights"] == {"a": 1.0, "b": 2.0}


def test_a_failed_and_a_cancelled_job_are_rebuilt_as_such(
    cxrtui: Command,
    init: Callable[[Path], None],
    chain: Path,
    workspace: Path,
    queue: Callable[[], Jobs],
) -> None:
    init(chain)
    cxrtui("run-all", check=False, CXRTUI_FAKE="crash", **FAKE)
    assert invoke(workspace, "queue", "cancel", "c").exit_code == 0
    wait_for(lambda: queue()["c predict"]["state"] == "cancelled")
    states = [job["state"] for job in queue().values()]
    stop(workspace)
    cxrtui("workspace", "rebuild")
    rebuilt = [job["state"] for job in queue().values()]
    assert [state for state in rebuilt if state != "queued"] == [
        state for state in states if state != "blocked"
    ]
