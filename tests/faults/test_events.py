"""Damaged event lines: each costs itself, and nothing else."""

import json
import signal

from fault_program import DAMAGES, good_events
from fault_workspace import TRAIN_LOSS, FaultWorkspace, losses


def test_damaged_lines_cost_only_themselves(faulty: FaultWorkspace) -> None:
    """Lines of all kinds of damage between good ones, and a torn one when the program is killed."""
    faulty.add("a", fault="corrupts")
    supervisor = faulty.supervisor()
    faulty.wait_for_success("a")
    assert faulty.supervisor() == supervisor
    first, second = faulty.tries()
    assert (first["state"], first["signal"]) == ("interrupted", signal.SIGKILL)
    assert second["state"] == "succeeded"
    query = f"SELECT step, value, time, epoch FROM point WHERE attempt_id = ? AND {TRAIN_LOSS}"
    had = sorted(tuple(row.values()) for row in faulty.rows(query, first["id"]))
    good = [one for one in good_events() if one["kind"] == "step"]
    assert had == [(e["step"], e["loss"], e["time"], e["epoch"]) for e in good]
    assert first["step"] == len(DAMAGES)
    events = faulty.attempt().events.read_bytes()
    assert len(DAMAGES) > 20
    assert events.count(b"\n") == 1 + 2 * len(DAMAGES)
    assert not events.endswith(b"\n")


def test_zeros_of_a_power_cut_and_an_emptied_file(faulty: FaultWorkspace) -> None:
    """What a file system may leave of an attempt when the power goes: the next one trains on."""
    faulty.add("long", fault="gated")
    faulty.wait_for_steps("long train", 30)
    supervisor, runner = faulty.supervisor(), faulty.process("runner", "long train")
    faulty.kill(supervisor)
    faulty.kill(runner)
    events = faulty.attempt("long train").events
    whole = events.read_bytes()
    taken_in = faulty.tries("long train")[0]["offset"]
    keep = whole.rfind(b"\n", 0, max(taken_in, len(whole) - 100)) + 1
    events.write_bytes(whole[:keep] + b"\0" * (len(whole) - keep))
    told = [json.loads(line)["seq"] for line in whole[:keep].splitlines()]
    assert told == list(range(len(told)))
    faulty.open_gate()
    faulty.run("supervisor", "start")
    faulty.wait_for_success("long")
    first = faulty.tries("long train")[0]
    query = f"SELECT step, value FROM point WHERE attempt_id = ? AND {TRAIN_LOSS}"
    had = sorted((row["step"], row["value"]) for row in faulty.rows(query, first["id"]))
    assert had == losses(events)
    faulty.assert_sound("long")
