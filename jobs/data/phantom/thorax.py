"""One patient's chest in one position, and the shapes that signs are made of.

Lengths are fractions of half the image's side: x and y run from -1 to 1, y downwards.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jobs.data.phantom.anatomy import FRONTAL, LATERAL, Oval, Plane, healthy_chest, lung_mask

Points = NDArray[np.float64]  # (P,)


class Thorax:
    """One chest in the making: `light` (size, size) float32, 0 black, 1 white."""

    def __init__(self, size: int, lateral: bool, rng: np.random.Generator) -> None:
        self.rng = rng
        self.anatomy = LATERAL if lateral else FRONTAL
        self.size = size
        self._pose()
        self.lungs = lung_mask(self.x, self.y, self.anatomy)
        air, heart_size = self.between(0.24, 0.30), self.between(0.92, 1.10)
        self.light = healthy_chest(self.x, self.y, self.lungs, self.anatomy, air, heart_size)
        self.light += np.float32(self.between(-0.04, 0.04)) * self.x
        self.light += np.float32(self.between(-0.04, 0.04)) * self.y

    def between(self, low: float, high: float) -> float:
        """A uniform random number."""
        return float(self.rng.uniform(low, high))

    def lung(self) -> Oval:
        """One of the lungs, at random."""
        return self.anatomy.lungs[int(self.rng.integers(len(self.anatomy.lungs)))]

    def site(self, margin: float = 0.75) -> tuple[float, float]:
        """A random place in a lung, `margin` of the way out at most."""
        lung = self.lung()
        angle, reach = self.between(0, 2 * np.pi), margin * self.rng.random() ** 0.5
        x = lung.x + reach * lung.rx * np.cos(angle)
        y = lung.y + reach * lung.ry * np.sin(angle)
        return float(x), float(min(y, self.anatomy.dome - 0.12))

    def blob(self, oval: Oval, amount: float, edge: float = 1.0, inside: bool = True) -> None:
        """Add an oval of brightness `amount`: soft at `edge` 1, a disc at 4; in the lungs only."""
        area = self._window(oval.x, oval.y, oval.rx, oval.ry)
        distance = ((self.x[area] - oval.x) / oval.rx) ** 2
        distance += ((self.y[area] - oval.y) / oval.ry) ** 2
        shape = amount * np.clip((1 - distance) * edge, 0, 1)
        self.light[area] += shape * self.lungs[area] if inside else shape

    def path(self, xs: Points, ys: Points, width: float, amount: float) -> None:
        """Add a line of half-width `width` through points (P,) that lie about `width` apart."""
        centre_x, centre_y = (xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2
        reach_x, reach_y = np.ptp(xs) / 2 + 2.5 * width, np.ptp(ys) / 2 + 2.5 * width
        area = self._window(float(centre_x), float(centre_y), float(reach_x), float(reach_y))
        across = (self.x[area][..., None] - xs.astype(np.float32)) ** 2
        across += (self.y[area][..., None] - ys.astype(np.float32)) ** 2
        nearest = across.min(axis=-1) / np.float32(width**2)
        self.light[area] += np.float32(amount) * np.exp(-nearest)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], width: float, amount: float
    ) -> None:
        """Add a straight line of half-width `width`."""
        (left, top), run, rise = start, end[0] - start[0], end[1] - start[1]
        reach_x, reach_y = abs(run) / 2 + 2.5 * width, abs(rise) / 2 + 2.5 * width
        area = self._window(left + run / 2, top + rise / 2, reach_x, reach_y)
        dx, dy = self.x[area] - left, self.y[area] - top
        along = np.clip((dx * run + dy * rise) / (run * run + rise * rise), 0, 1)
        off = (dx - along * run) ** 2 + (dy - along * rise) ** 2
        self.light[area] += amount * np.exp(off / -(width**2))

    def arc(self, oval: Oval, start: float, end: float, width: float, amount: float) -> None:
        """Add a bent line along `oval` from angle `start` to `end` (radians, 0 right, y down)."""
        length = abs(end - start) * max(oval.rx, oval.ry)
        angles = np.linspace(start, end, max(3, int(length / width) + 1))
        self.path(
            oval.x + oval.rx * np.cos(angles), oval.y + oval.ry * np.sin(angles), width, amount
        )

    def specks(self, oval: Oval, count: int, radius: float, amount: float) -> None:
        """Add `count` small dots at random places in `oval`."""
        xs, ys = self._scatter(oval, count)
        self.path(xs, ys, radius, amount)

    def bubbles(self, oval: Oval, count: int, radius: float, amount: float) -> None:
        """Add `count` dark dots with bright rims in `oval`, which vanish in a coarse image.

        A rim of 1.7 times the radius and a third of the depth has the light that the dot takes.
        """
        xs, ys = self._scatter(oval, count)
        self.path(xs, ys, 1.7 * radius, 0.35 * amount)
        self.path(xs, ys, radius, -amount)

    def grating(self, oval: Oval, period: float, angle: float, amount: float) -> None:
        """Add fine parallel lines, `period` apart, that fade towards the rim of `oval`."""
        area = self._window(oval.x, oval.y, oval.rx, oval.ry)
        dx, dy = self.x[area] - oval.x, self.y[area] - oval.y
        fade = np.clip(1.2 - (dx / oval.rx) ** 2 - (dy / oval.ry) ** 2, 0, 1) * self.lungs[area]
        phase = self.between(0, 2 * np.pi)
        across = (dx * np.cos(angle) + dy * np.sin(angle)) * (2 * np.pi / period) + phase
        self.light[area] += amount * fade * np.sin(across)

    def finish(self, noise: float) -> NDArray[np.uint8]:
        """The picture (size, size) uint8 with this X-ray's exposure and `noise` (its deviation)."""
        self.light *= self.between(0.88, 1.12)
        self.light += self.between(-0.04, 0.04)
        grain = self.rng.standard_normal(self.light.shape, dtype=np.float32)
        self.light += np.float32(noise) * grain
        return np.clip(self.light * 255, 0, 255).astype(np.uint8)

    def _scatter(self, oval: Oval, count: int) -> tuple[Points, Points]:
        angles, reach = self.rng.uniform(0, 2 * np.pi, count), self.rng.random(count) ** 0.5
        return oval.x + oval.rx * reach * np.cos(angles), oval.y + oval.ry * reach * np.sin(angles)

    def _pose(self) -> None:
        """Coordinates of the pixels in the body: shifted, scaled, tilted a little."""
        x, y = _grid(self.size)
        scale_x, scale_y = self.between(0.94, 1.06), self.between(0.94, 1.06)
        tilt = np.float32(self.between(-0.05, 0.05))
        self._origin = self.between(-0.05, 0.05), self.between(-0.05, 0.05)
        self._scale = scale_x, scale_y
        self._tilt = float(tilt)
        self.x = (x - np.float32(self._origin[0])) / np.float32(scale_x) + tilt * y
        self.y = (y - np.float32(self._origin[1])) / np.float32(scale_y) - tilt * x

    def _window(self, x: float, y: float, rx: float, ry: float) -> tuple[slice, slice]:
        """Rows and columns of the pixels that may lie within (rx, ry) of (x, y)."""
        slack = 0.03
        left = self._origin[0] + self._scale[0] * (x - self._tilt * y)
        top = self._origin[1] + self._scale[1] * (y + self._tilt * x)
        half = self.size / 2

        def span(centre: float, reach: float) -> slice:
            low = int((centre - reach + 1) * half)
            high = int((centre + reach + 1) * half) + 2
            return slice(max(0, min(low, self.size - 1)), max(1, min(high, self.size)))

        return span(top, ry * 1.07 + slack), span(left, rx * 1.07 + slack)


@lru_cache(maxsize=2)
def _grid(size: int) -> tuple[Plane, Plane]:
    """x and y of every pixel's centre, from -1 to 1."""
    centres = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / size) - 1
    x, y = np.meshgrid(centres, centres)
    return x, y
