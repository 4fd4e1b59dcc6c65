"""The settings that a plan comes to, each with its jobs."""

from collections.abc import Iterable

from jobs.planned import PlannedJob
from jobs.preflight.setting import Setting
from jobs.queue.memory import wanted_micro_batch


def ranks_of(job: PlannedJob, gpus: int) -> int:
    """GPUs that a job runs on at once, on a machine with `gpus` of them; 1 where there is none."""
    return int(job.spec["run"]["gpus"]) if job.kind == "train" and gpus else 1


def setting_of(job: PlannedJob, ranks: int) -> Setting:
    """The setting of a train or predict job on each of so many GPUs."""
    settings = job.spec["settings"]
    share = max(2, -(-settings["batch_size"] // ranks))
    same = ("architecture", "channels", "image_size", "drop_rate", "augmentation")
    return Setting(
        **{name: settings[name] for name in same},
        batch_size=share,
        images_at_once=wanted_micro_batch(job.spec, ranks) or share,
        labels=len(job.spec["labels"]),
        trains=job.kind == "train",
    )


def settings_of(jobs: Iterable[PlannedJob], gpus: int) -> dict[Setting, list[PlannedJob]]:
    """The distinct settings of jobs that use a network, each with its jobs, on so many GPUs.

    A model that trains and predicts on one GPU is one setting: both are tried in one process.
    """
    found: dict[Setting, list[PlannedJob]] = {}
    for job in jobs:
        if job.kind != "pack":
            setting = setting_of(job, ranks_of(job, gpus)).model_copy(update={"trains": True})
            found.setdefault(setting, []).append(job)
    return {
        setting.model_copy(update={"trains": any(job.kind == "train" for job in users)}): users
        for setting, users in found.items()
    }
