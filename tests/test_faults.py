"""Each process is killed at each of its failpoints; the next `run-all` must end as if nothing was.

The failpoints are those of `jobs.failpoints.FAILPOINTS`: one between every two durable writes.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM, Command

from jobs.failpoints import FAILPOINTS


def _of(*roles: str) -> list[str]:
    return [name for name in FAILPOINTS if name.partition(".")[0] in roles]


def _in_threes(names: list[str]) -> list[list[str]]:
    return [names[begin : begin + 3] for begin in range(0, len(names), 3)]


# Several kills in a run, one after another: a run takes seconds, real training more of them.
# `test_train` kills the program at each place alone.
TRAIN, PREDICT = _of("train"), _of("predict")
LATE = ["train.checkpoint-half-removed", "train.before-finished", "train.finished"]
EARLY = [name for name in TRAIN if name not in LATE]
REAL = [EARLY, [*LATE, *PREDICT]]
HOOKS = [name for name in FAILPOINTS if "hook" in name]
# What frees room is not passed by a run: `test_room` kills it.
ELSEWHERE = {*TRAIN, *PREDICT, *HOOKS, *_of("room")}
FAKE = [*_in_threes([name for name in FAILPOINTS if name not in ELSEWHERE]), HOOKS]

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


def outcome(cxrtui: Command, workspace: Path) -> Outcome:
    table = cxrtui("--workspace", str(workspace), "results", "--format", "csv").stdout
    query = """
        SELECT job.model, job.kind, point.split, point.name, point.step, point.epoch, point.value
        FROM point JOIN attempt ON attempt.id = attempt_id JOIN job ON job.id = job_id
        WHERE point.split = 'val' OR point.name = 'epoch_loss'
    """
    with closing(sqlite3.connect(workspace / "cxrtui.sqlite3")) as connection:
        return Outcome(table, frozenset(connection.execute(query)))


@pytest.fixture(scope="session")
def unbroken() -> dict[bool, Outcome]:
    """How a run ends that nothing disturbs, by whether the programs are fakes; made when asked."""
    return {}


@pytest.mark.parametrize("names", [*REAL, *FAKE], ids=lambda names: names[0])
def test_killed_at_failpoints_the_next_run_ends_with_an_equal_table(
    names: list[str],
    recipe: Path,
    data_folder: Path,
    cxrtui: Command,
    workspace: Path,
    tmp_path: Path,
    unbroken: dict[bool, Outcome],
) -> None:
    is_real = names in REAL
    programs = {} if is_real else {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}
    run = ("run-all", "--recipe", str(recipe), "--data", str(data_folder))
    if is_real not in unbroken:
        whole = tmp_path / "whole"
        cxrtui("--workspace", str(whole), *run, **programs)
        unbroken[is_real] = outcome(cxrtui, whole)
        cxrtui("--workspace", str(whole), "supervisor", "stop")
    if any("hook" in name for name in names):
        cxrtui("init", "--recipe", str(recipe), "--data", str(data_folder))
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
    assert outcome(cxrtui, workspace) == unbroken[is_real]
