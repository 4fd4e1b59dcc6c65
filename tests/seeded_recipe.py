"""A recipe with seeds and comparisons, and made-up predictions of its models."""

import numpy as np

from jobs.choice import choice_of
from jobs.data.table import ImageTable
from jobs.predictions import PredictionSet
from jobs.recipe.load import parse_recipe
from jobs.recipe.seeds import repeats

TEXT = """
name = "seeded"
labels = ["Atelectasis", "Cardiomegaly", "Edema", "Nodule"]
seeds = [0, 3]
[run]
device = "any"
[defaults]
architecture = "test_efficientnet"
pre_weight = "none"
image_size = 32
batch_size = 16
[figure]
lineages = ["big", "large2"]
[[stages]]
name = "stage1"
[[stages]]
name = "stage2"
[[models]]
name = "small"
stage = "stage1"
[[models]]
name = "big"
stage = "stage2"
pre_weight = "small"
image_size = 64
[[models]]
name = "large"
stage = "stage1"
image_size = 64
[[models]]
name = "large2"
stage = "stage2"
pre_weight = "large"
image_size = 64
[[ensembles]]
name = "both"
members = ["big", "large2"]
weights = [1.0, 3.0]
averaging = "ranks"
view_rule = "frontal-mean"
[[columns]]
title = "small"
model = "small"
[[columns]]
title = "big"
model = "big"
view_rule = "study-mean"
[[columns]]
title = "both"
ensemble = "both"
[[comparisons]]
claim = "The second stage is better than the first"
choice = "big"
control = "small"
[[comparisons]]
claim = "Members together are as good as one | [of them]"
choice = "both"
control = "large2"
group = "head"
margin = 0.2
"""
RECIPE = parse_recipe(TEXT, "seeded")
LABELS = RECIPE.labels
SKILL = {"small": 0.15, "big": 0.6, "large": 0.3, "large2": 0.5}
ROWS = 150


def _table(split: str) -> ImageTable:
    generator = np.random.default_rng(["train", "dev", "test"].index(split))
    targets = generator.random((ROWS, len(LABELS))) < [0.4, 0.3, 0.2, 0.04]
    targets[:2] = True
    image = np.array([f"{split}{row:04}" for row in range(ROWS)])
    patient = np.sort(generator.integers(0, ROWS // 4, ROWS)).astype(np.str_)
    study = np.char.add(patient, generator.integers(0, 2, ROWS).astype(np.str_))
    view = generator.choice(["PA", "AP", "LATERAL", ""], ROWS)
    return ImageTable(split, LABELS, image, study, patient, view, image, targets)


TARGETS = {split: _table(split) for split in ("train", "dev", "test")}


def predict(model: str, split: str) -> PredictionSet:
    """The more skill the base model has, the better; another seed, other noise."""
    base, _, seed = model.rpartition("-s")
    table = TARGETS[split]
    generator = np.random.default_rng([int(seed), len(base), len(split)])
    made = generator.random(table.targets.shape) * 0.9 + SKILL[base] * table.targets * 0.1
    made += SKILL[base] * table.targets * generator.random(table.targets.shape)
    return PredictionSet(
        split,
        table.labels,
        table.image,
        table.study,
        table.patient,
        table.view,
        (made / 2).astype(np.float32),
    )


def choices(name: str):
    """Each repeat of a model or an ensemble."""
    return [choice_of(RECIPE, one) for one in repeats(RECIPE, name)]
