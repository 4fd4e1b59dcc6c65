"""Packs: decoding, packing in one or many threads, killed and resumed, damaged and mended."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jobs.data.pixels import chunks
from jobs.data.pixels.pack import Pack, open_pack, verify_pack
from jobs.data.pixels.packing import build_pack
from jobs.errors import DamagedError, InputError, NoRoomError
from jobs.failpoints import FAILPOINTS
from jobs.programs.endings import StoppedError
from jobs.recipe.schema import PixelSettings

COUNT = 23
SIZE = 24
CHUNK = 4
SERVER = multiprocessing.get_context("forkserver")
STRETCH = PixelSettings()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    noise = np.random.default_rng(0)
    for number in range(COUNT):
        shade = noise.normal(10 * number, 3, (60, 50)).clip(0, 255).astype(np.uint8)
        Image.fromarray(shade).save(folder / f"image{number:02}.jpg", quality=95)
    return folder


@pytest.fixture
def root(images: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copytree(images, tmp_path / "data")
    return tmp_path / "data"


def names() -> np.ndarray[Any, np.dtype[np.str_]]:
    return np.array([f"image{number:02}.jpg" for number in range(COUNT)])


def pack_of(folder: Path, root: Path, **how: Any) -> Pack:
    how = {"size": SIZE, "settings": STRETCH, "chunk": CHUNK, "threads": 2, **how}
    return build_pack(folder, root, names(), **how)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """What makes the pack, without its lock and the record of its making."""
    return {
        name: (folder / name).read_bytes() for name in ("pixels.npy", "index.parquet", "pack.json")
    }


@pytest.fixture(scope="module")
def whole(images: Path) -> Path:
    """The pack that nothing disturbed."""
    folder = images.parent / "whole"
    pack_of(folder, images, threads=1)
    return folder


def counted() -> tuple[list[tuple[int, int]], Callable[[int, int], None]]:
    told: list[tuple[int, int]] = []
    return told, lambda done, total: told.append((done, total))


def test_rows_are_the_different_paths_sorted(images: Path, tmp_path: Path) -> None:
    paths = np.concatenate([names()[::-1], names()[:5]])
    pack = build_pack(tmp_path / "pack", images, paths, SIZE, STRETCH)
    assert pack.path.tolist() == names().tolist()
    assert (pack.pixels.shape, pack.pixels.dtype) == ((COUNT, SIZE, SIZE), np.uint8)
    assert not pack.pixels.flags.writeable
    assert (pack.width.tolist(), pack.height.tolist()) == ([50] * COUNT, [60] * COUNT)
    np.testing.assert_allclose(pack.pixels.mean(axis=(1, 2)), 10 * np.arange(COUNT), atol=3)
    assert pack.rows(paths[[0, 3, 24]]).tolist() == [22, 19, 1]
    with pytest.raises(InputError, match=r"lacks 1 of 2 images, zebra\.jpg"):
        pack.rows(np.array(["image01.jpg", "zebra.jpg"]))


@pytest.mark.parametrize("threads", [2, 7])
def test_threads_do_not_change_the_bytes(
    images: Path, whole: Path, tmp_path: Path, threads: int
) -> None:
    pack_of(tmp_path / "pack", images, threads=threads)
    assert bytes_of(tmp_path / "pack") == bytes_of(whole)


def test_a_finished_pack_is_not_made_again(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "pack")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "pack").iterdir()}
    told, progress = counted()
    pack_of(tmp_path / "pack", tmp_path / "nowhere", progress=progress)
    assert told == [(COUNT, COUNT)]
    del before["lock"]
    after = {name: (tmp_path / "pack" / name).stat().st_mtime_ns for name in before}
    assert after == before


def _die(folder: Path, root: Path, failpoint: str) -> None:
    os.environ["CXRTUI_FAILPOINT"] = f"{failpoint}@{folder}"
    pack_of(folder, root)


def test_killed_between_any_two_writes_ends_with_equal_bytes(
    images: Path, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    kills = [name for name in FAILPOINTS if name.startswith("pixels.")]
    for name in kills:
        process = SERVER.Process(target=_die, args=(folder, images, name))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, name
        if name != kills[-1]:
            with pytest.raises(InputError, match="no pack is here"):
                open_pack(folder)
    told, progress = counted()
    pack_of(folder, images, progress=progress)
    assert told == [(COUNT, COUNT)]
    assert bytes_of(folder) == bytes_of(whole)


def test_being_stopped_keeps_whole_chunks(images: Path, whole: Path, tmp_path: Path) -> None:
    asked = iter(range(100))

    def check() -> None:
        if next(asked) == 11:
            raise StoppedError("stopped as asked")

    with pytest.raises(StoppedError):
        pack_of(tmp_path, images, check=check)
    told, progress = counted()
    pack_of(tmp_path, images, progress=progress)
    assert told[0] == (2 * CHUNK, COUNT)
    assert told[-1] == (COUNT, COUNT)
    assert bytes_of(tmp_path) == bytes_of(whole)


def damage(folder: Path, row: int) -> None:
    with (folder / "pixels.npy").open("r+b") as file:
        file.seek((row - COUNT) * SIZE * SIZE, os.SEEK_END)
        file.write(b"?")


def test_a_damaged_chunk_is_told_and_only_it_is_made_again(
    images: Path, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(whole, folder)
    verify_pack(folder)
    damage(folder, 9)
    open_pack(folder)
    with pytest.raises(DamagedError, match=r"chunk 2 \(images 8 to 11\)"):
        verify_pack(folder)
    told, progress = counted()
    pack_of(folder, images, progress=progress)
    assert told[0] == (COUNT - CHUNK, COUNT)
    assert bytes_of(folder) == bytes_of(whole)


@pytest.mark.parametrize("name", ["pixels.npy", "index.parquet", "pack.json"])
@pytest.mark.parametrize("how", ["missing", "shorter", "longer"])
def test_files_that_are_not_as_they_were_written_are_told_and_mended(
    images: Path, whole: Path, tmp_path: Path, name: str, how: str
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(whole, folder)
    content = (folder / name).read_bytes()
    if how == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content[:-9] if how == "shorter" else content + b"\n ? ")
    with pytest.raises((DamagedError, InputError)):
        open_pack(folder)
    pack_of(folder, images)
    assert bytes_of(folder) == bytes_of(whole)


def test_a_changed_manifest_is_damage(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "pack")
    path = tmp_path / "pack/pack.json"
    path.write_text(path.read_text().replace('"resize": "stretch"', '"resize": "pad"'))
    with pytest.raises(DamagedError, match="not as it was written"):
        open_pack(tmp_path / "pack")


def test_other_images_or_settings_start_anew(images: Path, tmp_path: Path) -> None:
    pack_of(tmp_path, images)
    told, progress = counted()
    padded = pack_of(tmp_path, images, settings=PixelSettings(resize="pad"), progress=progress)
    assert told[0] == (0, COUNT)
    assert padded.manifest.pixels.resize == "pad"
    assert padded.pixels[20, 12, 0] < 10 < padded.pixels[20, 12, 12]


def test_unreadable_images_are_listed_and_only_they_are_decoded_again(
    root: Path, images: Path, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pack"
    (root / "image03.jpg").unlink()
    (root / "image09.jpg").write_bytes(b"")
    (root / "image10.jpg").write_bytes((images / "image10.jpg").read_bytes()[:500])
    (root / "image22.jpg").write_bytes(b"no image")
    pack = pack_of(folder, root)
    assert np.flatnonzero(pack.is_lacking).tolist() == [3, 9, 10, 22]
    assert not pack.pixels[3].any()
    assert pack.rows(names()[[2, 4]]).tolist() == [2, 4]
    with pytest.raises(
        InputError, match=r"image03\.jpg: cannot be read, as 4 of 23 images; .*retry"
    ):
        pack.rows(names())
    lines = [line.split("\t") for line in (folder / "unreadable.txt").read_text().splitlines()]
    assert [path for path, _ in lines] == [f"image{number:02}.jpg" for number in (3, 9, 10, 22)]
    assert [reason.partition(":")[0] for _, reason in lines] == [
        "missing",
        "empty",
        "truncated",
        "unreadable",
    ]
    shutil.copytree(images, root, dirs_exist_ok=True)
    told, progress = counted()
    pack_of(folder, root, progress=progress)
    assert told == [(done, COUNT) for done in range(19, 24)]
    assert not (folder / "unreadable.txt").exists()
    assert bytes_of(folder) == bytes_of(whole)


def test_a_smaller_pack_lacks_what_its_master_lacks(root: Path, tmp_path: Path) -> None:
    (root / "image05.jpg").unlink()
    pack_of(tmp_path / "large", root, size=48)
    small = pack_of(tmp_path / "small", root, master=tmp_path / "large")
    assert np.flatnonzero(small.is_lacking).tolist() == [5]
    listed = (tmp_path / "small/unreadable.txt").read_text()
    assert listed == "image05.jpg\tunreadable: nor at 48 px\n"


def test_a_wrong_data_folder_is_no_pack_of_black_images(root: Path, tmp_path: Path) -> None:
    for number in range(12):
        (root / f"image{number:02}.jpg").unlink()
    with pytest.raises(InputError, match=r"unreadable\.txt: lists 12 of 23 .*right data folder"):
        pack_of(tmp_path / "pack", root)
    with pytest.raises(InputError, match="no pack is here"):
        open_pack(tmp_path / "pack")


def test_smaller_packs_come_from_a_master(images: Path, tmp_path: Path) -> None:
    master = pack_of(tmp_path / "large", images, size=48)
    settings = PixelSettings(master=48)
    small = pack_of(
        tmp_path / "small", tmp_path / "nowhere", settings=settings, master=tmp_path / "large"
    )
    assert small.height.tolist() == master.height.tolist()
    direct = pack_of(tmp_path / "direct", images)
    apart = np.abs(small.pixels.astype(int) - direct.pixels)
    assert float(apart.mean()) < 1
    for size, policy, problem in ((48, "stretch", "no master"), (24, "pad", "resized by")):
        with pytest.raises(InputError, match=problem):
            pack_of(
                tmp_path / "no",
                images,
                size=size,
                settings=PixelSettings(resize=policy),
                master=tmp_path / "large",
            )


def test_a_disk_without_room_is_told_before_anything_is_written(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(chunks.shutil, "disk_usage", lambda path: usage._replace(free=9000))
    with pytest.raises(NoRoomError, match=r"23 images of 24 px take .* free some space"):
        pack_of(tmp_path / "pack", images)
    assert [path.name for path in (tmp_path / "pack").iterdir()] == ["lock"]


def _pack(folder: Path, root: Path) -> None:
    assert len(pack_of(folder, root).path) == COUNT


def test_several_processes_share_one_packing(images: Path, whole: Path, tmp_path: Path) -> None:
    processes = [SERVER.Process(target=_pack, args=(tmp_path, images)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert bytes_of(tmp_path) == bytes_of(whole)
