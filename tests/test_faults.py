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

REAL_PROGRAMS = ("train", "predict", "pixels")
ROLE_OF = {name: name.partition(".")[0] for name in FAILPOINTS}


def _programs(name: str) -> dict[str, str]:
    """The real programs where they are what is killed; elsewhere a fake one, which is faster."""
    return {} if ROLE_OF[name] in REAL_PROGRAMS else {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


# The first of a pair makes what the second needs in order to be passed.
BEFORE = {"supervisor.adopted": "supervisor.attempt-written"}


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


@pytest.mark.parametrize("name", FAILPOINTS)
def test_killed_at_failpoint_the_next_run_ends_with_an_equal_table(
    name: str,
    recipe: Path,
    data_folder: Path,
    cxrtui: Command,
    workspace: Path,
    tmp_path: Path,
    unbroken: dict[bool, Outcome],
) -> None:
    programs = _programs(name)
    run = ("run-all", "--recipe", str(recipe), "--data", str(data_folder))
    if bool(programs) not in unbroken:
        whole = tmp_path / "whole"
        cxrtui("--workspace", str(whole), *run, **programs)
        unbroken[bool(programs)] = outcome(cxrtui, whole)
        cxrtui("--workspace", str(whole), "supervisor", "stop")
    marks = tmp_path / "marks"
    marks.mkdir()
    names = ",".join([*filter(None, [BEFORE.get(name)]), name])
    cxrtui(*run, check=False, CXRTUI_FAILPOINT=f"{names}@{marks}", **programs)
    assert (marks / name).exists(), "no process came past this failpoint"
    cxrtui(*run, **programs)
    assert outcome(cxrtui, workspace) == unbroken[bool(programs)]
