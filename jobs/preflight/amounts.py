"""How many images each job goes over, from the data or from what a phantom will be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.data.oversampling import repeat_factors
from jobs.keys import PREDICTED_SPLITS
from jobs.planned import PlannedJob
from jobs.prepare import PreparedData
from jobs.queue.eta import job_cost
from jobs.recipe.schema import DataSettings


@dataclass(frozen=True, eq=False)
class Amounts:
    """Images of a data set."""

    images: int  # in all
    splits: Mapping[str, int]
    targets: NDArray[np.bool_] | None = None  # (N, C) of split train, where it is known

    @classmethod
    def of(cls, data: PreparedData) -> "Amounts":
        """Those of data that has been read."""
        splits = {split: len(table) for split, table in data.tables.items()}
        return cls(data.images.count(b"\n"), splits, data.tables["train"].targets)

    @classmethod
    def to_come(cls, settings: DataSettings) -> "Amounts":
        """Those of a phantom that is not written yet."""
        phantom = settings.phantom
        if phantom is None:
            return cls(0, {})
        val = round(phantom.train_images * settings.val_fraction)
        splits = {
            "train": phantom.train_images - val,
            "val": val,
            "dev": phantom.development_images,
            "test": phantom.test_images,
        }
        return cls(sum(splits.values()), splits)

    def trained(self, job: PlannedJob) -> float:
        """Images that a train job trains on, repeats of oversampling counted."""
        settings = job.spec["settings"]
        threshold, images = settings["oversampling_threshold"], float(self.splits.get("train", 0))
        if threshold is not None and self.targets is not None:
            images = float(repeat_factors(self.targets, threshold).sum())
        return images * float(settings["epochs"])

    def predicted(self, job: PlannedJob) -> int:
        """Images that a job predicts; a train job those of split val, after each epoch."""
        if job.kind == "train":
            return self.splits.get("val", 0) * int(job.spec["settings"]["epochs"])
        return sum(self.splits.get(split, 0) for split in PREDICTED_SPLITS)

    def cost(self, job: PlannedJob) -> float:
        """Images times pixels, as the queue counts it before anything is measured."""
        if job.kind == "pack":
            return 0.0
        spec = {**job.spec, "targets": PREDICTED_SPLITS}
        return job_cost(job.kind, spec, self.splits)
