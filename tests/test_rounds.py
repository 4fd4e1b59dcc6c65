"""A supervisor's rounds, one at a time, in this process; the attempts are real processes."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM, ONE_MODEL
from test_queue import wait_for

from cxrtui.enqueue import enqueue, of_packs, of_targets
from db.errors import UnavailableError
from db.jobs import jobs
from db.records import Job
from jobs.queue import launch
from jobs.queue.journal import record
from jobs.queue.supervisor import Supervisor
from jobs.recipe.load import load_recipe
from jobs.workspace import WorkspaceSettings, make_workspace, open_workspace


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Path:
    """A workspace in which training is queued, its pack is made, and no supervisor runs."""
    folder = tmp_path_factory.mktemp("rounds")
    (folder / "one.toml").write_text(ONE_MODEL)
    root = folder / "workspace"
    opened = make_workspace(root, WorkspaceSettings(str(folder / "one.toml"), str(data_folder)))
    loaded = load_recipe(opened.settings.recipe)
    enqueue(opened, loaded, of_packs(loaded, []))
    made = Supervisor(opened)
    made.watching.adopt()
    until(made, lambda: job_of(made, "pack").state == "succeeded")
    enqueue(opened, loaded, of_targets(loaded, ["a"]))
    opened.database.close()
    return root


@pytest.fixture
def supervisor(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Supervisor]:
    """A supervisor that has not worked yet, in a copy of that workspace."""
    monkeypatch.setenv("CXRTUI_TEST_PROGRAM", str(FAKE_PROGRAM))
    monkeypatch.setenv("CXRTUI_FAKE", "hang")
    root = tmp_path / "workspace"
    shutil.copytree(prepared, root)
    made = Supervisor(open_workspace(root))
    made.watching.adopt()
    yield made
    with made.workspace.database.read() as connection:
        keys = [job.key for job in jobs(connection)]
    record(made.workspace, {"kind": "request", "verb": "cancel", "keys": keys, "value": None})
    until(made, lambda: not made.watching.watched)
    made.workspace.database.close()


def until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    def round_and_look() -> bool:
        supervisor.work()
        return condition()

    wait_for(round_and_look)


def job_of(supervisor: Supervisor, kind: str) -> Job:
    with supervisor.workspace.database.read() as connection:
        return next(job for job in jobs(connection) if job.kind == kind)


def train(supervisor: Supervisor) -> Job:
    return job_of(supervisor, "train")


def test_a_cancel_that_comes_right_before_the_start_is_not_lost(supervisor: Supervisor) -> None:
    supervisor.hear_requests()
    supervisor.starting.look()
    keys = [train(supervisor).key]
    record(
        supervisor.workspace,
        {"kind": "request", "verb": "cancel", "keys": keys, "value": None},
    )
    supervisor.starting.start_ready(supervisor.heard)
    assert train(supervisor).state == "running"
    until(supervisor, lambda: train(supervisor).state == "cancelled")


def test_nothing_is_left_of_an_attempt_that_could_not_be_recorded(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> bool:
        raise UnavailableError("database is locked")

    supervisor.hear_requests()
    supervisor.starting.look()
    with monkeypatch.context() as patch:
        patch.setattr(launch, "claim", locked)
        with pytest.raises(UnavailableError):
            supervisor.starting.start_ready(supervisor.heard)
    folder = supervisor.workspace.paths.job(train(supervisor).folder)
    assert [path.name for path in folder.iterdir()] == ["job.json"]
    until(supervisor, lambda: train(supervisor).state == "running")
    assert (folder / "attempt-1").is_dir()


def test_a_runner_that_cannot_be_started_is_an_interrupted_attempt(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_process(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    with monkeypatch.context() as patch:
        patch.setattr(launch.subprocess, "Popen", no_process)
        until(supervisor, lambda: train(supervisor).state == "failed")
    assert "interrupted 3 times without progress" in train(supervisor).reason


def test_the_loop_survives_what_passes_and_nothing_else(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = [
        UnavailableError("locked"),
        OSError(errno.ENOSPC, "full"),
        OSError(errno.ENOENT, "?"),
    ]

    def work() -> None:
        raise troubles.pop(0)

    monkeypatch.setattr("jobs.queue.supervisor.TROUBLE_SECONDS", 0.01)
    with monkeypatch.context() as patch:
        patch.setattr(supervisor, "work", work)
        with pytest.raises(OSError, match="\\?"):
            supervisor.run()
    assert troubles == []
