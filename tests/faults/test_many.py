"""Those who want the same: supervisors of one workspace, workspaces with one GPU, two boots."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from conftest import command_lines
from fault_workspace import FaultWorkspace, copy_of, wait_for

from jobs.durable import write_json
from jobs.queue.ensure import supervisor_info
from jobs.start import command


def started_at_once(faulty: FaultWorkspace, count: int) -> list[subprocess.Popen[bytes]]:
    """Supervisors that stay in the foreground, started without waiting for each other."""
    line = command("jobs.queue.supervisor", str(faulty.root), "-1", "--foreground", "--stay")
    with faulty.paths.supervisor_log.open("ab") as log:
        return [subprocess.Popen(line, stdout=log, stderr=log) for _ in range(count)]


def test_of_two_supervisors_at_one_instant_one_lives(faulty: FaultWorkspace, is_long: bool) -> None:
    for _ in range(50 if is_long else 6):
        both = started_at_once(faulty, 2)
        wait_for(lambda both=both: sum(one.poll() is None for one in both) == 1)
        (left,) = (one for one in both if one.poll() is None)
        info = wait_for(lambda: supervisor_info(faulty.paths))
        assert info.pid == left.pid
        assert [one.returncode for one in both if one is not left] == [0]
        left.terminate()
        assert left.wait() == 0
        assert supervisor_info(faulty.paths) is None
    faulty.assert_sound()


def test_many_started_at_once_leave_one(faulty: FaultWorkspace, is_long: bool) -> None:
    count = 50 if is_long else 8
    started = [faulty.start("supervisor", "start", "--stay") for _ in range(count)]
    assert [one.communicate()[1] for one in started] == [""] * count
    assert [one.returncode for one in started] == [0] * count
    assert faulty.supervisor().lives()
    assert len(command_lines(f"jobs.queue.supervisor {faulty.root}")) == 1
    faulty.add("a")
    faulty.wait_for_success("a")
    faulty.assert_sound("a")


def test_two_workspaces_never_have_one_gpu_at_once(
    faulty: FaultWorkspace, packed: Path, tmp_path: Path
) -> None:
    other = copy_of(packed, tmp_path / "other")
    card = {"index": 0, "uuid": f"GPU-fault-{os.getpid()}", "name": "fake"}
    said = tmp_path / "gpus.json"
    write_json(said, {"gpus": [{**card, "used_bytes": 0, "total_bytes": 80 << 30}]})
    for one in (faulty, other):
        one.add("a", "b", CXRTUI_TEST_GPUS=str(said))
    for one in (faulty, other):
        one.wait_for_success("a", "b")
        one.assert_sound("a", "b")
    other.end_supervisor()
    times = sorted(
        (result["started"], result["ended"])
        for root in (faulty.root, other.root)
        for path in root.glob("runs/*/[ab]-*/*/attempt-*/result.json")
        if (result := json.loads(path.read_bytes()))
    )
    assert len(times) == 8
    # Both ends lie within the time for which the GPU's lock is held; they are rounded to 1 ms.
    pairs = pairwise(times)
    assert all(ended <= began + 0.001 for (_, ended), (began, _) in pairs)
    assert all(
        json.loads(path.read_bytes())["environment"]["CUDA_VISIBLE_DEVICES"] == card["uuid"]
        for root in (faulty.root, other.root)
        for path in root.glob("runs/*/[ab]-*/*/attempt-*/attempt.json")
    )


def test_a_reboot_is_told_apart_from_a_crash(faulty: FaultWorkspace) -> None:
    """As after a power cut: neither supervisor nor runner, and the boot id is another one."""
    for model, boots in (("a", False), ("long", True)):
        faulty.add("long" if boots else "a", fault="gated" if boots else "deaf")
        name = f"{model} train"
        if boots:
            faulty.wait_for_steps(name, 30)
        else:
            faulty.wait_for_text(faulty.attempt(name).log, "fault: deaf")
        faulty.kill(faulty.supervisor())
        faulty.kill(faulty.process("runner", name))
        if boots:
            boot_anew(faulty, name)
            faulty.open_gate()
        faulty.run("supervisor", "start")
        faulty.wait_for_success(model)
        first, second = faulty.tries(name)
        assert (first["state"], second["state"]) == ("interrupted", "succeeded")
        assert ("was started anew" in first["reason"]) == boots
        assert ("its runner died" in first["reason"]) != boots
    faulty.assert_sound("a", "long")


def boot_anew(faulty: FaultWorkspace, name: str) -> None:
    """Give what is on record of an attempt another boot than this one."""
    paths = faulty.attempt(name)
    start = json.loads(paths.start.read_bytes())
    write_json(paths.start, {**start, "boot": "an earlier one"})
    who = json.loads(paths.runner.read_bytes())
    write_json(
        paths.runner, {role: {**one, "boot_id": "an earlier one"} for role, one in who.items()}
    )
    with closing(sqlite3.connect(faulty.paths.database)) as connection, connection:
        connection.execute(
            "UPDATE attempt SET boot = 'an earlier one' WHERE uid = ?", (start["uid"],)
        )
