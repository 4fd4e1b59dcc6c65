"""A disk that is full: what was whole stays, and all goes on by itself when there is room."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_mounts import mount_tmpfs, remount, unmount
from fault_workspace import FaultWorkspace, copy_of, wait_for

SMALL, LARGE = "12m", "64m"
KEEP_FREE = "keep_free_gib = 0.002\n"


@pytest.fixture
def small(packed: Path, workspace: Path) -> Iterator[FaultWorkspace]:
    """A workspace on a disk of 12 MiB."""
    mount_tmpfs(workspace, SMALL)
    try:
        faulty = copy_of(packed, workspace)
        with faulty.paths.settings.open("a") as file:
            file.write(KEEP_FREE)
        yield faulty
        faulty.end_supervisor()
    finally:
        unmount(workspace)


def fill(folder: Path) -> Path:
    """Write a file until there is no room for another byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def test_one_that_fills_the_disk_is_tried_again_when_there_is_room(small: FaultWorkspace) -> None:
    small.add("a", fault="fills always")
    wait_for(small.attempt().result.exists)
    supervisor = small.supervisor()
    assert json.loads(small.attempt().result.read_bytes())["exit_code"] == 79
    remount(small.root, f"size={LARGE}")
    small.wait_for_success("a")
    assert small.supervisor() == supervisor
    codes = [one["exit_code"] for one in small.tries()]
    assert codes[-1] == 0
    assert set(codes[:-1]) == {79}
    small.assert_sound("a")


def test_a_disk_filled_by_others_loses_nothing(small: FaultWorkspace) -> None:
    """The result of the attempt has its room; a command says in one line what is wrong."""
    small.add("long", fault="gated")
    small.wait_for_steps("long train", 100)
    supervisor = small.supervisor()
    filler = fill(small.root)
    wait_for(small.attempt("long train").result.exists)
    asked = small.run("queue", "add", "a", check=False)
    assert (asked.returncode, asked.stderr.count("\n")) == (2, 1), asked.stderr
    filler.unlink()
    small.open_gate()
    small.wait_for_success("long")
    assert small.supervisor() == supervisor
    first, *others = small.tries("long train")
    assert json.loads(small.attempt("long train").result.read_bytes())["exit_code"] in (75, 79)
    began = json.loads(small.attempt("long train", 2).events.read_text().splitlines()[0])
    assert began["step"] >= 100 - 25
    assert [one["state"] for one in others][-1] == "succeeded"
    assert first["state"] in ("stopped", "interrupted")
    small.add("a")
    small.wait_for_success("a")
    small.assert_sound("a", "long")
