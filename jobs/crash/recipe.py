"""The recipes of a crash test: three stages of a few models, other keys in each round."""

import random
from collections.abc import Sequence
from typing import Final

STAGES: Final = ("a", "b", "c")  # also the first letters of their models

_HEAD: Final = """\
name = "{name}"
labels = ["Atelectasis", "Cardiomegaly"]
[data]
val_fraction = 0.2
[run]
device = "any"
grace_seconds = 5.0
[defaults]
architecture = "none"
pre_weight = "none"
image_size = {size}
batch_size = 16
"""
_STAGE: Final = """\
[[stages]]
name = "stage-{stage}"
"""
_MODEL: Final = """\
[[models]]
name = "{name}"
stage = "stage-{stage}"
pre_weight = "{parent}"
epochs = {epochs}
seed = {seed}
"""


def recipe_name(number: int) -> str:
    """The recipe of a round (1, 2, ...)."""
    return f"crash-{number}"


def model_names(lineages: int) -> list[str]:
    """The models of a recipe: each of the second and third stage starts from one before it."""
    return [f"{stage}{number}" for stage in STAGES for number in range(lineages)]


def recipe_text(number: int, models: Sequence[str], chance: random.Random) -> str:
    """The TOML text of a round's recipe; each round has a pack of its own."""
    parts = [_HEAD.format(name=recipe_name(number), size=31 + number)]
    parts += [_STAGE.format(stage=stage) for stage in STAGES]
    parents = dict(zip(STAGES[1:], STAGES, strict=False))
    for name in models:
        stage, lineage = name[0], name[1:]
        parent = f"{parents[stage]}{lineage}" if stage in parents else "none"
        drawn = {"epochs": chance.randint(3, 12), "seed": chance.randrange(2**31)}
        parts.append(_MODEL.format(name=name, stage=stage, parent=parent, **drawn))
    return "".join(parts)
