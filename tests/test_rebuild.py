"""The database is made again from the journal and the folders, and says the same."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from conftest import FAKE_PROGRAM, Command

FAKE = {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


def content(database: Path) -> dict[str, list[Any]]:
    """Every row of every table, in an order of their own."""
    with sqlite3.connect(database) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in names]
        return {
            name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}"))) for name in tables
        }


def test_a_rebuilt_database_says_the_same(
    cxrtui: Command, chain: Path, data_folder: Path, workspace: Path
) -> None:
    cxrtui("init", "--recipe", str(chain), "--data", str(data_folder))
    cxrtui("queue", "add", "a", CXRTUI_FAKE="signal-once", **FAKE)
    cxrtui("run-all", **FAKE)
    cxrtui("queue", "hold", "all")
    cxrtui("ensemble", "save", "mine", "a", "b=2", "--views", "study-mean")
    table = cxrtui("results", "--format", "json").stdout
    assert cxrtui("workspace", "rebuild", check=False).returncode == 2
    cxrtui("supervisor", "stop")
    while json.loads(cxrtui("supervisor", "status", "--json").stdout) is not None:
        pass
    before = content(workspace / "cxrtui.sqlite3")
    cxrtui("workspace", "rebuild")
    assert content(workspace / "cxrtui.sqlite3") == before
    assert cxrtui("results", "--format", "json").stdout == table
    listed = json.loads(cxrtui("ensemble", "list", "--json").stdout)
    assert listed[1]["weights"] == {"a": 1.0, "b": 2.0}


def test_a_failed_and_a_cancelled_job_are_rebuilt_as_such(
    cxrtui: Command, chain: Path, data_folder: Path, workspace: Path
) -> None:
    cxrtui("init", "--recipe", str(chain), "--data", str(data_folder))
    cxrtui("run-all", check=False, CXRTUI_FAKE="crash", **FAKE)
    cxrtui("queue", "cancel", "c")
    states = [job["state"] for job in json.loads(cxrtui("queue", "list", "--json").stdout)]
    cxrtui("supervisor", "stop")
    while json.loads(cxrtui("supervisor", "status", "--json").stdout) is not None:
        pass
    cxrtui("workspace", "rebuild")
    rebuilt = [job["state"] for job in json.loads(cxrtui("queue", "list", "--json").stdout)]
    assert [state for state in rebuilt if state != "queued"] == [
        state for state in states if state != "blocked"
    ]
