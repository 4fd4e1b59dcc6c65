"""One sign for each label: what is drawn, and how bright.

Signs lie on either side by chance, but heart and aorta do not: horizontal flips teach a model
chests that the phantom never shows, so recipes for it leave them out.
"""

from collections.abc import Callable
from math import pi
from typing import Final, NamedTuple

import numpy as np

from jobs.data.phantom.anatomy import Oval
from jobs.data.phantom.thorax import Thorax

Draw = Callable[[Thorax, float], None]


class Sign(NamedTuple):
    """How a label is drawn: `draw(thorax, amount)`, with `contrast` the amount at full view."""

    draw: Draw
    contrast: float
    frontal_only: bool = False  # nothing of it is seen from the side


def atelectasis(chest: Thorax, amount: float) -> None:
    """Two or three thin plates, nearly level, low in a lung."""
    lung = chest.lung()
    y = chest.between(0.05, 0.25)
    for _ in range(int(chest.rng.integers(2, 4))):
        x, half, slope = lung.x + chest.between(-0.06, 0.06), chest.between(0.10, 0.17), 0.05
        chest.line((x - half, y + slope), (x + half, y - slope), 0.014, amount)
        y += chest.between(0.05, 0.08)


def calcified_aorta(chest: Thorax, amount: float) -> None:
    """A thin bright crescent on the aortic arch."""
    x, y = chest.anatomy.knob
    oval = Oval(x - 0.02, y, chest.between(0.10, 0.14), chest.between(0.11, 0.15))
    chest.arc(oval, -pi / 2 + chest.between(-0.3, 0.3), 0.5, 0.014, amount)


def cardiomegaly(chest: Thorax, amount: float) -> None:
    """A larger heart: a rim of its own brightness around it."""
    heart, grow = chest.anatomy.heart, chest.between(1.25, 1.5)
    oval = Oval(heart.x, heart.y, heart.rx * grow, heart.ry * grow)
    chest.blob(oval, amount, edge=4)
    chest.blob(heart, -0.7 * amount, edge=4)


def consolidation(chest: Thorax, amount: float) -> None:
    """A dense cloud crossed by fine dark airways."""
    x, y = chest.site(0.6)
    radius = chest.between(0.15, 0.20)
    oval = Oval(x, y, radius, radius)
    chest.blob(oval, 0.5 * amount, edge=2)
    chest.grating(oval, 0.075, chest.between(-0.9, -0.6), 0.7 * amount)


def edema(chest: Thorax, amount: float) -> None:
    """Haze around both hila with fine level lines."""
    for lung in chest.anatomy.lungs:
        hilum = Oval(lung.x * 0.75, lung.y + 0.05, 0.24, 0.30)
        chest.blob(hilum, 0.5 * amount)
        chest.grating(hilum, 0.075, pi / 2, 0.7 * amount)


def emphysema(chest: Thorax, amount: float) -> None:
    """Many small dark bubbles with bright walls in the upper lung."""
    lung = chest.lung()
    oval = Oval(lung.x, lung.y - chest.between(0.2, 0.35), 0.19, 0.22)
    chest.bubbles(oval, 16, 0.020, amount)


def enlarged_mediastinum(chest: Thorax, amount: float) -> None:
    """A wider shadow above the heart."""
    half = chest.between(0.19, 0.27)
    oval = Oval(chest.anatomy.middle, chest.between(-0.35, -0.25), half, 0.32)
    chest.blob(oval, amount, edge=4)


def fibrosis(chest: Thorax, amount: float) -> None:
    """A fine net low at the outer side of a lung."""
    lung = chest.lung()
    oval = Oval(lung.x * 1.2, chest.between(0.05, 0.22), 0.18, 0.20)
    turn = chest.between(0.6, 0.95)
    chest.grating(oval, 0.068, turn, amount)
    chest.grating(oval, 0.068, -turn, amount)


def fracture(chest: Thorax, amount: float) -> None:
    """Two ends of a rib, out of line, in the chest wall."""
    lung, side = chest.lung(), 1 if chest.rng.random() < 0.5 else -1
    outer = 1 if lung.x > 0 else -1 if lung.x < 0 else side
    x, y = lung.x + outer * 0.9 * lung.rx, chest.between(-0.4, 0.25)
    step = 0.035 * side
    chest.line((x - 0.13, y - step), (x - 0.015, y - step), 0.02, amount)
    chest.line((x + 0.015, y + step), (x + 0.13, y + step), 0.02, amount)


def hernia(chest: Thorax, amount: float) -> None:
    """A ring with a fluid level behind the heart."""
    heart = chest.anatomy.heart
    x, y = heart.x - chest.between(0.02, 0.12), heart.y + chest.between(-0.06, 0.06)
    radius = chest.between(0.09, 0.13)
    chest.arc(Oval(x, y, radius, radius), 0, 2 * pi, 0.018, amount)
    chest.blob(Oval(x, y, radius, radius), -0.7 * amount, edge=2, inside=False)
    chest.line((x - radius, y), (x + radius, y), 0.018, amount)


def infiltration(chest: Thorax, amount: float) -> None:
    """A cloud of nearly upright fine lines in the upper lung."""
    lung = chest.lung()
    oval = Oval(lung.x + chest.between(-0.06, 0.06), lung.y - chest.between(0.2, 0.4), 0.20, 0.20)
    chest.grating(oval, 0.085, chest.between(-0.2, 0.2), amount)


def lung_lesion(chest: Thorax, amount: float) -> None:
    """Two small hollow rings."""
    for _ in range(2):
        x, y = chest.site()
        radius = chest.between(0.05, 0.07)
        chest.arc(Oval(x, y, radius, radius), 0, 2 * pi, 0.016, amount)


def lung_opacity(chest: Thorax, amount: float) -> None:
    """A large soft haze."""
    x, y = chest.site()
    chest.blob(Oval(x, y, chest.between(0.22, 0.32), chest.between(0.22, 0.32)), amount)


def mass(chest: Thorax, amount: float) -> None:
    """A large disc with a fine upright mesh in it."""
    x, y = chest.site(0.6)
    radius = chest.between(0.12, 0.15)
    oval = Oval(x, y, radius, radius)
    chest.blob(oval, 0.5 * amount, edge=5)
    chest.grating(oval, 0.07, 0.0, 0.5 * amount)
    chest.grating(oval, 0.07, pi / 2, 0.5 * amount)


def no_finding(chest: Thorax, amount: float) -> None:
    """Nothing is drawn."""


def nodule(chest: Thorax, amount: float) -> None:
    """Three to five small discs."""
    for _ in range(int(chest.rng.integers(3, 6))):
        x, y = chest.site()
        radius = chest.between(0.028, 0.040)
        chest.blob(Oval(x, y, radius, radius), amount, edge=4)


def pleural_effusion(chest: Thorax, amount: float) -> None:
    """Fluid that fills the outer lower corner of a lung up to a hollow level."""
    lung = chest.lung()
    outer = 1 if lung.x >= 0 else -1
    level = chest.between(0.20, 0.34)
    oval = Oval(lung.x + outer * 0.16, level + 0.30, 0.34, 0.30)
    chest.blob(oval, amount, edge=3)


def pleural_other(chest: Thorax, amount: float) -> None:
    """A string of bright specks along the side of a lung."""
    lung = chest.lung()
    outer = 1 if lung.x >= 0 else -1
    centre = chest.between(-0.5, 0.5)
    turns = centre + np.linspace(-0.45, 0.45, 6)
    xs = lung.x + outer * 0.80 * lung.rx * np.cos(turns)
    chest.path(xs, lung.y + 0.80 * lung.ry * np.sin(turns), 0.022, amount)


def pleural_thickening(chest: Thorax, amount: float) -> None:
    """A thick cap over the apex of a lung."""
    lung = chest.lung()
    oval = Oval(lung.x, lung.y, lung.rx * 0.70, lung.ry * 0.90)
    start = -pi / 2 + chest.between(-0.8, 0.2)
    chest.arc(oval, start, start + chest.between(0.7, 1.1), 0.024, amount)


def pneumomediastinum(chest: Thorax, amount: float) -> None:
    """Dark upright streaks beside the middle."""
    x = chest.anatomy.middle
    for offset in (-0.10, -0.06, 0.06, 0.10):
        top = chest.between(-0.75, -0.6)
        chest.line((x + offset, top), (x + offset, top + 0.55), 0.013, -amount)


def pneumonia(chest: Thorax, amount: float) -> None:
    """A cluster of bright specks in a faint cloud."""
    x, y = chest.site(0.6)
    radius = chest.between(0.14, 0.20)
    oval = Oval(x, y, radius, radius)
    chest.blob(oval, 0.3 * amount)
    chest.specks(oval, 14, 0.020, amount)


def pneumoperitoneum(chest: Thorax, amount: float) -> None:
    """A thin dark crescent under the diaphragm."""
    lung, dome = chest.lung(), chest.anatomy.dome
    oval = Oval(lung.x, dome + 0.25, 0.26, 0.21)
    middle = -pi / 2 + chest.between(-0.2, 0.2)
    chest.arc(oval, middle - 0.8, middle + 0.8, 0.018, -amount)


def pneumothorax(chest: Thorax, amount: float) -> None:
    """A fine line round the apex, dark and empty outside it."""
    lung, inner = chest.lung(), chest.between(0.68, 0.80)
    oval = Oval(lung.x, lung.y + 0.05, lung.rx * inner, lung.ry * inner)
    chest.arc(oval, -pi + 0.3, -0.3, 0.013, amount)
    chest.arc(
        Oval(lung.x, lung.y, lung.rx * 0.88, lung.ry * 0.88), -pi + 0.4, -0.4, 0.05, -0.5 * amount
    )


def subcutaneous_emphysema(chest: Thorax, amount: float) -> None:
    """Dark bubbles with bright walls in the soft tissue of the side."""
    outer = 1 if chest.rng.random() < 0.5 else -1
    oval = Oval(outer * 0.83, chest.between(-0.5, 0.1), 0.06, 0.26)
    chest.bubbles(oval, 14, 0.020, amount)


def support_devices(chest: Thorax, amount: float) -> None:
    """A tube from the neck down, or a box with a lead."""
    side = 1 if chest.rng.random() < 0.5 else -1
    if chest.rng.random() < 0.6:
        end = chest.between(-0.1, 0.35)
        along = np.linspace(0, 1, 60)
        bend = side * chest.between(0.05, 0.2) * np.sin(pi * along)
        chest.path(side * 0.12 + bend, -0.98 + along * (end + 0.98), 0.016, amount)
        return
    x, y = side * chest.between(0.55, 0.68), chest.between(-0.55, -0.4)
    chest.blob(Oval(x, y, 0.10, 0.08), amount, edge=6, inside=False)
    chest.line((x, y), (side * 0.1, chest.between(-0.2, 0.2)), 0.014, amount)


def tortuous_aorta(chest: Thorax, amount: float) -> None:
    """Two thin walls that wind down from the arch, dark between them."""
    x, y = chest.anatomy.knob
    along = np.linspace(0, 1, 40)
    swing = chest.between(0.05, 0.08) * np.sin(along * chest.between(1.8, 2.4) * pi)
    xs, ys = x + 0.06 + swing, y + along * chest.between(0.45, 0.6)
    chest.path(xs, ys, 0.040, amount)
    chest.path(xs, ys, 0.022, -1.6 * amount)


SIGNS: Final[dict[str, Sign]] = {
    "Atelectasis": Sign(atelectasis, 0.19),
    "Calcification of the Aorta": Sign(calcified_aorta, 0.46),
    "Cardiomegaly": Sign(cardiomegaly, 0.15),
    "Consolidation": Sign(consolidation, 0.36),
    "Edema": Sign(edema, 0.13),
    "Emphysema": Sign(emphysema, 0.60),
    "Enlarged Cardiomediastinum": Sign(enlarged_mediastinum, 0.12),
    "Fibrosis": Sign(fibrosis, 0.30),
    "Fracture": Sign(fracture, 0.80, frontal_only=True),
    "Hernia": Sign(hernia, 0.48),
    "Infiltration": Sign(infiltration, 0.26),
    "Lung Lesion": Sign(lung_lesion, 0.85),
    "Lung Opacity": Sign(lung_opacity, 0.12),
    "Mass": Sign(mass, 0.64),
    "No Finding": Sign(no_finding, 0.0),
    "Nodule": Sign(nodule, 0.60),
    "Pleural Effusion": Sign(pleural_effusion, 0.16),
    "Pleural Other": Sign(pleural_other, 0.70),
    "Pleural Thickening": Sign(pleural_thickening, 0.60),
    "Pneumomediastinum": Sign(pneumomediastinum, 0.48, frontal_only=True),
    "Pneumonia": Sign(pneumonia, 0.30),
    "Pneumoperitoneum": Sign(pneumoperitoneum, 0.50),
    "Pneumothorax": Sign(pneumothorax, 0.17, frontal_only=True),
    "Subcutaneous Emphysema": Sign(subcutaneous_emphysema, 0.65, frontal_only=True),
    "Support Devices": Sign(support_devices, 0.18),
    "Tortuous Aorta": Sign(tortuous_aorta, 0.40),
}
