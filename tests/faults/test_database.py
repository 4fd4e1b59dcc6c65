"""A database that somebody else has locked, and a workspace that has become read-only."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM
from fault_mounts import mount_tmpfs, read_only, remount, unmount
from fault_workspace import FaultWorkspace, copy_of, wait_for

from jobs.durable import write_json

LOOKS = (("queue", "list"), ("status",), ("results",), ("ensemble", "list"))
CHANGES = (("queue", "add", "b"), ("queue", "freeze"))


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the write lock, as a backup or an editor of SQLite files might."""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def test_a_locked_database_loses_nothing(faulty: FaultWorkspace, is_long: bool) -> None:
    faulty.add("long", fault="gated")
    faulty.wait_for_steps("long train")
    supervisor = faulty.supervisor()
    events = faulty.attempt("long train").events
    until = time.monotonic() + (60 if is_long else 3)
    with locked(faulty.paths.database):
        before = events.stat().st_size
        wait_for(lambda: events.stat().st_size > before)
        listed = json.loads(faulty.run("queue", "list", "--json").stdout)
        (train,) = (job for job in listed if (job["model"], job["kind"]) == ("long", "train"))
        assert train["state"] == "running"
        assert faulty.run("status").stdout
        adding = faulty.start("queue", "add", "a")
        wait_for(lambda: '"model": "a"' in faulty.paths.journal.read_text())
        wait_for(lambda: time.monotonic() > until, 90)
    _output, errors = adding.communicate(timeout=120)
    assert adding.returncode == 0, errors
    faulty.open_gate()
    faulty.wait_for_success("a", "long")
    assert supervisor.lives()
    assert len(faulty.tries("long train")) == 1
    faulty.assert_sound("a", "long")


@pytest.fixture
def mounted(packed: Path, workspace: Path) -> Iterator[FaultWorkspace]:
    """A workspace on a disk of its own."""
    mount_tmpfs(workspace, "64m")
    try:
        faulty = copy_of(packed, workspace)
        with faulty.paths.settings.open("a") as file:
            file.write("keep_free_gib = 0\n")
        yield faulty
        faulty.end_supervisor()
    finally:
        unmount(workspace)


def test_a_read_only_workspace_can_be_looked_at(mounted: FaultWorkspace) -> None:
    """Commands that only look say what they said before; the others say one line."""
    mounted.run("queue", "add", "a", CXRTUI_TEST_PROGRAM=str(FAKE_PROGRAM))
    mounted.wait_for_success("a")
    mounted.end_supervisor()
    table = mounted.run("results").stdout
    remount(mounted.root, "ro")
    said = {look: mounted.run(*look).stdout for look in LOOKS}
    assert said["results",] == table
    assert "succeeded" in said["queue", "list"]
    for change in CHANGES:
        done = mounted.run(*change, check=False)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    remount(mounted.root, "rw")
    mounted.add("b")
    mounted.wait_for_success("b")
    mounted.assert_sound("b")


def test_a_supervisor_lives_through_a_read_only_disk(
    mounted: FaultWorkspace, tmp_path: Path
) -> None:
    """It cannot start a job there for a while; then that goes on by itself."""
    said = tmp_path / "gpus.json"
    write_json(said, {"trouble": "Timeout"})
    mounted.add("a", CXRTUI_TEST_GPUS=str(said))
    supervisor = mounted.supervisor()
    wait_for(lambda: "do not answer" in mounted.jobs()["a train"]["reason"])
    with read_only(mounted.root):
        write_json(said, {})
        mounted.wait_for_text(mounted.paths.supervisor_log, "Read-only file system")
        assert mounted.run("queue", "freeze", check=False).returncode == 2
        assert supervisor.lives()
        assert mounted.tries() == []
    mounted.wait_for_success("a")
    assert mounted.supervisor() == supervisor
    mounted.assert_sound("a")
