"""Programs that behave as none should: the runner ends what they leave, and keeps what they did."""

import re
import signal
from pathlib import Path

from fault_program import LEFT, left_name
from fault_workspace import FaultWorkspace, wait_for

from jobs.log_cap import LOG_LIMIT

MIB = 1 << 20


def command_lines_with(argument: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if argument.encode() in line:
            found.append(entry.name)
    return found


def most_resident_bytes(pid: int) -> int:
    """Most memory that a process has had at once; 0 if it has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^VmHWM:\s*(\d+) kB", text, re.MULTILINE)
    return 0 if found is None else int(found[1]) * 1024


def test_one_that_ignores_term_is_killed_after_its_grace(faulty: FaultWorkspace) -> None:
    faulty.add("a", fault="deaf")
    faulty.wait_for_text(faulty.attempt().log, "fault: deaf")
    faulty.run("queue", "cancel", "a")
    faulty.wait_for_state("a train", "cancelled")
    (attempt,) = faulty.tries()
    assert (attempt["state"], attempt["signal"]) == ("stopped", signal.SIGKILL)
    faulty.assert_sound()
    faulty.run("queue", "retry", "a.train", "a.predict", CXRTUI_FAULT="")
    faulty.wait_for_success("a")
    faulty.assert_sound("a")


def test_64_workers_are_ended_with_their_program(faulty: FaultWorkspace) -> None:
    """Children, session leaders, daemons, and daemons without environment, output and folder."""
    faulty.add("long", fault="leaves gated")
    argument = left_name(faulty.attempt("long train").folder)
    wait_for(lambda: len(command_lines_with(argument)) == LEFT // 4)
    faulty.open_gate()
    faulty.wait_for_success("long")
    assert command_lines_with(argument) == []
    faulty.assert_sound("long")
    assert len(faulty.tries("long train")) == 1


def test_64_workers_are_ended_with_their_killed_runner(faulty: FaultWorkspace) -> None:
    faulty.add("long", fault="leaves gated")
    argument = left_name(faulty.attempt("long train").folder)
    faulty.wait_for_text(faulty.attempt("long train").log, "fault: left")
    wait_for(lambda: len(command_lines_with(argument)) == LEFT // 4)
    faulty.wait_for_steps("long train")
    faulty.kill(faulty.process("runner", "long train"))
    wait_for(lambda: len(faulty.tries("long train")) == 2)
    faulty.open_gate()
    assert command_lines_with(argument) == []
    faulty.wait_for_success("long")
    assert [one["state"] for one in faulty.tries("long train")] == ["interrupted", "succeeded"]
    faulty.assert_sound("long")


def test_a_flood_of_words_is_cut_in_its_middle(faulty: FaultWorkspace, is_long: bool) -> None:
    wanted = (2000 if is_long else 200) * MIB
    faulty.add("long", fault="floods gated", CXRTUI_FLOOD=str(wanted))
    log = faulty.attempt("long train").log
    faulty.wait_for_steps("long train", 30)
    wait_for(lambda: log.stat().st_blocks * 512 <= LOG_LIMIT)
    assert 0 < most_resident_bytes(faulty.process("runner", "long train").pid) < 40 * MIB
    faulty.open_gate()
    faulty.wait_for_success("long")
    kept = log.read_bytes()
    assert LOG_LIMIT // 4 < len(kept) < LOG_LIMIT
    assert kept.startswith(b"the first line\n")
    assert kept.endswith(b"the last line\n")
    assert kept.count(b"[cxrtui cut ") == 1
    assert b"\0" not in kept
    assert log.stat().st_blocks * 512 < LOG_LIMIT
    faulty.assert_sound("long")
    assert len(faulty.tries("long train")) == 1


def test_one_that_closes_its_output_or_becomes_another_trains_on(faulty: FaultWorkspace) -> None:
    faulty.add("a", fault="closes")
    faulty.wait_for_success("a")
    faulty.end_supervisor()
    faulty.add("b", fault="execs")
    faulty.wait_for_success("b")
    faulty.assert_sound("a", "b")
    assert [len(faulty.tries(f"{model} train")) for model in "ab"] == [1, 1]


def test_one_that_stopped_itself_hears_that_it_is_paused(faulty: FaultWorkspace) -> None:
    faulty.add("a", fault="stops")
    program = faulty.process("program")
    wait_for(lambda: ") T " in Path(f"/proc/{program.pid}/stat").read_text())
    faulty.run("queue", "cancel", "a")
    faulty.wait_for_state("a train", "cancelled")
    assert not program.lives()
    faulty.assert_sound()


def test_zombies_and_orphans_are_no_trouble(faulty: FaultWorkspace) -> None:
    faulty.add("a", fault="zombies")
    faulty.wait_for_success("a")
    faulty.assert_sound("a")
    assert len(faulty.tries()) == 1
