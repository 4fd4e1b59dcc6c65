"""The owner's commands: run at the end of each job and of the queue, and never in its way."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM, Command
from test_queue import wait_for

FAKE = {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


@pytest.fixture
def hooked(init: Callable[[Path], None], chain: Path, workspace: Path) -> Path:
    """A workspace whose commands append the variables that they were told to a file."""
    init(chain)
    job = '"$CXRTUI_NAME|$CXRTUI_STATE|$CXRTUI_REASON"'
    queue = '"queue|$CXRTUI_SUCCEEDED|$CXRTUI_FAILED|$CXRTUI_BLOCKED"'
    with (workspace / "workspace.toml").open("a") as file:
        file.write(f"on_job_end = 'echo {job} >> told'\n")
        file.write(f"on_queue_end = 'echo {queue} >> told'\n")
    return workspace / "told"


def lines(told: Path) -> list[str]:
    return told.read_text().splitlines() if told.exists() else []


def test_the_ends_of_jobs_and_of_the_queue_are_told_in_their_order(
    cxrtui: Command, hooked: Path
) -> None:
    cxrtui("queue", "add", "b", **FAKE)
    wait_for(lambda: lines(hooked)[-1:] == ["queue|4|0|0"])
    assert lines(hooked)[:-1] == [
        "32px pack|succeeded|", "a train|succeeded|", "b train|succeeded|", "b predict|succeeded|",
    ]  # fmt: skip


def test_a_queue_ends_also_where_all_that_is_left_is_blocked(cxrtui: Command, hooked: Path) -> None:
    cxrtui("run-all", check=False, CXRTUI_FAKE="crash", **FAKE)
    wait_for(lambda: lines(hooked)[-1:] == ["queue|1|1|5"])
    assert lines(hooked)[1:-1] == ["a train|failed|exit code 1: ValueError: told to crash"]


def test_a_command_that_fails_is_tried_three_times_and_holds_nothing_up(
    cxrtui: Command, init: Callable[[Path], None], recipe: Path, workspace: Path
) -> None:
    init(recipe)
    with (workspace / "workspace.toml").open("a") as file:
        file.write("on_job_end = 'echo \"$CXRTUI_NAME\" >> told; echo oh; exit 3'\n")
    cxrtui("run-all", **FAKE)
    told = workspace / "told"
    wait_for(lambda: len(lines(told)) == 9)
    assert lines(told) == ["32px pack"] * 3 + ["a train"] * 3 + ["a predict"] * 3
    assert (workspace / "hooks.log").read_text() == "oh\n" * 9
    log = workspace / "supervisor.log"
    wait_for(lambda: "the command of job_end ended with 3, try 3 of 3" in log.read_text())
