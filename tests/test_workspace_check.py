"""Whatever is damaged is found by the check that is there for it, with what to do."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from finished_workspace import changed_rows, copy_of, invoke, make_finished

from jobs.durable import write_json
from jobs.errors import InputError
from jobs.locks import try_lock
from jobs.paths import WorkspacePaths
from jobs.processes import boot_id, host_name
from jobs.room.check import check_workspace
from jobs.room.facts import Check


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory, data_folder: Path, tmp_path: Path) -> Path:
    return copy_of(make_finished(tmp_path_factory.getbasetemp(), data_folder), tmp_path)


def checks(root: Path, *, packs: bool = False) -> dict[str, Check]:
    return {one.name: one for one in check_workspace(root, packs=packs)}


def faulty(found: dict[str, Check]) -> set[str]:
    return {name for name, one in found.items() if one.faults}


def one(root: Path, pattern: str) -> Path:
    return sorted(root.glob(pattern))[0]


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def flip(path: Path) -> None:
    """Change the last byte."""
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def tear(path: Path) -> None:
    """Overwrite the second half of the pages."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * (size // 2))


def sql(statement: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with changed_rows(root) as connection:
            connection.execute(statement)

    return change


def forget_last_event(root: Path) -> None:
    path = one(root, "runs/chain/b-*/train/attempt-1/events.jsonl")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def lose_journal_lines(root: Path) -> None:
    path = root / "journal.jsonl"
    path.write_text(path.read_text().splitlines(keepends=True)[0])


def add_stranger(root: Path) -> None:
    attempt = root / "runs/other/m-12345678/train/attempt-1"
    attempt.mkdir(parents=True)
    write_json(attempt / "attempt.json", {})


@dataclass(frozen=True)
class Damage:
    """What is done to a workspace, which checks find it, and words of what they say."""

    name: str
    do: Callable[[Path], object]
    found_by: set[str]
    says: str
    remedy: str


RETRY = "cxrtui queue retry"
REBUILD = "cxrtui workspace rebuild"
DAMAGES = [
    Damage("pages", lambda root: tear(root / "cxrtui.sqlite3"), {"database"}, "", REBUILD),
    Damage(
        "no-database",
        lambda root: (root / "cxrtui.sqlite3").unlink(),
        {"database"},
        "there is none",
        REBUILD,
    ),
    Damage("schema", sql("PRAGMA user_version = 1"), {"database"}, "its schema is 1", REBUILD),
    Damage(
        "reference",
        sql("UPDATE attempt SET job_id = 99 WHERE id = 1"),
        {"database"},
        "attempt: row 1 refers to no job",
        REBUILD,
    ),
    Damage(
        "journal-line",
        lambda root: append(root / "journal.jsonl", "no entry\n"),
        {"journal"},
        "this line is not an entry",
        "mend or remove",
    ),
    Damage(
        "journal-kind",
        lambda root: append(root / "journal.jsonl", '{"kind": "dance"}\n'),
        {"journal"},
        "unknown kind 'dance'",
        "newer",
    ),
    Damage(
        "journal-shorter", lose_journal_lines, {"journal in the database"}, "is shorter", "backup"
    ),
    Damage(
        "offset",
        sql('UPDATE journal_state SET "offset" = "offset" - 3'),
        {"journal in the database"},
        "not the end of a line",
        "backup",
    ),
    Damage(
        "job.json",
        lambda root: flip(one(root, "runs/chain/a-*/train/job.json")),
        {"jobs"},
        "job.json: is not what was queued",
        REBUILD,
    ),
    Damage(
        "no-job.json",
        lambda root: one(root, "runs/chain/a-*/predict-*/job.json").unlink(),
        {"jobs"},
        "is missing",
        REBUILD,
    ),
    Damage(
        "attempt-gone",
        lambda root: shutil.rmtree(one(root, "runs/chain/c-*/predict-*/attempt-1")),
        {"folders", "artifacts", "prediction sets", "rebuild"},
        "attempt-1: is gone",
        f"{RETRY} c.predict",
    ),
    Damage("stranger", add_stranger, {"folders"}, "the journal knows of no such job", "move it"),
    Damage(
        "weights",
        lambda root: flip(one(root, "runs/chain/b-*/train/attempt-1/weights.bin")),
        {"artifacts", "rebuild"},
        "weights.bin: is not as it was written",
        f"{RETRY} b.train",
    ),
    Damage(
        "not-finished",
        forget_last_event,
        {"artifacts", "rebuild"},
        "does not end with `finished`",
        f"{RETRY} b.train",
    ),
    Damage(
        "predictions",
        lambda root: flip(one(root, "runs/chain/a-*/predict-*/attempt-1/predictions/dev.parquet")),
        {"artifacts", "prediction sets", "rebuild"},
        "dev.parquet: is not as it was written",
        f"{RETRY} a.predict",
    ),
    Damage(
        "prediction-row",
        sql("UPDATE prediction_set SET sha256 = 'f' WHERE split = 'test'"),
        {"prediction sets", "rebuild"},
        "test.parquet: is not as it was written",
        RETRY,
    ),
    Damage(
        "targets",
        lambda root: one(root, "cache/targets/*.parquet").unlink(),
        {"targets and image lists"},
        "no such file",
        "cxrtui run-all",
    ),
    Damage(
        "pack",
        lambda root: append(one(root, "cache/pixels/*/pixels.npy"), "x"),
        {"packs"},
        "not as it was written",
        "cxrtui data pack",
    ),
    Damage(
        "point",
        sql("UPDATE point SET value = value + 1 WHERE name = 'map'"),
        {"rebuild"},
        "table point: 12 rows differ",
        REBUILD,
    ),
    Damage(
        "state",
        sql("UPDATE job SET state = 'failed' WHERE model = 'a' AND kind = 'train'"),
        {"rebuild"},
        "table job: 2 rows differ",
        REBUILD,
    ),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damage_is_found_and_nothing_else(root: Path, damage: Damage) -> None:
    damage.do(root)
    found = checks(root)
    assert faulty(found) == damage.found_by
    faults = [fault for name in damage.found_by for fault in found[name].faults]
    assert any(damage.says in fault.what and damage.remedy in fault.remedy for fault in faults)


def test_a_pixel_is_found_only_by_reading_every_pixel(root: Path) -> None:
    flip(one(root, "cache/pixels/*/pixels.npy"))
    assert faulty(checks(root)) == set()
    assert faulty(checks(root, packs=True)) == {"packs"}


def test_a_whole_workspace_has_a_line_for_everything_and_stays_as_it_is(root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    done = invoke(root, "workspace", "check", "--packs")
    assert done.exit_code == 0, done.stdout
    assert [line[:1] for line in done.stdout.splitlines()] == ["✓"] * 12
    assert "7 of 7 jobs" in done.stdout.splitlines()[-1]
    sides = ("cxrtui.sqlite3-wal", "cxrtui.sqlite3-shm", "supervisor.lock")
    after = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    assert {path for path in after.items() ^ before.items() if path[0].name not in sides} == set()


def test_a_fault_is_shown_with_its_remedy_and_exit_code_1(root: Path) -> None:
    flip(one(root, "runs/chain/a-*/train/attempt-1/weights.bin"))
    done = invoke(root, "workspace", "check")
    assert done.exit_code == 1
    assert "✗ artifacts" in done.stdout
    assert "cxrtui queue retry a.train" in done.stdout
    told = json.loads(invoke(root, "workspace", "check", "--json").stdout)
    assert not told["whole"]
    assert [one["name"] for one in told["checks"] if one["faults"]] == ["artifacts", "rebuild"]


def test_what_the_next_supervisor_sees_to_is_no_damage(root: Path) -> None:
    with changed_rows(root) as connection:
        update = "UPDATE attempt SET state = 'running', ended = NULL WHERE job_id = 2"
        connection.execute(update)
        connection.execute("UPDATE job SET state = 'running' WHERE id = 2")
    begun = one(root, "runs/chain/c-*/train") / "attempt-2"
    begun.mkdir()
    write_json(begun / "attempt.json", {"host": host_name(), "boot": boot_id()})
    append(root / "journal.jsonl", '{"kind": "req')
    found = checks(root)
    assert faulty(found) == set()
    assert [note.partition(": ")[2] for note in found["attempts"].notes] == [
        "has ended; the next supervisor takes it in",
        "has no row yet; the next supervisor makes it",
    ]
    assert "torn last line" in found["journal"].notes[0]
    assert found["rebuild"].looked_at == "5 of 7 jobs"
    assert not (begun / "verdict.json").exists()


def test_while_a_supervisor_runs_nothing_is_rebuilt(root: Path) -> None:
    lock = try_lock(WorkspacePaths(root).supervisor_lock)
    assert lock is not None
    with changed_rows(root) as connection:
        connection.execute("UPDATE point SET value = 0")
    found = checks(root)
    os.close(lock)
    assert faulty(found) == set()
    assert "while a supervisor runs" in found["rebuild"].looked_at


def test_where_there_is_no_workspace_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no workspace here"):
        list(check_workspace(tmp_path))
