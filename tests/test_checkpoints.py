import shutil
from pathlib import Path

import pytest

from jobs.checkpoints import (
    checkpoint_folder,
    checkpoints,
    finished_weights,
    is_whole,
    newest_whole_checkpoint,
    prune,
    publish,
)
from jobs.durable import sha256_file
from jobs.errors import DamagedError, InputError
from jobs.events import EventWriter


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
