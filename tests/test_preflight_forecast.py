"""What a preflight foretells, from numbers."""

from pathlib import Path

import pytest
from preflight_parts import CXR_LT, TRIAL, planned, question

from jobs.data.reading import read_dataset
from jobs.planned import PlannedJob
from jobs.preflight import preflight as whole
from jobs.preflight.amounts import Amounts
from jobs.preflight.forecast import forecast
from jobs.preflight.wanted import settings_of
from jobs.queue.eta import Stretch, finish_seconds
from jobs.recipe.load import load_recipe
from jobs.recipe.schema import DataSettings


@pytest.fixture(scope="module")
def poster() -> list[PlannedJob]:
    return planned(load_recipe("cxr-lt-2023").recipe)


def test_models_that_need_the_same_are_tried_once(poster: list[PlannedJob]) -> None:
    found = settings_of(poster, gpus=1)
    assert [(one.image_size, one.images_at_once) for one in found] == [
        (224, 256), (224, 128), (320, 128), (384, 80), (512, 48),
    ]  # fmt: skip
    assert all(one.trains for one in found)
    models = [sorted({job.model for job in jobs}) for jobs in found.values()]
    assert models[2] == ["model2", "model3", "model4", "model5"]
    predicts = settings_of([job for job in poster if job.kind == "predict"], gpus=1)
    assert not any(one.trains for one in predicts)


def test_on_two_gpus_each_has_half_of_the_batch() -> None:
    jobs = planned(load_recipe("cxr-lt-2023").recipe, gpus=2)
    trains = [one for one in settings_of(jobs, gpus=4) if one.trains]
    assert {(one.batch_size, one.images_at_once) for one in trains} >= {(128, 128), (24, 24)}
    assert {one.batch_size for one in settings_of(jobs, gpus=0)} == {256, 128, 80, 48}


def test_only_costly_recipes_are_tried_unasked(tmp_path: Path, poster: list[PlannedJob]) -> None:
    demo = load_recipe("demo").recipe
    small = question(tmp_path, planned(demo), Amounts.to_come(demo.data))
    assert not small.is_costly
    assert sum(map(small.amounts.cost, small.jobs)) < whole.COSTLY / 20
    large = question(tmp_path, poster)
    assert large.is_costly
    assert sum(map(large.amounts.cost, large.jobs)) > whole.COSTLY * 20


def test_a_phantom_that_is_not_written_has_its_images() -> None:
    demo = load_recipe("demo").recipe.data
    amounts = Amounts.to_come(demo)
    assert amounts.splits == {"train": 2880, "val": 320, "dev": 800, "test": 2000}
    assert amounts.images == 6000


def test_oversampling_makes_epochs_longer(poster: list[PlannedJob], data_folder: Path) -> None:
    table = read_dataset(data_folder, DataSettings(), ("Atelectasis", "Nodule"))["train"]
    amounts = Amounts(len(table), {"train": len(table)}, table.targets)
    trains = {job.model: job for job in poster if job.kind == "train"}
    assert amounts.trained(trains["model2"]) == 30 * len(table)
    shares = table.targets.mean(axis=0)
    assert shares.min() < 0.15
    assert amounts.trained(trains["model5"]) > amounts.trained(trains["model2"])


def test_hours_and_bytes_by_hand(poster: list[PlannedJob]) -> None:
    jobs = [job for job in poster if job.kind == "pack" or job.model in ("model0", "model2")]
    trials = {job.key: TRIAL for job in jobs if job.kind != "pack"}
    amounts = Amounts(1000, {"train": 600, "val": 100, "dev": 100, "test": 200})
    found = forecast(jobs, amounts, trials, 50.0, {"network": 2, "pack": 1}, gpus=2)
    seconds = {job.name: found.seconds[job.key] for job in jobs}
    train = 10 + 30 * 600 / 100 + 30 * 100 / 200
    predict = 10 + 400 / 200
    decode, shrink = 1000 / 50, 0.05 * 1000 / 50
    assert seconds["512px pack"] == decode
    assert seconds["224px pack"] == pytest.approx(shrink)
    assert (seconds["model0 train"], seconds["model0 predict"]) == (train, predict)
    assert found.slot_seconds == pytest.approx(2 * (train + predict))
    # 512, 384, 320 and 224 px one after the other, then the chain of model0 and model2
    assert found.finish == pytest.approx(decode + 3 * shrink + 2 * train + predict)
    assert found.packs > 1000 * (512**2 + 384**2 + 320**2 + 224**2)
    # one checkpoint stays of each model, and two more while it trains
    assert found.runs == 2 * (100 + 1000) + 2 * 2000 + 2 * 400 * (4 * 26 + 160)


def test_what_is_not_measured_is_not_known(poster: list[PlannedJob]) -> None:
    found = forecast(poster, CXR_LT, {}, None, {"network": 2, "pack": 1}, gpus=2)
    assert (found.finish, found.slot_seconds, found.runs) == (None, None, None)


def test_jobs_on_several_gpus_wait_for_all_of_them() -> None:
    both, one = (Stretch(key, (), "network", 10.0, slots) for key, slots in (("a", 2), ("b", 1)))
    assert finish_seconds([both, one], {"network": 2}) == 20.0
    assert finish_seconds([both, one], {"network": 3}) == 10.0
    assert finish_seconds([both, one], {"network": 1}) is None
    child = Stretch("c", ("b",), "network", 5.0)
    other = Stretch("d", (), "network", 12.0)
    assert finish_seconds([one, child, other], {"network": 1}) == 27.0
    assert finish_seconds([one, child, other], {"network": 2}) == 15.0


def test_a_slot_does_not_wait_for_the_parent_of_a_job_ahead() -> None:
    work = [Stretch("a", (), "network", 10.0), Stretch("b", ("a",), "network", 10.0)]
    assert finish_seconds([*work, Stretch("c", (), "network", 20.0)], {"network": 2}) == 20.0
