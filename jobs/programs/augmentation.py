"""Random changes of a whole batch of images at once, on the device they are on."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from jobs.recipe.schema import Augmentation

ASPECT = math.log(4 / 3)  # a crop's side ratio, to either side
CUTOUT_SIDES = (0.15, 0.35)  # of the image's side


def augment(images: Tensor, settings: Augmentation, stream: np.random.Generator) -> Tensor:
    """Change (B, 1, S, S) float images in 0..1; what is drawn depends on `stream` and B only.

    Flip, rotation and random resized crop are one affine map, so each image is sampled once.
    """
    count = len(images)
    maps = affine_maps(count, settings, stream)
    light = stream.uniform(-settings.brightness, settings.brightness, count)
    contrast = stream.uniform(1 - settings.contrast, 1 + settings.contrast, count)
    cut = cutout_corners(count, settings.cutout, stream)
    if settings.flip or settings.rotate or settings.scale < 1:
        grid = functional.affine_grid(_to(images, maps), list(images.shape), align_corners=False)
        images = functional.grid_sample(images, grid, mode="bilinear", align_corners=False)
    if settings.brightness or settings.contrast:
        gain = _to(images, contrast).view(-1, 1, 1, 1)
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        shift = mean * (1 - gain) + _to(images, light).view(-1, 1, 1, 1)
        images = images.mul(gain).add_(shift).clamp_(0, 1)
    if settings.cutout:
        images = images.masked_fill(_inside(images, _to(images, cut)), 0.0)
    return images


def affine_maps(
    count: int, settings: Augmentation, stream: np.random.Generator
) -> NDArray[np.float64]:
    """(B, 2, 3) maps from output to input coordinates, both in -1..1."""
    area = stream.uniform(settings.scale, 1, count)
    aspect = stream.uniform(-ASPECT, ASPECT, count) * (settings.scale < 1)
    width = np.minimum(1, np.sqrt(area * np.exp(aspect)))
    height = np.minimum(1, np.sqrt(area / np.exp(aspect)))
    flip = np.where(stream.random(count) < settings.flip, -1.0, 1.0)
    angle = np.deg2rad(stream.uniform(-settings.rotate, settings.rotate, count))
    middle = stream.uniform(-1, 1, (2, count))
    cos, sin = np.cos(angle), np.sin(angle)
    rows = [
        [width * flip * cos, -height * sin, middle[0] * (1 - width)],
        [width * flip * sin, height * cos, middle[1] * (1 - height)],
    ]
    return np.array(rows).transpose(2, 0, 1)


def cutout_corners(
    count: int, probability: float, stream: np.random.Generator
) -> NDArray[np.float64]:
    """(B, 4) squares (left, top, right, bottom) in 0..1 to erase; of no area where none is."""
    side = stream.uniform(*CUTOUT_SIDES, count) * (stream.random(count) < probability)
    corner = stream.uniform(0, 1, (2, count)) * (1 - side)
    return np.stack([corner[0], corner[1], corner[0] + side, corner[1] + side], axis=1)


def _inside(images: Tensor, squares: Tensor) -> Tensor:
    size = images.shape[-1]
    at = (torch.arange(size, device=images.device) + 0.5) / size
    left, top, right, bottom = squares.view(-1, 4, 1).unbind(1)
    across = (at >= left) & (at < right)
    down = (at >= top) & (at < bottom)
    return (down[:, :, None] & across[:, None, :])[:, None]


def _to(images: Tensor, values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).to(images.device)
