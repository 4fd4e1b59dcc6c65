"""Random changes of a whole batch of images at once, on the device they are on, by kornia."""

from functools import lru_cache
from typing import Final

import numpy as np
import torch
from kornia import augmentation as kornia
from torch import Tensor, nn

from jobs.programs.loader import to_floats
from jobs.recipe.schema import Augmentation

ASPECT: Final = (3 / 4, 4 / 3)  # ratio of a crop's sides
CUTOUT_AREA: Final = (0.02, 0.12)  # of the image's


def augment(pixels: Tensor, settings: Augmentation, stream: np.random.Generator) -> Tensor:
    """(B, S, S) uint8 to changed images, (B, 1, S, S) floats in 0..1.

    What is drawn for each image depends on `stream`, B and the device only: torch's global
    generators, from which kornia draws, are seeded by it.
    """
    images = to_floats(pixels)
    torch.manual_seed(int(stream.integers(2**63)))
    changed: Tensor = steps(settings, images.shape[-1])(images)
    return changed


@lru_cache
def steps(settings: Augmentation, size: int) -> nn.Module:
    """The changes in their order, each drawn anew for every image: flip, rotation, random resized
    crop, brightness and contrast, cut-out. What the settings leave out is not there.
    """
    light, contrast = settings.brightness, settings.contrast
    chosen: list[nn.Module] = []
    if settings.flip:
        chosen.append(kornia.RandomHorizontalFlip(p=settings.flip))
    if settings.rotate:
        chosen.append(kornia.RandomAffine(degrees=settings.rotate, p=1.0))
    if settings.scale < 1:
        area = (settings.scale, 1.0)
        chosen.append(
            kornia.RandomResizedCrop(
                (size, size), scale=area, ratio=ASPECT, cropping_mode="resample", p=1.0
            )
        )
    if light or contrast:
        chosen.append(kornia.ColorJitter(brightness=light, contrast=contrast, p=1.0))
    if settings.cutout:
        chosen.append(kornia.RandomErasing(scale=CUTOUT_AREA, ratio=(1.0, 1.0), p=settings.cutout))
    return nn.Sequential(*chosen)
