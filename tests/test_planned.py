"""Which jobs a recipe comes to: packs, and who needs them."""

from dataclasses import replace
from pathlib import Path

import pytest

from db.records import Job
from jobs.plan import plan_lines
from jobs.planned import DataFacts, PlannedJob, plan_jobs
from jobs.recipe.load import load_recipe
from jobs.recipe.schema import PixelSettings, Recipe
from jobs.spec import KeptFile

FACTS = DataFacts(
    Path("/data"),
    KeptFile(path="", sha256="images"),
    9,
    {split: split for split in ("train", "val", "dev", "test")},
)


def poster(**pixels: object) -> Recipe:
    recipe = load_recipe("cxr-lt-2023").recipe
    data = recipe.data.model_copy(update={"pixels": PixelSettings(**pixels)})
    return recipe.model_copy(update={"data": data})


def succeeded(job: PlannedJob) -> Job:
    return Job(
        id=1, key=job.key, kind=job.kind, recipe=job.recipe, stage=job.stage, model=job.model,
        folder=job.folder, needs=job.needs, priority=0, state="succeeded", reason="", queued=0.0,
    )  # fmt: skip


def test_there_is_one_pack_for_each_size_and_models_need_theirs() -> None:
    planned = plan_jobs(poster(), FACTS)
    assert list(planned.packs) == [512, 384, 320, 224]
    assert next(job.name for job in planned.packs.values()) == "512px pack"
    model3, parent = planned.trains["model3"], planned.trains["model0"]
    assert model3.needs == (planned.packs[320].key, parent.key)
    assert planned.predicts["model3"].needs == (planned.packs[320].key, model3.key)
    assert parent.needs == (planned.packs[224].key,)


def test_smaller_packs_come_from_the_master() -> None:
    planned = plan_jobs(poster(master=400), FACTS)
    assert list(planned.packs) == [512, 400, 384, 320, 224]
    master = planned.packs[400]
    assert [job.needs for job in planned.packs.values()] == [(), (), *[(master.key,)] * 3]
    assert planned.packs[224].spec["master"] == master.spec["pack"]
    assert planned.packs[512].spec["master"] is None
    recipe = poster(master=400)
    assert [job.model for job in planned.of_models(recipe, {"model0"}) if job.kind == "pack"] == [
        "400px", "224px",
    ]  # fmt: skip


def test_how_pixels_are_made_is_in_the_keys_of_what_sees_them() -> None:
    plain = plan_jobs(poster(), FACTS)
    padded = plan_jobs(poster(resize="pad"), FACTS)
    mastered = plan_jobs(poster(master=384), FACTS)
    assert plain.trains["model0"].key != padded.trains["model0"].key
    assert plain.predicts["model0"].key != padded.predicts["model0"].key
    assert plain.trains["model0"].key != mastered.trains["model0"].key
    assert plain.packs[384].key == mastered.packs[384].key
    assert plain.packs[512].key == mastered.packs[512].key


@pytest.mark.parametrize("master", [None, 512])
def test_a_moved_data_folder_needs_packs_only_where_something_runs(
    tmp_path: Path, master: int | None
) -> None:
    recipe = poster(master=master)
    before, after = (
        plan_jobs(recipe, replace(FACTS, root=Path(root))) for root in ("/data", "/moved")
    )
    assert before.packs[224].key != after.packs[224].key
    assert before.trains["model0"].key == after.trains["model0"].key
    known = {job.key: succeeded(job) for job in before.of_models(recipe, {"model0"})}
    again = plan_lines(after.of_models(recipe, {"model0"}), known, tmp_path)
    assert [(line.job.name, line.runs) for line in again] == [
        ("model0 train", False),
        ("model0 predict", False),
    ]
    more = plan_lines(after.of_models(recipe, {"model0", "model1"}), known, tmp_path)
    assert [line.job.name for line in more if line.runs] == [
        *(["512px pack"] if master else []),
        "224px pack",
        "model1 train",
        "model1 predict",
    ]
    packs_alone = plan_lines(after.of_sizes([224]), known, tmp_path)
    assert packs_alone[-1].job.name == "224px pack"
    assert all(line.runs for line in packs_alone)


def test_a_master_is_needed_by_the_packs_that_come_from_it(tmp_path: Path) -> None:
    recipe = poster(master=512)
    lines = plan_lines(plan_jobs(recipe, FACTS).of_models(recipe, {"model0"}), {}, tmp_path)
    assert [line.job.name for line in lines if line.runs][:2] == ["512px pack", "224px pack"]


def test_a_pack_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    job = plan_jobs(poster(), FACTS).packs[224]
    (line,) = plan_lines([job], {job.key: succeeded(job)}, tmp_path)
    assert (line.runs, line.reason) == (True, "its pack is gone: is made again")
    pack = (tmp_path / job.folder / job.spec["pack"]).resolve()
    pack.mkdir(parents=True)
    (pack / "pack.json").write_text("{}")
    (line,) = plan_lines([job], {job.key: succeeded(job)}, tmp_path)
    assert not line.runs
