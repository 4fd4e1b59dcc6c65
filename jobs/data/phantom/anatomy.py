"""Where the organs of a healthy chest lie in each view, and how bright they are on an X-ray.

Lengths are fractions of half the image's side: x and y run from -1 to 1, y downwards. Brightness
runs from 0 (black, air around the body) to 1 (white).
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # (size, size)
Span = tuple[float, float]

AIR: Final = 0.05  # around the body
BODY: Final = 0.50  # soft tissue
TISSUE_IN_LUNG: Final = 0.85  # how much of the lungs' darkness heart and mediastinum take away
RIB_PERIOD: Final = 0.21
VERTEBRA: Final = 0.14


class Oval(NamedTuple):
    """Centre and half-axes."""

    x: float
    y: float
    rx: float
    ry: float


@dataclass(frozen=True)
class Anatomy:
    """Where the organs lie in one view."""

    lungs: tuple[Oval, ...]
    heart: Oval
    middle: float  # x of the mediastinum
    mediastinum: float  # its half-width
    knob: tuple[float, float]  # aortic arch
    dome: float  # y of the top of the diaphragm
    spine: float  # x
    shoulder: Span  # y of the body's upper edge in the middle, and how far it falls to the side
    rib_bend: float  # how far ribs fall with the square of x
    rib_slope: float  # and with x
    apex: float  # how much narrower the lungs are at their top


FRONTAL: Final = Anatomy(
    lungs=(Oval(-0.43, -0.06, 0.32, 0.68), Oval(0.43, -0.06, 0.32, 0.68)),
    heart=Oval(0.12, 0.26, 0.25, 0.24),
    middle=0.0,
    mediastinum=0.13,
    knob=(0.15, -0.32),
    dome=0.44,
    spine=0.0,
    shoulder=(-1.10, 0.34),
    rib_bend=0.45,
    rib_slope=0.0,
    apex=0.16,
)
LATERAL: Final = Anatomy(
    lungs=(Oval(0.0, -0.06, 0.58, 0.70),),
    heart=Oval(-0.26, 0.24, 0.24, 0.22),
    middle=-0.05,
    mediastinum=0.0,
    knob=(0.05, -0.38),
    dome=0.46,
    spine=0.62,
    shoulder=(-1.15, 0.36),
    rib_bend=0.0,
    rib_slope=-0.22,
    apex=0.05,
)


def lung_mask(x: Plane, y: Plane, anatomy: Anatomy) -> Plane:
    """1 in the lungs, 0 elsewhere, soft between: narrow on top, hollow over the diaphragm."""
    lung = anatomy.lungs[-1]  # in both views the lungs are symmetric, so one half tells both
    down = (y - np.float32(lung.y)) * np.float32(1 / lung.ry)
    width = np.minimum(down, 0)
    width *= np.float32(anatomy.apex * lung.rx)
    width += np.float32(lung.rx)
    across = np.abs(x)
    across -= np.float32(lung.x)
    across /= width
    across *= across
    mask: Plane = np.clip((1 - across - down * down) * 5, 0, 1)
    across *= np.float32(0.12)
    across += np.float32(anatomy.dome)
    across -= y
    mask *= np.clip(across * 25, 0, 1)
    return mask


def healthy_chest(
    x: Plane, y: Plane, lungs: Plane, anatomy: Anatomy, air: float, heart_size: float
) -> Plane:
    """The brightness of a chest without any sign; `air` is how much darker lungs are than body."""
    body = _body(x, y, anatomy)
    tissue = np.maximum(_heart(x, y, anatomy.heart, heart_size), _mediastinum(x, y, anatomy))
    light = np.float32(BODY - AIR) + _spine(x, y, anatomy) - _windpipe(x, y, anatomy)
    light += _ribs(x, y, anatomy) * (np.float32(0.012) + np.float32(0.036) * lungs)
    light += np.float32(0.07) * tissue
    light -= lungs * (1 - np.float32(TISSUE_IN_LUNG) * tissue) * np.float32(air)
    light *= body
    light += np.float32(AIR)
    return light


def _body(x: Plane, y: Plane, anatomy: Anatomy) -> Plane:
    top, fall = anatomy.shoulder
    outline = np.minimum(0.97 - np.abs(x), y - np.float32(top) - np.float32(fall) * np.abs(x))
    body: Plane = np.clip(outline * 12, 0, 1)
    return body


def _heart(x: Plane, y: Plane, heart: Oval, size: float) -> Plane:
    """An oval whose tip points down and to the front or side."""
    across = (x - np.float32(heart.x)) * np.float32(1 / (heart.rx * size))
    down = (y - np.float32(heart.y)) * np.float32(1 / (heart.ry * size))
    if heart.x < 0:
        across = -across
    ball: Plane = np.clip((1 - across * across - down * down + 0.5 * across * down) * 4, 0, 1)
    return ball


def _mediastinum(x: Plane, y: Plane, anatomy: Anatomy) -> Plane:
    """The shadow between the lungs, wider below."""
    half = np.float32(anatomy.mediastinum) * (1 + np.float32(0.25) * y)
    shadow: Plane = np.clip((half - np.abs(x - np.float32(anatomy.middle))) * 14, 0, 1)
    return shadow


def _windpipe(x: Plane, y: Plane, anatomy: Anatomy) -> Plane:
    """How much darker its air makes the upper chest."""
    across = np.clip((0.05 - np.abs(x - np.float32(anatomy.middle))) * 40, 0, 1)
    pipe: Plane = np.float32(0.05) * across * np.clip((-0.22 - y) * 8, 0, 1)
    return pipe


def _ribs(x: Plane, y: Plane, anatomy: Anatomy) -> Plane:
    """Bands with sharp edges that fall to the sides, down to the diaphragm."""
    along = y - np.float32(anatomy.rib_bend) * x * x - np.float32(anatomy.rib_slope) * x
    bands = 1.6 * np.sin(along * np.float32(2 * np.pi / RIB_PERIOD)) - 0.3
    ribs: Plane = np.clip(bands, -1, 1) * np.clip((anatomy.dome + 0.02 - y) * 8, 0, 1)
    return ribs


def _spine(x: Plane, y: Plane, anatomy: Anatomy) -> Plane:
    """Vertebrae with discs between them."""
    column = np.clip((0.09 - np.abs(x - np.float32(anatomy.spine))) * 20, 0, 1)
    spine: Plane = column * (0.05 + 0.03 * np.sin(y * np.float32(2 * np.pi / VERTEBRA)))
    return spine
