"""Random changes of a batch: each is what it says, and follows its stream of random numbers."""

import numpy as np
import pytest

from jobs.programs.batches import random_stream
from jobs.recipe.schema import Augmentation

torch = pytest.importorskip("torch")

NOTHING = Augmentation(flip=0, rotate=0, scale=1, brightness=0, contrast=0, cutout=0)


def augmented(settings: Augmentation, size: int = 16, count: int = 8) -> tuple[object, object]:
    """The images as floats (B, 1, S, S), before and after."""
    from jobs.programs.augmentation import augment
    from jobs.programs.loader import to_floats

    noise = np.random.default_rng(3).integers(1, 256, (count, size, size), dtype=np.uint8)
    pixels = torch.from_numpy(noise)
    return to_floats(pixels), augment(pixels, settings, random_stream(0, 0))


def test_nothing_changes_nothing() -> None:
    before, after = augmented(NOTHING)
    assert torch.equal(before, after)


def test_a_sure_flip_mirrors() -> None:
    before, after = augmented(NOTHING.model_copy(update={"flip": 1.0}))
    torch.testing.assert_close(after, before.flip(3), atol=1e-5, rtol=0)


def test_maps_are_sampled_as_torch_has_it() -> None:
    from torch.nn import functional

    from jobs.programs.augmentation import affine_maps

    settings = NOTHING.model_copy(update={"flip": 0.5, "rotate": 30.0, "scale": 0.5})
    before, after = augmented(settings, size=33)
    maps = torch.from_numpy(affine_maps(8, settings, random_stream(0, 0)).astype(np.float32))
    grid = functional.affine_grid(maps, list(before.shape), align_corners=False)
    expected = functional.grid_sample(before, grid, align_corners=False)
    torch.testing.assert_close(after, expected, atol=1e-4, rtol=0)


def test_brightness_shifts_and_contrast_spreads() -> None:
    before, after = augmented(NOTHING.model_copy(update={"brightness": 0.05}))
    shift = (after - before).flatten(1)
    inside = (after > 0) & (after < 1)
    for one, kept in zip(shift, inside.flatten(1), strict=True):
        assert float(one[kept].std()) < 1e-6
        assert abs(float(one[kept].mean())) <= 0.05
    _, after = augmented(NOTHING.model_copy(update={"contrast": 0.1}))
    ratio = after.std(dim=(1, 2, 3)) / before.std(dim=(1, 2, 3))
    assert 0.85 < float(ratio.min()) < float(ratio.max()) < 1.15
    torch.testing.assert_close(
        after.mean(dim=(1, 2, 3)), before.mean(dim=(1, 2, 3)), atol=0.01, rtol=0
    )


def test_cutout_erases_one_square() -> None:
    _, after = augmented(NOTHING.model_copy(update={"cutout": 1.0}), size=64)
    for erased in (after == 0)[:, 0]:
        rows, columns = erased.any(1).sum(), erased.any(0).sum()
        assert int(erased.sum()) == int(rows * columns)
        assert 8 <= int(rows) <= 24


def test_it_follows_its_stream() -> None:
    settings = Augmentation(cutout=0.5)
    (before, first), (_, second) = augmented(settings), augmented(settings)
    assert torch.equal(first, second)
    assert not torch.equal(before, first)
    assert float(first.min()) >= 0
    assert float(first.max()) <= 1


def test_parts_of_a_batch_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs.programs import augmentation

    settings = Augmentation(cutout=0.5)
    _, whole = augmented(settings)
    monkeypatch.setattr(augmentation, "AT_ONCE", 3 * 16 * 16)
    _, parts = augmented(settings)
    torch.testing.assert_close(parts, whole, atol=1e-6, rtol=0)
