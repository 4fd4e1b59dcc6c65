"""Plans, machines and measurements that are made up, for tests of the preflight."""

import json
import tempfile
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from jobs.gpus import TEST_VARIABLE, Gpu
from jobs.planned import DataFacts, PlannedJob, plan_jobs
from jobs.preflight import room
from jobs.preflight.amounts import Amounts
from jobs.preflight.measure import torch_version
from jobs.preflight.preflight import Question
from jobs.preflight.setting import Measured, Setting, Trial
from jobs.recipe.schema import Augmentation, Recipe
from jobs.spec import KeptFile
from jobs.workspace import WorkspaceSettings

CXR_LT = Amounts(377_110, {"train": 238_364, "val": 26_485, "dev": 36_769, "test": 75_492})
TINY = Setting(
    architecture="test_efficientnet",
    channels=1,
    image_size=32,
    batch_size=64,
    images_at_once=64,
    labels=4,
    drop_rate=0.0,
    augmentation=Augmentation(),
)
TRIAL = Trial(
    startup_seconds=10.0,
    train_rate=100.0,
    predict_rate=200.0,
    gpu_peak=30 * 2**30,
    gpu_bytes=80 * 2**30,
    weights_bytes=100,
    checkpoint_bytes=1000,
)
Usage = namedtuple("Usage", "total used free")


def measured(setting: Setting = TINY, **changed: Any) -> Measured:
    fields = {"device": "X", "torch": torch_version(), "images_at_once": 64, "trial": TRIAL}
    return Measured(setting=setting, **{**fields, **changed})


def planned(recipe: Recipe, **run: Any) -> list[PlannedJob]:
    """All jobs that are not optional, on data of which nothing is there."""
    recipe = recipe.model_copy(update={"run": recipe.run.model_copy(update=run)})
    marks = dict.fromkeys(("train", "val", "dev", "test"), "")
    facts = DataFacts(Path("/data"), KeptFile(path="", sha256=""), 0, marks)
    names = [model.name for model in recipe.models if not model.optional]
    return plan_jobs(recipe, facts).of_models(recipe, names)


def question(tmp_path: Path, jobs: list[PlannedJob], amounts: Amounts = CXR_LT) -> Question:
    return Question(tmp_path / "workspace", WorkspaceSettings("cxr-lt-2023"), jobs, amounts)


def free_disk(monkeypatch: pytest.MonkeyPatch, free: float) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: Usage(1e15, 0, int(free)))


def gpu_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Gpu:
    gpu = {"index": 0, "uuid": f"GPU-{tmp_path.name}", "name": "X", "used_bytes": 0}
    report = {"gpus": [{**gpu, "total_bytes": 80 << 30, **more}]}
    (tmp_path / "gpus.json").write_text(json.dumps(report))
    monkeypatch.setenv(TEST_VARIABLE, str(tmp_path / "gpus.json"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where the GPU's lock lies
    return Gpu(**report["gpus"][0])
