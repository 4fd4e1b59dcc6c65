"""Random changes of a whole batch of images at once, on the device they are on.

Flip, rotation and random resized crop are one affine map here, so that each image is sampled once
and stays sharp. A library's chain of such steps samples twice, draws from torch's global stream,
and takes several times as long on a CPU (docs/packs.md has the figures).
"""

import math
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from jobs.programs.loader import to_floats
from jobs.recipe.schema import Augmentation

ASPECT: Final = math.log(4 / 3)  # a crop's side ratio, to either side
CUTOUT_SIDES: Final = (0.15, 0.35)  # of the image's side
AT_ONCE: Final = 2**19  # pixels: what a CPU's cache holds of images and the grids they need


def augment(pixels: Tensor, settings: Augmentation, stream: np.random.Generator) -> Tensor:
    """(B, S, S) uint8 to changed images, (B, 1, S, S) floats in 0..1.

    What is drawn depends on `stream` and B only, and an image's result on what was drawn for it.
    """
    count, size = len(pixels), pixels.shape[-1]
    maps = affine_maps(count, settings, stream)
    light = stream.uniform(-settings.brightness, settings.brightness, count)
    contrast = stream.uniform(1 - settings.contrast, 1 + settings.contrast, count)
    cut = cutout_corners(count, settings.cutout, stream)
    drawn = [torch.from_numpy(one.astype(np.float32)) for one in (maps, light, contrast, cut)]
    drawn = [one.to(pixels.device, non_blocking=True) for one in drawn]
    at_once = count if pixels.is_cuda else max(1, AT_ONCE // size**2)
    if count <= at_once:
        return _changed(pixels, settings, *drawn)
    images = torch.empty((count, 1, size, size), device=pixels.device)
    for start in range(0, count, at_once):
        part = slice(start, start + at_once)
        images[part] = _changed(pixels[part], settings, *(one[part] for one in drawn))
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


def _changed(
    pixels: Tensor,
    settings: Augmentation,
    maps: Tensor,
    light: Tensor,
    contrast: Tensor,
    cut: Tensor,
) -> Tensor:
    images = to_floats(pixels)
    if settings.flip or settings.rotate or settings.scale < 1:
        grid = _grid(maps, images.shape[-1])
        images = functional.grid_sample(images, grid, mode="bilinear", align_corners=False)
    if settings.brightness or settings.contrast:
        gain = contrast.view(-1, 1, 1, 1)
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        shift = mean * (1 - gain) + light.view(-1, 1, 1, 1)
        images = images.mul_(gain).add_(shift).clamp_(0, 1)
    if settings.cutout:
        images = images.masked_fill_(_inside(images, cut), 0.0)
    return images


def _grid(maps: Tensor, size: int) -> Tensor:
    """(B, S, S, 2) where each pixel is sampled, plane by plane: torch's own takes 8 times longer.

    Its values are those of `affine_grid` without aligned corners.
    """
    at = (torch.arange(size, device=maps.device) * 2 + 1) / size - 1
    across = maps[:, :, 0, None] * at
    down = maps[:, :, 1, None] * at + maps[:, :, 2, None]
    return (across[:, :, None, :] + down[:, :, :, None]).permute(0, 2, 3, 1)


def _inside(images: Tensor, squares: Tensor) -> Tensor:
    size = images.shape[-1]
    at = (torch.arange(size, device=images.device) + 0.5) / size
    left, top, right, bottom = squares.view(-1, 4, 1).unbind(1)
    across = (at >= left) & (at < right)
    down = (at >= top) & (at < bottom)
    return (down[:, :, None] & across[:, None, :])[:, None]
