"""Splitting by patient: stable, without leaks, with a share of every label."""

from dataclasses import replace

import numpy as np
import pytest

from jobs.data.labels import LABELS, PREVALENCE
from jobs.data.splitting import split_off, split_tables
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import DataSettings

SETTINGS = DataSettings(test_fraction=0.2, dev_fraction=0.1, val_fraction=0.1, val_seed=3)


def draw(images: int, seed: int = 0) -> ImageTable:
    """Images of patients who have about four each, with the published prevalences."""
    rng = np.random.default_rng(seed)
    patient = rng.integers(0, images // 4, images).astype(str)
    image = np.arange(images).astype(str)
    none = np.full(images, "", dtype=np.str_)
    targets = rng.random((images, len(LABELS))) < [PREVALENCE[label] for label in LABELS]
    return ImageTable("train", LABELS, image, patient, patient, none, image, targets)


@pytest.fixture(scope="module")
def table() -> ImageTable:
    return draw(6000)


def test_no_patient_is_on_both_sides_and_no_row_is_lost(table: ImageTable) -> None:
    train, val = split_off(table, "val", 0.1, seed=0)
    assert (train.split, val.split) == ("train", "val")
    assert not set(train.patient) & set(val.patient)
    assert sorted([*train.image, *val.image]) == sorted(table.image)
    kept = set(val.image)
    assert val.image.tolist() == [image for image in table.image if image in kept]


@pytest.mark.parametrize("fraction", [0.1, 0.3])
def test_it_has_its_share_of_patients_and_of_every_label(
    table: ImageTable, fraction: float
) -> None:
    train, val = split_off(table, "val", fraction, seed=0)
    patients = len(set(table.patient))
    assert len(set(val.patient)) == pytest.approx(fraction * patients, rel=0.12)
    total, in_val = table.targets.sum(axis=0), val.targets.sum(axis=0)
    assert (in_val > 0).all()
    assert (train.targets.sum(axis=0) > 0).all()
    common = total >= 100
    assert np.abs(in_val[common] / total[common] - fraction).max() < 0.03


def test_the_same_seed_gives_the_same_patients_in_any_row_order(table: ImageTable) -> None:
    shuffled = table.take(np.random.default_rng(0).permutation(len(table)), "train")
    once, again = (split_tables({"train": one}, SETTINGS) for one in (table, shuffled))
    for split in ("train", "val", "dev", "test"):
        assert set(once[split].image) == set(again[split].image)
    other = split_tables({"train": table}, SETTINGS.model_copy(update={"val_seed": 4}))
    assert set(other["test"].image) != set(once["test"].image)


def test_what_is_missing_is_split_off_in_turn(table: ImageTable) -> None:
    tables = split_tables({"train": table}, SETTINGS)
    assert list(tables) == ["train", "val", "dev", "test"]
    assert [one.split for one in tables.values()] == list(tables)
    patients = {split: set(one.patient) for split, one in tables.items()}
    assert sum(map(len, patients.values())) == len(set(table.patient))
    shares = {split: len(own) / len(set(table.patient)) for split, own in patients.items()}
    assert shares["test"] == pytest.approx(0.2, abs=0.02)
    assert shares["dev"] == pytest.approx(0.1, abs=0.02)
    assert shares["val"] == pytest.approx(0.1 * 0.7, abs=0.02)
    for one in tables.values():
        assert one.targets.any(axis=0).all()


def test_a_part_that_is_given_stays_as_it_is(table: ImageTable) -> None:
    given = {"train": table, "dev": replace(draw(40, 1), split="dev")}
    tables = split_tables(given, SETTINGS)
    assert tables["dev"] is given["dev"]
    assert len(set(tables["test"].patient)) == pytest.approx(0.2 * 1500, rel=0.12)


def test_where_nothing_is_missing_only_validation_is_split_off(table: ImageTable) -> None:
    given = {"train": table, "dev": draw(40, 1), "test": draw(40, 2)}
    tables = split_tables(given, SETTINGS)
    assert (tables["dev"], tables["test"]) == (given["dev"], given["test"])
    train, val = split_off(table, "val", 0.1, seed=3)
    assert tables["train"].fingerprint() == train.fingerprint()
    assert tables["val"].fingerprint() == val.fingerprint()


def test_two_patients_with_a_rare_label_are_parted(table: ImageTable) -> None:
    rare = LABELS.index("Pneumoperitoneum")
    targets = np.zeros_like(table.targets)
    targets[np.isin(table.patient, np.unique(table.patient)[:2]), rare] = True
    train, val = split_off(replace(table, targets=targets), "val", 0.1, seed=0)
    assert train.targets[:, rare].any()
    assert val.targets[:, rare].any()


def test_too_few_patients_are_an_error(table: ImageTable) -> None:
    one = table.take(np.flatnonzero(table.patient == table.patient[0]), "train")
    with pytest.raises(InputError, match="1 patients are too few to split val off train"):
        split_off(one, "val", 0.1, seed=0)
