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


@pytest.mark.parametrize("change", [{"rotate": 30.0}, {"scale": 0.5}, {"flip": 0.5}])
def test_each_image_is_moved_in_its_own_way(change: dict[str, float]) -> None:
    before, after = augmented(NOTHING.model_copy(update=change), size=33, count=16)
    assert after.shape == before.shape
    same = [torch.allclose(one, two, atol=1e-5) for one, two in zip(before, after, strict=True)]
    assert sum(same) < 16
    # each is drawn by itself: the same image sixteen times becomes several
    from jobs.programs.augmentation import augment

    pixels = (before[:1] * 255).round().to(torch.uint8)[:, 0].expand(16, -1, -1).contiguous()
    many = augment(pixels, NOTHING.model_copy(update=change), random_stream(0, 0))
    assert len({one.numpy().tobytes() for one in many}) > 1


def test_brightness_scales_and_contrast_spreads() -> None:
    before, after = augmented(NOTHING.model_copy(update={"brightness": 0.05}))
    ratio = (after / before).flatten(1)
    inside = (after < 1).flatten(1)
    for one, kept in zip(ratio, inside, strict=True):
        assert float(one[kept].std()) < 1e-4
        assert 0.95 <= float(one[kept].mean()) <= 1.05
    _, after = augmented(NOTHING.model_copy(update={"contrast": 0.1}))
    spread = after.std(dim=(1, 2, 3)) / before.std(dim=(1, 2, 3))
    assert 0.85 < float(spread.min()) < float(spread.max()) < 1.15
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
