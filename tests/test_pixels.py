import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.data.pixels import open_pixels, read_image
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.programs.endings import StoppedError


def table_of(count: int) -> ImageTable:
    names = np.array([f"image{number}" for number in range(count)])
    paths = np.array([f"{name}.jpg" for name in names])
    targets = np.zeros((count, 1), dtype=np.bool_)
    return ImageTable("train", ("Mass",), names, names, names, names, paths, targets)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for number in range(70):
        shade = np.full((90, 120), 3 * number, dtype=np.uint8)
        Image.fromarray(shade).save(folder / f"image{number}.jpg", quality=95)
    return folder


def test_rows_are_the_images_in_order(root: Path, tmp_path: Path) -> None:
    pixels = open_pixels(tmp_path / "cache", root, table_of(70), 40)
    assert (pixels.shape, pixels.dtype) == ((70, 40, 40), np.uint8)
    assert not pixels.flags.writeable
    expected = 3.0 * np.arange(70)
    np.testing.assert_allclose(pixels.mean(axis=(1, 2)), expected, atol=1.5)
    assert [path.suffix for path in sorted((tmp_path / "cache/pixels").iterdir())] == [
        ".lock",
        ".npy",
    ]


def test_the_second_opening_decodes_nothing(root: Path, tmp_path: Path) -> None:
    first = open_pixels(tmp_path, root, table_of(3), 40)
    for image in root.iterdir():
        image.unlink()
    np.testing.assert_array_equal(open_pixels(tmp_path, root, table_of(3), 40), first)


@pytest.mark.parametrize("left", [0, 50, 500])
def test_a_truncated_file_is_built_again(root: Path, tmp_path: Path, left: int) -> None:
    before = np.array(open_pixels(tmp_path, root, table_of(3), 40))
    (path,) = (tmp_path / "pixels").glob("*.npy")
    path.write_bytes(path.read_bytes()[:left])
    np.testing.assert_array_equal(open_pixels(tmp_path, root, table_of(3), 40), before)


@pytest.mark.parametrize("damage", ["missing", "cut", "text"])
def test_an_unreadable_image_is_named(root: Path, tmp_path: Path, damage: str) -> None:
    path = root / "image1.jpg"
    content = {"cut": path.read_bytes()[:400], "text": b"no image", "missing": b""}[damage]
    path.write_bytes(content)
    if damage == "missing":
        path.unlink()
    with pytest.raises(InputError, match=r"image1\.jpg: cannot be read"):
        open_pixels(tmp_path, root, table_of(3), 40)
    assert not list((tmp_path / "pixels").glob("*.tmp"))


def test_being_stopped_leaves_nothing_half_made(root: Path, tmp_path: Path) -> None:
    asked = iter([False, False, True])

    def check() -> None:
        if next(asked):
            raise StoppedError("stopped as asked")

    with pytest.raises(StoppedError):
        open_pixels(tmp_path, root, table_of(70), 40, check)
    assert [path.suffix for path in (tmp_path / "pixels").iterdir()] == [".lock"]


def test_a_large_image_is_shrunk_without_aliasing(tmp_path: Path) -> None:
    stripes = np.zeros((1024, 1024), dtype=np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    shrunk = read_image(tmp_path / "stripes.png", 48)
    assert abs(float(shrunk.mean()) - 127.5) < 2
    assert int(np.ptp(shrunk)) < 12


def test_several_processes_share_one_build(root: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    processes = [context.Process(target=_open, args=(tmp_path, root)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]


def _open(cache: Path, root: Path) -> None:
    assert len(open_pixels(cache, root, table_of(70), 40)) == 70
