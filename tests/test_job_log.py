"""`cxrtui queue log`: the end of it, other attempts, and what it says as it grows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM
from idle_queue import IdleQueue, make_idle_queue

from cxrtui.joblog import BLOCK, LogTail
from jobs.errors import InputError

FAKE = {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


@pytest.fixture
def queue(
    workspace: Path, recipe: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> IdleQueue:
    return make_idle_queue(workspace, recipe, data_folder, monkeypatch)


@pytest.fixture
def logs(queue: IdleQueue) -> dict[int, Path]:
    """The logs of two attempts at a train job."""
    queue("add", "a")
    written = {}
    for number, state in ((1, "failed"), (2, "succeeded")):
        folder = queue.try_job("a train", state, number=number)
        folder.mkdir()
        written[number] = folder / "log.txt"
        lines = (f"{number}: line {line} \x1b[2J{'x' * 90}\n" for line in range(2000))
        written[number].write_text("".join(lines))
    return written


def test_the_last_lines_of_any_attempt_can_be_read(queue: IdleQueue, logs: dict[int, Path]) -> None:
    assert logs[2].stat().st_size > 3 * BLOCK
    everything = queue("log", "a").stdout.splitlines()
    assert len(everything) == 2000
    assert everything[0] == f"2: line 0 \ufffd[2J{'x' * 90}"
    for count in (0, 1, 3, 1999, 2000, 5000):
        last = queue("log", "a", "--lines", str(count)).stdout.splitlines()
        assert last == everything[max(0, 2000 - count) :], count
    assert queue("log", "a", "--attempt", "1", "-n", "1").stdout.startswith("1: line 1999 ")
    assert queue("log", "a", "-f", "-n", "1").stdout.startswith("2: line 1999 ")
    with pytest.raises(InputError, match="a train: there is no attempt 3: its attempts are 1, 2"):
        queue("log", "a", "--attempt", "3")
    with pytest.raises(InputError, match="a predict: no attempt yet: it is queued"):
        queue("log", "a.predict")
    logs[2].write_text("no end")
    assert queue("log", "a", "-n", "1").stdout == "no end\n"


def test_a_log_that_grows_is_printed_in_whole_lines_and_once_even_if_it_is_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.txt"
    tail = LogTail(log)

    def new(*, whole_lines: bool = True) -> str:
        tail.print_new(whole_lines=whole_lines)
        return capsys.readouterr().out

    assert new() == ""
    log.write_bytes(b"one\ntw")
    assert new() == "one\n"
    with log.open("ab") as file:
        file.write("o \u00e9".encode()[:-1])
    assert new() == ""
    with log.open("ab") as file:
        file.write("\u00e9".encode()[1:] + b"\n" + b"y" * 200 + b"\nthree\n")
    assert new() == f"two \u00e9\n{'y' * 200}\nthree\n"
    log.write_bytes(b"one\n[cut]\nthree\n")
    assert new() == ""
    with log.open("ab") as file:
        file.write(b"four\r 50%\r\nfi")
    assert new() == "four\n 50%\n"
    assert new(whole_lines=False) == "fi\n"


def test_following_a_log_waits_for_it_and_goes_on_with_the_next_attempt(queue: IdleQueue) -> None:
    queue("add", "a")
    queue("hold", "a.predict")
    following = subprocess.run(
        [sys.executable, "-m", "cxrtui", "-w", str(queue.paths.root), "queue", "log", "-f", "a"],
        env={**os.environ, "CXRTUI_FAKE": "signal-once", **FAKE},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert following.stderr.startswith("a train has not begun")
    assert following.stdout.splitlines() == [
        "fake train a",
        "--- attempt 2: attempt 1 interrupted killed by SIGKILL",
        "fake train a",
    ]
    assert queue.states()["a train"] == "succeeded"
    with pytest.raises(InputError, match="a predict: no attempt yet: it is held"):
        queue("log", "-f", "a.predict")
