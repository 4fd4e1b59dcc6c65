"""The validation split: by patient, stable, with its share of every label."""

import time

import numpy as np
import pytest

from jobs.data.labels import LABELS, PREVALENCE
from jobs.data.phantom_rows import draw_rows
from jobs.data.table import ImageTable
from jobs.data.val_split import split_validation
from jobs.recipe.schema import PhantomSettings


def draw(images: int, floor: float = 0.0) -> ImageTable:
    settings = PhantomSettings(
        train_images=images, development_images=1, test_images=1, size=32, floor=floor
    )
    return draw_rows(settings, "train").table


@pytest.fixture(scope="module")
def table() -> ImageTable:
    return draw(6000)


def test_no_patient_is_on_both_sides_and_no_row_is_lost(table: ImageTable) -> None:
    train, val = split_validation(table, 0.1, seed=0)
    assert (train.split, val.split) == ("train", "val")
    assert not set(train.patient) & set(val.patient)
    assert sorted([*train.image, *val.image]) == sorted(table.image)
    kept = set(val.image)
    assert val.image.tolist() == [image for image in table.image if image in kept]


def test_it_has_its_share_of_patients_and_of_every_label(table: ImageTable) -> None:
    train, val = split_validation(table, 0.1, seed=0)
    patients = len(set(table.patient))
    assert len(set(val.patient)) == pytest.approx(0.1 * patients, rel=0.12)
    total, in_val = table.targets.sum(axis=0), val.targets.sum(axis=0)
    assert (in_val > 0).all()
    assert (train.targets.sum(axis=0) > 0).all()
    common = total >= 100
    assert np.abs(in_val[common] / total[common] - 0.1).max() < 0.03


def test_the_same_seed_gives_the_same_patients_in_any_row_order(table: ImageTable) -> None:
    val = split_validation(table, 0.1, seed=5)[1]
    shuffled = table.take(np.random.default_rng(0).permutation(len(table)), "train")
    assert set(split_validation(shuffled, 0.1, seed=5)[1].image) == set(val.image)
    assert set(split_validation(table, 0.1, seed=6)[1].image) != set(val.image)


def test_two_patients_with_a_rare_label_are_parted() -> None:
    table = draw(600)
    rare = int(np.argmin([PREVALENCE[label] for label in LABELS]))
    targets = np.zeros_like(table.targets)
    targets[np.isin(table.patient, np.unique(table.patient)[:2]), rare] = True
    changed = ImageTable(
        "train",
        table.labels,
        table.image,
        table.study,
        table.patient,
        table.view,
        table.path,
        targets,
    )
    train, val = split_validation(changed, 0.1, seed=0)
    assert train.targets[:, rare].any()
    assert val.targets[:, rare].any()


def test_the_real_size_takes_seconds() -> None:
    table = draw(264_849)
    start = time.process_time()
    split_validation(table, 0.1, seed=0)
    assert time.process_time() - start < 5
