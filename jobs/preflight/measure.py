"""Tries a setting in a process of its own, with fewer images at once until they fit."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from jobs.errors import JobsError
from jobs.exit_codes import OUT_OF_MEMORY
from jobs.preflight.setting import Measured, Setting, Trial
from jobs.queue.memory import smaller
from jobs.start import command

PROGRAM: Final = "jobs.programs.preflight"


class UnfitError(JobsError):
    """A setting that cannot run here; the text says why, without naming a model."""


def measure(
    setting: Setting, device: str, environment: Mapping[str, str], locks: Sequence[int] = ()
) -> Measured:
    """Try a setting as the queue would: out of memory, with half as many images at once.

    `environment` keeps the process on its device, whose `locks` it holds as well. Raises UnfitError
    where no number of images fits, or something else is wrong.
    """
    images: int | None = setting.images_at_once
    while images is not None:
        tried = setting.model_copy(update={"images_at_once": images})
        done = _run(tried, environment, locks)
        if done.returncode == 0:
            trial = Trial.model_validate_json(done.stdout.splitlines()[-1])
            return Measured(
                device=device,
                torch=torch_version(),
                setting=setting,
                images_at_once=images,
                trial=trial,
            )
        if done.returncode != OUT_OF_MEMORY:
            raise UnfitError(_last_words(done))
        least, images = images, smaller(images)
    raise UnfitError(f"runs out of memory on {device}, even with {least} images at once")


def torch_version() -> str:
    """The torch that programs would import; "" if there is none."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def _run(
    setting: Setting, environment: Mapping[str, str], locks: Sequence[int]
) -> subprocess.CompletedProcess[str]:
    """The program's end. It dies with us, and whatever is raised here ends it first."""
    return subprocess.run(
        command(PROGRAM, setting.model_dump_json(), str(os.getpid())),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        pass_fds=tuple(locks),
        env={**os.environ, "PYTHONSAFEPATH": "1", **environment},
        check=False,
    )


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"its process was killed by signal {-done.returncode}: is the memory too small?"
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"its process ended with exit code {done.returncode}"
