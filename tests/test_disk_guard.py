"""How much room the queue wants on the disk."""

from pathlib import Path

from jobs.queue.disk_guard import DiskRoom, checkpoint_bytes, look_for_room

GIB = 2**30


def attempt(folder: Path, **checkpoints: int) -> Path:
    for name, size in checkpoints.items():
        place = folder / "checkpoints" / name.replace("_", "-")
        place.mkdir(parents=True)
        (place / "model").write_bytes(b"x" * size)
        (place / "manifest.json").write_bytes(b"{}")
    return folder


def test_the_largest_checkpoint_of_each_attempt_counts(tmp_path: Path) -> None:
    one = attempt(tmp_path / "1", step_1=100, step_20=300)
    none = tmp_path / "2"
    assert (checkpoint_bytes(one), checkpoint_bytes(none)) == (302, 0)
    found = look_for_room(tmp_path, 1.0, [one, one, none], waits=False)
    assert found.wanted == GIB + 604
    assert found.free > 0


def test_a_queue_that_waits_wants_somewhat_more(tmp_path: Path) -> None:
    assert look_for_room(tmp_path, 1.0, [], waits=True).wanted == round(1.1 * GIB)


def test_short_and_dangerous() -> None:
    told = [
        (room.is_short, room.is_dangerous)
        for room in (DiskRoom(10, 8), DiskRoom(7, 8), DiskRoom(3, 8))
    ]
    assert told == [(False, False), (True, False), (True, True)]
    assert str(DiskRoom(GIB, 2 * GIB)) == "1.0 GiB are free, 2.0 GiB are wanted"
