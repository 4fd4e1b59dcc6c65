"""The polite signals, to each process: nothing is lost, whoever gets one."""

import os
import signal
from typing import IO

import pytest
from fault_workspace import FaultWorkspace, wait_for


def test_to_the_supervisor(faulty: FaultWorkspace) -> None:
    """TERM ends it, and what it started goes on; it hears neither hang-up nor Ctrl+C."""
    faulty.add("long", fault="gated")
    faulty.wait_for_steps("long train")
    supervisor, program = faulty.supervisor(), faulty.process("program", "long train")
    for number in (signal.SIGHUP, signal.SIGINT):
        os.kill(supervisor.pid, number)
    os.kill(supervisor.pid, signal.SIGTERM)
    wait_for(lambda: not supervisor.lives())
    assert program.lives()
    faulty.run("supervisor", "start", CXRTUI_FAULT="gated")
    faulty.open_gate()
    faulty.wait_for_success("long")
    assert len(faulty.tries("long train")) == 1
    faulty.assert_sound("long")


@pytest.mark.parametrize("role", ["runner", "program"])
def test_to_the_runner_and_to_the_program(faulty: FaultWorkspace, role: str) -> None:
    """TERM stops at a checkpoint and the next attempt goes on there; a hang-up stops nothing.

    What Ctrl+C does is up to the program: ours take it for a TERM.
    """
    faulty.add("long", fault="gated")
    for attempt, number in ((1, signal.SIGHUP), (1, signal.SIGTERM), (2, signal.SIGINT)):
        process = faulty.process(role, "long train", attempt)
        faulty.wait_for_steps("long train", 10, attempt)
        os.kill(process.pid, number)
    faulty.open_gate()
    faulty.wait_for_success("long")
    states = [one["state"] for one in faulty.tries("long train")]
    assert states == ["stopped", "stopped", "succeeded"]
    faulty.assert_sound("long")


def test_to_the_command(faulty: FaultWorkspace) -> None:
    """Only Ctrl+C stops the jobs, at a checkpoint; the next command goes on from there."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        with faulty.start("run-all", CXRTUI_FAULT="gated") as command:
            wait_for(lambda: "long train" in faulty.jobs())
            faulty.wait_for_steps("long train", 30)
            assert "long train running" in iter_until(command.stdout, "long train running")
            command.send_signal(number)
            _output, errors = command.communicate(timeout=60)
        is_interrupt = number == signal.SIGINT
        assert command.returncode == (130 if is_interrupt else -number), errors
        assert faulty.jobs()["long train"]["state"] == ("paused" if is_interrupt else "running")
        assert len(faulty.tries("long train")) == 1
    assert faulty.tries("long train")[0]["checkpoint"] > 0
    faulty.open_gate()
    faulty.run("queue", "add", "all")
    faulty.wait_for_success("a", "b", "long")
    faulty.assert_sound("a", "b", "long")
    assert len(faulty.tries("long train")) == 2


def iter_until(lines: IO[str] | None, text: str) -> str:
    """The first line that has a text."""
    assert lines is not None
    return next((line for line in lines if text in line), "")
