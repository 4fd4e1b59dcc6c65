"""What takes room goes, what something needs stays, and a crash on the way leaves nothing half."""

import json
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from finished_workspace import (
    changed_rows,
    command,
    copy_of,
    folders,
    invoke,
    make_changed,
    make_finished,
    result_table,
)

from db.journal_state import applied_offset
from jobs.checkpoints import checkpoints
from jobs.durable import write_json
from jobs.errors import InputError
from jobs.locks import try_lock
from jobs.paths import WorkspacePaths
from jobs.queue.journal import record
from jobs.room.check import check_workspace
from jobs.room.found import Item, Room
from jobs.room.gc import remove
from jobs.workspace import Workspace, open_workspace


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Path:
    return make_finished(tmp_path_factory.getbasetemp(), data_folder)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, finished: Path, data_folder: Path) -> Path:
    return make_changed(tmp_path_factory.getbasetemp(), finished, data_folder)


@pytest.fixture
def root(changed: Path, tmp_path: Path) -> Path:
    return copy_of(changed, tmp_path)


def found(root: Path, **options: bool) -> tuple[Workspace, Room, list[Item]]:
    opened = open_workspace(root)
    room = Room(opened.paths, **options)
    with opened.database.read() as connection:
        return opened, room, room.find(connection)


def collect(root: Path, **options: bool) -> list[Item]:
    return remove(*found(root, **options))


def names(items: Iterable[Item]) -> set[str]:
    return {item.what for item in items}


def old_jobs(root: Path) -> set[str]:
    """Folders of train and predict jobs that the first journal entry queued."""
    lines = map(json.loads, (root / "journal.jsonl").read_text().splitlines())
    queued = next(entry["jobs"] for entry in lines if entry["kind"] == "add")
    return {job["folder"] for job in queued if job["kind"] != "pack"}


def ask(opened: Workspace, verb: str, keys: list[str]) -> None:
    record(opened, {"kind": "request", "verb": verb, "keys": keys, "value": None})


def key_of(root: Path, folder: str) -> str:
    return str(json.loads((root / folder / "job.json").read_text())["key"])


def assert_whole(root: Path) -> None:
    checks = list(check_workspace(root))
    assert [fault for check in checks for fault in check.faults] == []
    assert checks[-1].looked_at.endswith("jobs")  # a rebuild was compared


def test_only_spare_checkpoints_go_and_nothing_runs_again(finished: Path, tmp_path: Path) -> None:
    root = copy_of(finished, tmp_path)
    table = result_table(root)
    preview = invoke(root, "workspace", "gc")
    assert "checkpoints" in preview.stdout
    assert "with --yes it is removed" in preview.stdout
    trains = sorted(root.glob("runs/*/*/train"))
    assert [len(checkpoints(one)) for one in trains] == [2, 2, 2]
    told = json.loads(invoke(root, "workspace", "gc", "--yes", "--json").stdout)
    assert {item["what"] for item in told["items"]} == {"checkpoints"}
    assert [[path.name for path in checkpoints(one)] for one in trains] == [["step-12"]] * 3
    plan = json.loads(invoke(root, "run-all", "--dry-run", "--json").stdout)
    assert not any(line["runs"] for line in plan)
    assert result_table(root) == table
    assert_whole(root)
    assert collect(root) == []


def test_superseded_jobs_are_forgotten_and_can_be_queued_again(root: Path) -> None:
    table, old, before = result_table(root), old_jobs(root), folders(root)
    assert names(collect(root)) == {"checkpoints"}
    taken = collect(root, with_superseded=True)
    assert {str(item.path.relative_to(root)) for item in taken} == old
    assert folders(root) == before - old
    assert result_table(root) == table
    assert_whole(root)
    opened = open_workspace(root)
    add = json.loads((root / "journal.jsonl").read_text().splitlines()[1])
    record(opened, {"kind": "add", "jobs": add["jobs"], "priority": 0})
    assert folders(root) == before
    with changed_rows(root) as connection:
        states = dict(connection.execute("SELECT folder, state FROM job"))
    assert {states[folder] for folder in old} == {"queued"}
    assert_whole(root)
    assert "superseded train jobs" not in names(found(root, with_superseded=True)[2])


@pytest.mark.parametrize("place", ["room.forgotten", "room.put-aside"])
def test_killed_on_the_way_the_next_one_takes_the_rest(
    root: Path, tmp_path: Path, place: str
) -> None:
    keep = folders(root) - old_jobs(root)
    gc = ("workspace", "gc", "--superseded", "--yes")
    killed = command(root, *gc, CXRTUI_FAILPOINT=f"{place}@{tmp_path}")
    assert killed.returncode == -signal.SIGKILL
    assert_whole(root)
    left = {"room.forgotten": "folders of forgotten jobs", "room.put-aside": "temporary files"}
    assert left[place] in names(found(root)[2])
    collect(root)
    assert folders(root) == keep
    assert not list(root.rglob(".gone-*"))
    assert_whole(root)


def test_what_was_asked_for_meanwhile_stays(root: Path) -> None:
    """A retry of one superseded job keeps that, its parents and its pack, to the last moment."""
    old = old_jobs(root)
    asked = next(folder for folder in old if "/b-" in folder and folder.endswith("train"))
    parent = next(folder for folder in old if "/a-" in folder and folder.endswith("train"))
    opened, room, items = found(root, with_superseded=True, with_packs=True)
    assert {"superseded train jobs", "packs"} <= names(items)
    ask(opened, "retry", [key_of(root, asked)])
    taken = remove(opened, room, items)
    assert {asked, parent} <= folders(root)
    assert {str(item.path.relative_to(root)) for item in taken} & old == old - {asked, parent}
    assert "packs" not in names(taken)
    assert_whole(root)


def test_a_forgetting_that_was_decided_too_early_spares_what_was_asked_since(root: Path) -> None:
    """Also when the journal is applied again by a rebuild: it goes by the journal alone."""
    opened = open_workspace(root)
    asked, other = sorted(folder for folder in old_jobs(root) if "predict" in folder)[:2]
    with opened.database.read() as connection:
        seen = applied_offset(connection)
    ask(opened, "retry", [key_of(root, asked)])
    needed = next(folder for folder in folders(root) - old_jobs(root) if "predict" in folder)
    keys = [key_of(root, folder) for folder in (asked, other, needed)]
    record(opened, {"kind": "forget", "keys": keys, "seen": seen})
    with changed_rows(root) as connection:
        left = {folder for (folder,) in connection.execute("SELECT folder FROM job")}
    assert folders(root) - left == {other}
    assert_whole(root)


def test_jobs_that_have_not_ended_and_attempts_that_run_lose_nothing(root: Path) -> None:
    trains = sorted(folder for folder in folders(root) if folder.endswith("train"))
    opened = open_workspace(root)
    for folder, verb in zip(trains[:3], ("retry", "hold", "pause"), strict=True):
        keys = [key_of(root, folder)]
        ask(opened, "retry", keys)
        ask(opened, verb, keys)
    lock = try_lock(root / trains[3] / "attempt-1" / "lock")
    assert lock is not None
    taken = collect(root, with_superseded=True)
    os.close(lock)
    assert {str(item.path.relative_to(root)).split("/attempt")[0] for item in taken} & set(
        trains[:4]
    ) == set()
    assert all(len(checkpoints(root / folder)) == 2 for folder in trains[:4])


def test_a_saved_ensemble_keeps_the_results_of_a_model_that_its_recipe_has_lost(
    root: Path,
) -> None:
    entry: dict[str, Any] = {"kind": "ensemble", "recipe": "chain", "name": "mine"}
    entry |= {"view_rule": "none", "frontal_weight": 0.7, "members": {"gone": 1.0}}
    opened = open_workspace(root)
    record(opened, entry)
    old = next(folder for folder in old_jobs(root) if "/c-" in folder and "predict" in folder)
    with changed_rows(root) as connection:
        connection.execute("UPDATE job SET model = 'gone' WHERE folder = ?", (old,))
    _, _, items = found(root, with_superseded=True)
    taken = {str(item.path.relative_to(root)) for item in items if item.key}
    assert {folder.split("/")[2][0] for folder in old_jobs(root) - taken} == {"a", "b", "c"}
    assert old not in taken


def test_files_that_nobody_refers_to_go_when_they_are_old_enough(root: Path) -> None:
    targets, images = root / "cache/targets", root / "cache/images"
    job = root / next(folder for folder in folders(root) if folder.endswith("train"))
    dead, alive = 2**22 + 1, os.getpid()
    planted = [
        targets / "0123456789abcdef.parquet",
        images / "0123456789abcdef.txt",
        root / f".workspace.toml.{dead}.tmp",
        job / f"attempt-1/.weights.bin.{dead}.tmp",
        root / "cxrtui.rebuilt-wal",
        root / ".gone-1-0",
        root / f".check-{dead}-x",
    ]
    kept = [
        root / f".journal.{alive}.tmp",
        root / "cxrtui.sqlite3.20260102-000000",
        root / "cxrtui.sqlite3.mine",
        job / "attempt-1/code.diff",
    ]
    planted += [root / f"cxrtui.sqlite3.20260101-000000{end}" for end in ("", "-wal")]
    for path in (*planted, *kept):
        path.write_text("x")
    (root / "runs/chain/d-12345678/train").mkdir(parents=True)
    collect(root)
    assert all(path.exists() for path in planted[:5])
    for path in (*planted, *kept, root / "runs/chain/d-12345678/train"):
        if path.exists():
            os.utime(path, (time.time() - 7200,) * 2)
    collect(root)
    assert [path for path in planted if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert not (root / "runs/chain/d-12345678").exists()
    assert_whole(root)


def test_packs_go_only_when_asked_and_not_while_a_job_may_need_them(root: Path) -> None:
    (pack,) = root.glob("cache/pixels/*")
    assert "packs" not in names(found(root)[2])
    with changed_rows(root) as connection:
        connection.execute("UPDATE job SET state = 'failed' WHERE model = 'c' AND kind = 'train'")
    assert "packs" not in names(found(root, with_packs=True)[2])
    with changed_rows(root) as connection:
        connection.execute("UPDATE job SET state = 'succeeded'")
    lock = try_lock(pack / "lock")
    assert lock is not None
    assert "packs" not in names(found(root, with_packs=True)[2])
    os.close(lock)
    assert "packs" in names(collect(root, with_packs=True))
    assert not pack.exists()
    plan = json.loads(invoke(root, "run-all", "--dry-run", "--json").stdout)
    assert not any(line["runs"] for line in plan)


def test_a_model_without_its_weights_keeps_what_it_would_go_on_from(root: Path) -> None:
    for weights in root.glob("runs/*/*/train/attempt-1/weights.bin"):
        weights.unlink()
    assert "checkpoints" not in names(collect(root))


def test_none_is_kept_where_the_recipe_says_so(root: Path) -> None:
    folder = next(folder for folder in folders(root) if folder.endswith("train"))
    with changed_rows(root) as connection:
        query = "UPDATE job SET spec = json_set(spec, '$.run.keep_checkpoints', 0) WHERE folder = ?"
        connection.execute(query, (folder,))
    collect(root)
    assert checkpoints(root / folder) == []


def test_only_one_removes_at_a_time(root: Path) -> None:
    lock = try_lock(root / "gc.lock")
    assert lock is not None
    with pytest.raises(InputError, match="another `workspace gc`"):
        collect(root)
    os.close(lock)


def test_a_folder_that_the_journal_never_forgot_is_not_taken(root: Path) -> None:
    """Say, the journal was lost: what has been trained must not go with it."""
    stranger = root / "runs/other/m-12345678/train"
    stranger.mkdir(parents=True)
    write_json(stranger / "job.json", {"key": "k"})
    os.utime(stranger, (time.time() - 7200,) * 2)
    WorkspacePaths(root).journal.rename(root / "lost.jsonl")
    collect(root, with_superseded=False)
    assert stranger.exists()
