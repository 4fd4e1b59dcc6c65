"""A clock that is set while jobs run: nothing hangs, and nothing takes less than no time."""

import json
import re
from pathlib import Path

import pytest
from fault_workspace import FaultWorkspace

DAY = 86_400.0

# Every process of ours asks `time.time` and nothing else what time it is. libfaketime would do for
# all programs, but its `clock_nanosleep` fails for a Python that sleeps.
CUSTOMIZE = """
import time
from pathlib import Path

true_time, file = time.time, Path({file!r})
time.time = lambda: true_time() + float(file.read_text())
"""


class Clock:
    """The clock of all processes that are started with `environment`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = folder / "offset"
        (folder / "sitecustomize.py").write_text(CUSTOMIZE.format(file=str(self.file)))
        self.environment = {"PYTHONPATH": str(folder)}
        self.set(0)

    def set(self, days: int) -> None:
        """So many days from the true time; in one instant."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{days * DAY}")
        new.replace(self.file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


def test_a_clock_that_jumps(faulty: FaultWorkspace, clock: Clock) -> None:
    """A day forwards and two back; an attempt ends by itself, one by KILL, in each of the times."""
    faulty.add("long", fault="gated", **clock.environment)
    faulty.wait_for_steps("long train", 20)
    clock.set(+1)
    faulty.wait_for_steps("long train", 100)
    assert_shown_well(faulty, clock)
    faulty.kill(faulty.process("runner", "long train"))
    faulty.wait_for_steps("long train", 150, number=2)
    clock.set(-1)
    faulty.wait_for_steps("long train", 300, number=2)
    assert_shown_well(faulty, clock)
    faulty.kill(faulty.process("runner", "long train", 2))
    faulty.wait_for_steps("long train", 400, number=3)
    clock.set(0)
    faulty.open_gate()
    faulty.add("a", **clock.environment)
    faulty.wait_for_success("a", "long")
    assert_shown_well(faulty, clock)
    attempts = faulty.tries("long train")
    assert [one["state"] for one in attempts] == ["interrupted", "interrupted", "succeeded"]
    assert attempts[1]["started"] - attempts[0]["started"] > DAY / 2
    assert attempts[1]["started"] - attempts[2]["started"] > DAY
    listed = json.loads(faulty.run("queue", "list", "--json", **clock.environment).stdout)
    (train,) = (job for job in listed if (job["model"], job["kind"]) == ("long", "train"))
    assert [one["number"] for one in train["attempts"]] == [1, 2, 3]
    faulty.assert_sound("a", "long")


def assert_shown_well(faulty: FaultWorkspace, clock: Clock) -> None:
    """No time shown is below zero."""
    for what in (("queue", "list"), ("status",)):
        shown = faulty.run(*what, **clock.environment).stdout
        assert not re.search(r"(?<![\w-])-\d", shown), shown
