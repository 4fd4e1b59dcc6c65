"""Each process is killed at each of its failpoints; the next `run-all` must end as if nothing was.

The failpoints are those of `jobs.failpoints.FAILPOINTS`: one between every two durable writes.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ONE_MODEL, Command
from finished_workspace import FAKE, invoke, make_real, run_all
from made_once import made_once

from jobs.failpoints import FAILPOINTS


def _of(*roles: str) -> list[str]:
    return [name for name in FAILPOINTS if name.partition(".")[0] in roles]


def _in_parts(names: list[str], size: int) -> list[list[str]]:
    return [names[begin : begin + size] for begin in range(0, len(names), size)]


# Several kills in a run, one after another: a run takes seconds, real training more of them.
# What the queue makes of a killed program is seen with the fake one, killed at each place; what the
# real ones make of it, in `test_train` and `test_predict`. Both at once: a checkpoint of which
# nothing is told, a half removed one, a training that has told all, a prediction of one split.
REAL = [
    "train.checkpoint-published",
    "train.checkpoint-half-removed",
    "train.finished",
    "predict.split-written",
]
HOOKS = [name for name in FAILPOINTS if "hook" in name]
# What frees room is not passed by a run: `test_room` kills it.
ELSEWHERE = {*HOOKS, *_of("room"), "train.checkpoint-half-removed"}
FAKED = [*_in_parts([name for name in FAILPOINTS if name not in ELSEWHERE], 9), HOOKS]

# The first of a pair makes what the second needs in order to be passed.
BEFORE = {
    "supervisor.adopted": "supervisor.attempt-written",
    "supervisor.verdict-given": "runner.program-started",
}


@dataclass(frozen=True)
class Outcome:
    """What a person sees at the end, and every number of every epoch, without repetitions."""

    table: str
    numbers: frozenset[tuple[object, ...]]


def outcome(workspace: Path) -> Outcome:
    table = invoke(workspace, "results", "--format", "csv").stdout
    query = """
        SELECT job.model, job.kind, point.split, point.name, point.step, point.epoch, point.value
        FROM point JOIN attempt ON attempt.id = attempt_id JOIN job ON job.id = job_id
        WHERE point.split = 'val' OR point.name = 'epoch_loss'
    """
    with closing(sqlite3.connect(workspace / "cxrtui.sqlite3")) as connection:
        return Outcome(table, frozenset(connection.execute(query)))


@pytest.fixture
def unbroken(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path, names: list[str]
) -> Outcome:
    """How a run ends that nothing disturbs, of the real programs or of the fake one."""
    base = tmp_path_factory.getbasetemp()
    if names is REAL:
        return outcome(make_real(base, data_folder))
    return outcome(made_once(base, "one", lambda root: run_all(root, ONE_MODEL, data_folder)))


@pytest.mark.parametrize("names", [REAL, *FAKED], ids=lambda names: names[0])
def test_killed_at_failpoints_the_next_run_ends_with_an_equal_table(
    names: list[str],
    recipe: Path,
    data_folder: Path,
    cxrtui: Command,
    workspace: Path,
    tmp_path: Path,
    unbroken: Outcome,
) -> None:
    programs = {} if names is REAL else FAKE
    run = ("run-all", "--recipe", str(recipe), "--data", str(data_folder))
    if names is HOOKS:
        invoke(workspace, "init", "--recipe", str(recipe), "--data", str(data_folder))
        with (workspace / "workspace.toml").open("a") as settings:
            settings.write('on_job_end = "true"\n')
    marks = tmp_path / "marks"
    marks.mkdir()
    wanted = [*filter(None, map(BEFORE.get, names)), *names]
    kills = f"{','.join(wanted)}@{marks}"
    for _ in names:  # a job that is interrupted again and again fails, until it is asked for again
        cxrtui(*run, check=False, CXRTUI_FAILPOINT=kills, **programs)
        if all((marks / name).exists() for name in names):
            break
    absent = [name for name in names if not (marks / name).exists()]
    assert not absent, "no process came past these failpoints"
    cxrtui(*run, **programs)
    assert outcome(workspace) == unbroken
