"""How many images at once: what the recipe wants, unless a GPU is known to be too small for it.

The batch stays what the recipe says, and a train job goes on from its checkpoint.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from db.ledger import PeakRecord
from db.records import Attempt
from jobs.exit_codes import OUT_OF_MEMORY

SMALLEST: Final = 16  # the statistics of batch norm are those of the micro-batch


def smaller(micro_batch: int | None) -> int | None:
    """Half of it; None where that would be too few images, or none were asked for."""
    half = (micro_batch or 0) // 2
    return half if half >= SMALLEST else None


def ran_out(attempt: Attempt) -> bool:
    """Whether an attempt ended for want of memory, and fewer images at once can be tried."""
    return attempt.exit_code == OUT_OF_MEMORY and smaller(attempt.micro_batch) is not None


def wanted_micro_batch(spec: Mapping[str, Any], gpus: int = 1) -> int | None:
    """Images at once on each of so many GPUs, as this `job.json` wants it; None for a pack."""
    if "settings" not in spec:
        return None
    share = -(-int(spec["settings"]["batch_size"]) // max(1, gpus))
    return min(share, int(spec["run"]["micro_batch"] or share))


def next_micro_batch(
    spec: Mapping[str, Any],
    attempts: Sequence[Attempt],
    known: Sequence[PeakRecord] = (),
    gpus: int = 1,
    gpu_bytes: int | None = None,
) -> int | None:
    """Images at once in the next attempt of a job, after its earlier ones; None for a pack.

    `known` is the ledger: the first attempt begins with what it does not say is too much.
    """
    tried = [one for one in attempts if one.micro_batch is not None]
    if tried:
        last = tried[-1]
        return smaller(last.micro_batch) if ran_out(last) else last.micro_batch
    wanted = wanted_micro_batch(spec, gpus)
    if wanted is None or gpu_bytes is None:
        return wanted
    alike = [one for one in known if _is_alike(one, spec)]
    while is_too_much(wanted, alike, gpu_bytes) and (half := smaller(wanted)) is not None:
        wanted = half
    return wanted


def is_too_much(micro_batch: int, alike: Sequence[PeakRecord], gpu_bytes: int) -> bool:
    """Whether so many images, or fewer, ran out of the memory of a GPU that is no smaller.

    Not where as many have fitted in as little memory since: others may have used the GPU then.
    """
    fitted = any(
        one.fitted and one.micro_batch >= micro_batch and one.gpu_bytes <= gpu_bytes
        for one in alike
    )
    return not fitted and any(
        one.ran_out and one.micro_batch <= micro_batch and one.gpu_bytes >= gpu_bytes
        for one in alike
    )


def _is_alike(record: PeakRecord, spec: Mapping[str, Any]) -> bool:
    settings = spec["settings"]
    return (record.kind, record.architecture, record.channels, record.image_size) == (
        spec["kind"],
        settings["architecture"],
        settings["channels"],
        settings["image_size"],
    )
