import os
import random
import shutil
from itertools import count
from pathlib import Path

import pytest

from jobs import checkpoints as module
from jobs.checkpoints import (
    MANIFEST,
    checkpoint_folder,
    checkpoints,
    finished_weights,
    is_whole,
    newest_whole_checkpoint,
    number_of,
    outdated,
    prune,
    prune_earlier,
    prune_finished,
    publish,
    superfluous,
)
from jobs.durable import sha256_file
from jobs.errors import DamagedError, InputError
from jobs.events import EventWriter
from jobs.locks import try_lock


def make(job: Path, attempt: int, step: int, published: bool = True) -> Path:
    folder = checkpoint_folder(job / f"attempt-{attempt}", step)
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"model" * step)
    (folder / "state.json").write_text("{}")
    if published:
        publish(folder, step)
    return folder


def finish(job: Path, attempt: int, content: bytes) -> Path:
    folder = job / f"attempt-{attempt}"
    folder.mkdir(exist_ok=True)
    path = folder / "weights.safetensors"
    path.write_bytes(content)
    entry = {"path": path.name, "sha256": sha256_file(path), "bytes": len(content)}
    events = EventWriter(folder / "events.jsonl")
    events.write("finished", artifacts=[entry], weights=path.name)
    events.close()
    return path


def test_only_a_manifest_makes_a_checkpoint_exist(tmp_path: Path) -> None:
    assert newest_whole_checkpoint(tmp_path) is None
    make(tmp_path, 1, 20, published=False)
    assert checkpoints(tmp_path) == []
    folder = make(tmp_path, 1, 10)
    assert is_whole(folder)
    assert checkpoints(tmp_path) == [folder]


def test_order_is_by_step_then_attempt(tmp_path: Path) -> None:
    late = make(tmp_path, 2, 10)
    early, newest, first = make(tmp_path, 10, 9), make(tmp_path, 10, 10), make(tmp_path, 1, 10)
    assert checkpoints(tmp_path) == [early, first, late, newest]
    assert newest_whole_checkpoint(tmp_path) == newest


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "manifest"])
def test_a_damaged_one_is_passed_over(tmp_path: Path, damage: str) -> None:
    older, newer = make(tmp_path, 1, 10), make(tmp_path, 1, 20)
    model = newer / "model.safetensors"
    content = model.read_bytes()
    if damage == "flip":
        model.write_bytes(content[:-1] + b"!")
    elif damage == "cut":
        model.write_bytes(content[:-1])
    elif damage == "remove":
        model.unlink()
    else:
        (newer / "manifest.json").write_text('{"step": 20, "files": ')
    assert not is_whole(newer)
    assert newest_whole_checkpoint(tmp_path) == older


def test_prune_keeps_the_newest_of_its_own_attempt(tmp_path: Path) -> None:
    other = make(tmp_path, 1, 1)
    made = [make(tmp_path, 2, step) for step in (9, 10, 11, 100)]
    prune(tmp_path / "attempt-2")
    assert checkpoints(tmp_path) == [other, made[2], made[3]]
    assert not made[0].exists()


def test_prune_removes_the_manifest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make(tmp_path, 1, step) for step in (1, 2, 3)]

    def die(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", die)
    with pytest.raises(KeyboardInterrupt):
        prune(tmp_path / "attempt-1")
    assert checkpoints(tmp_path) == made[1:]


def test_finished_weights_are_the_newest_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no attempt has finished"):
        finished_weights(tmp_path)
    older = finish(tmp_path, 2, b"older")
    newer = finish(tmp_path, 10, b"newer")
    make(tmp_path, 11, 5)
    assert finished_weights(tmp_path) == newer
    newer.write_bytes(b"never")
    assert finished_weights(tmp_path) == older
    older.unlink()
    with pytest.raises(DamagedError, match="attempt-10"):
        finished_weights(tmp_path)


def damage(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"not what was written")


def test_a_new_attempts_checkpoint_replaces_those_of_earlier_ones(tmp_path: Path) -> None:
    make(tmp_path, 1, 10)
    make(tmp_path, 1, 20)
    half = make(tmp_path, 1, 30, published=False)
    (tmp_path / "attempt-2").mkdir()
    prune_earlier(tmp_path / "attempt-2")
    assert len(checkpoints(tmp_path)) == 2
    own = make(tmp_path, 2, 21)
    prune_earlier(tmp_path / "attempt-2")
    assert checkpoints(tmp_path) == [own]
    assert not half.exists()


def test_a_whole_one_of_a_later_step_stays(tmp_path: Path) -> None:
    earlier, own = make(tmp_path, 1, 20), make(tmp_path, 2, 11)
    prune_earlier(tmp_path / "attempt-2")
    assert checkpoints(tmp_path) == [own, earlier]
    damage(earlier)
    prune_earlier(tmp_path / "attempt-2")
    assert checkpoints(tmp_path) == [own]


def test_an_attempt_that_runs_keeps_its_own(tmp_path: Path) -> None:
    running, _ = make(tmp_path, 1, 10), make(tmp_path, 2, 20)
    lock = try_lock(tmp_path / "attempt-1" / "lock")
    assert lock is not None
    prune_earlier(tmp_path / "attempt-2")
    prune_finished(tmp_path / "attempt-2", 1)
    os.close(lock)
    assert running.exists()


@pytest.mark.parametrize(("keep", "left"), [(0, [30]), (1, [30]), (2, [20, 30]), (9, [10, 20, 30])])
def test_a_finished_job_keeps_the_newest_whole_ones(
    tmp_path: Path, keep: int, left: list[int]
) -> None:
    made = [make(tmp_path, 1, 10), make(tmp_path, 1, 20), make(tmp_path, 2, 30)]
    damage(make(tmp_path, 2, 40))
    make(tmp_path, 2, 50, published=False)
    prune_finished(tmp_path / "attempt-2", keep)
    assert checkpoints(tmp_path) == [path for path in made if number_of(path) in left]
    assert set(superfluous(tmp_path, 0)) == set(checkpoints(tmp_path))


def test_an_unfinished_job_may_lose_only_what_is_older_than_a_whole_one(tmp_path: Path) -> None:
    old = make(tmp_path, 1, 10)
    newer, newest = make(tmp_path, 2, 20), make(tmp_path, 3, 30)
    assert outdated(tmp_path) == [old, newer]
    damage(newest)
    assert outdated(tmp_path) == [old]
    damage(newer)
    damage(old)
    assert outdated(tmp_path) == []


class Died(BaseException):
    """Stands for SIGKILL: nothing of the program runs behind it."""


@pytest.mark.parametrize("seed", range(60))
def test_killed_anywhere_the_newest_whole_one_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Attempts that publish, tidy up and die at random, and a disk that damages now and then."""
    rng = random.Random(seed)

    def may_die(_name: str = "") -> None:
        if rng.random() < 0.3:
            raise Died

    def remove_half(folder: Path) -> None:
        for path in sorted(folder.iterdir()):
            may_die()
            path.unlink()
        folder.rmdir()

    monkeypatch.setattr(module, "failpoint", may_die)
    monkeypatch.setattr(shutil, "rmtree", remove_half)
    for attempt in range(1, 7):
        source = newest_whole_checkpoint(tmp_path)
        done = 0 if source is None else number_of(source)
        try:
            for step in count(done + 1):
                best = work(tmp_path, attempt, step, may_die)
                assert newest_whole_checkpoint(tmp_path) == best
                may_die()
        except Died:
            whole = newest_whole_checkpoint(tmp_path)
            assert done <= (0 if whole is None else number_of(whole))
        if whole is not None and rng.random() < 0.3 and len(checkpoints(tmp_path)) > 1:
            damage(whole)
    newest = newest_whole_checkpoint(tmp_path)
    if newest is not None:
        last = newest.parent.parent
        monkeypatch.undo()
        prune_finished(last, 1)
        assert [path for path in tmp_path.glob("*/checkpoints/*") if path.exists()] == [newest]


def work(job: Path, attempt: int, step: int, may_die: object) -> Path:
    """What a train program does between two steps; the checkpoint that it has published."""
    assert callable(may_die)
    folder = checkpoint_folder(job / f"attempt-{attempt}", step)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(b"model" * step)
    may_die()
    publish(folder, step)
    assert (folder / MANIFEST).exists()
    may_die()
    prune(job / f"attempt-{attempt}")
    prune_earlier(job / f"attempt-{attempt}")
    return folder
