"""Batches gathered ahead: the right images in the right order, errors told, threads ended."""

import threading
from pathlib import Path

import numpy as np
import pytest

from jobs.data.pixels.pack import Manifest, Pack
from jobs.data.table import ImageTable
from jobs.programs.attempt import SplitData
from jobs.recipe.schema import PixelSettings

torch = pytest.importorskip("torch")


@pytest.fixture
def data() -> SplitData:
    """Five rows of a pack of nine images, each of one shade."""
    path = np.array([f"{number}.jpg" for number in range(9)])
    pixels = np.repeat(np.arange(9, dtype=np.uint8), 16).reshape(9, 4, 4)
    side = np.full(9, 100, dtype=np.int32)
    manifest = Manifest(size=4, pixels=PixelSettings(), count=9, chunk=9, checksums=(), index="")
    pack = Pack(Path("pack"), 4, path, pixels, side, side, manifest)
    chosen = path[[7, 2, 5, 0, 8]]
    targets = np.zeros((5, 1), dtype=np.bool_)
    table = ImageTable("train", ("Mass",), *[chosen] * 5, targets)
    return SplitData(table, pack, pack.rows(chosen))


def loader_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("loader")]


def test_every_batch_in_order(data: SplitData) -> None:
    from jobs.programs.loader import load_batches, to_floats

    batches = [np.array(rows) for rows in ([4, 0], [1, 1, 3], [2], [0], [3, 4])]
    loaded = [batch.clone() for batch in load_batches(data, batches, torch.device("cpu"))]
    assert [batch[:, 0, 0].tolist() for batch in loaded] == [[8, 7], [2, 2, 0], [5], [7], [0, 8]]
    assert all(batch.shape[1:] == (4, 4) and batch.dtype == torch.uint8 for batch in loaded)
    assert to_floats(loaded[2]).tolist() == [[[[pytest.approx(5 / 255)] * 4] * 4]]
    assert not loader_threads()


def test_a_batch_is_good_until_the_next_is_asked_for(data: SplitData) -> None:
    from jobs.programs.loader import load_batches

    batches = [np.array([number % 5, (number + 1) % 5]) for number in range(40)]
    for rows, batch in zip(batches, load_batches(data, batches, torch.device("cpu")), strict=True):
        assert batch[:, 0, 0].tolist() == data.rows[rows].tolist()


def test_what_goes_wrong_in_the_thread_is_raised(data: SplitData) -> None:
    from jobs.programs.loader import load_batches

    batches = [np.array([0]), np.array([99])]
    loaded = load_batches(data, batches, torch.device("cpu"))
    with pytest.raises(IndexError):
        list(loaded)
    assert not loader_threads()


def test_closing_ends_the_thread(data: SplitData) -> None:
    from jobs.programs.loader import load_batches

    asked = 0

    def batches() -> object:
        nonlocal asked
        while True:
            asked += 1
            yield np.array([0, 1])

    loaded = load_batches(data, batches(), torch.device("cpu"))  # type: ignore[arg-type]
    next(loaded)
    assert loader_threads()
    assert asked <= 4
    loaded.close()
    assert not loader_threads()
