"""Each process is killed at each of its failpoints; the next `run-all` must end as if nothing was.

The failpoints are those of `jobs.failpoints.FAILPOINTS`: one between every two durable writes.
"""

from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM, Command

from jobs.failpoints import FAILPOINTS

REAL_PROGRAMS = ("train", "predict", "pixels")
ROLE_OF = {name: name.partition(".")[0] for name in FAILPOINTS}


def _programs(name: str) -> dict[str, str]:
    """The real programs where they are what is killed; elsewhere a fake one, which is faster."""
    return {} if ROLE_OF[name] in REAL_PROGRAMS else {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, str]:
    """The table of an unbroken run, by whether the programs are real; filled on first use."""
    return {}


@pytest.mark.parametrize("name", FAILPOINTS)
def test_killed_at_failpoint_the_next_run_ends_with_an_equal_table(
    name: str,
    recipe: Path,
    data_folder: Path,
    cxrtui: Command,
    tmp_path: Path,
    tables: dict[bool, str],
) -> None:
    programs = _programs(name)
    run = ("run-all", "--recipe", str(recipe), "--data", str(data_folder))
    if bool(programs) not in tables:
        whole = str(tmp_path / "whole")
        cxrtui("--workspace", whole, *run, **programs)
        tables[bool(programs)] = cxrtui("--workspace", whole, "results", "--format", "csv").stdout
        cxrtui("--workspace", whole, "supervisor", "stop")
    marks = tmp_path / "marks"
    marks.mkdir()
    cxrtui(*run, check=False, CXRTUI_FAILPOINT=f"{name}@{marks}", **programs)
    assert (marks / name).exists(), "no process came past this failpoint"
    cxrtui(*run, **programs)
    assert cxrtui("results", "--format", "csv").stdout == tables[bool(programs)]
