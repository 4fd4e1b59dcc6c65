"""One model trained by several processes, its ranks, with a GPU each: what they do together.

Every rank holds the whole network and takes a share of every batch. Gradients are summed over the
ranks before the optimizer's step, so that all make the same one and their weights stay the same
bits. Rank 0 is the program of the attempt; the others write nothing.
"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from jobs.errors import InputError
from jobs.programs.rank_processes import meeting_file, other_ranks
from jobs.recipe.schema import RunSettings
from jobs.start import command

RANKS_VARIABLE: Final = "CXRTUI_RANKS"  # for tests: as many ranks, up to run.gpus, without a GPU
BUCKET_BYTES: Final = 64 << 20
# A rank may wait this long for one that reads a slow disk or saves a checkpoint.
PATIENCE: Final = timedelta(minutes=30)
VERDICT_SECONDS: Final = 10.0
_CPU: Final = torch.device("cpu")


@dataclass(frozen=True)
class Ranks:
    """The ranks as one of them sees them: it is rank `number` of `count`."""

    number: int = 0
    count: int = 1
    device: torch.device = _CPU

    @property
    def leads(self) -> bool:
        """Whether this is rank 0, the only one that writes."""
        return self.number == 0

    @property
    def place(self) -> tuple[int, ...]:
        """What its random numbers are drawn for, beside step and purpose; rank 0 has the plain."""
        return (self.number,) if self.number else ()

    def share(self, size: int) -> slice:
        """This rank's part of `size` things in a row; no rank has more than rank 0."""
        least, more = divmod(size, self.count)
        start = self.number * least + min(self.number, more)
        return slice(start, start + least + (self.number < more))

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by its sum over the ranks, of the same bits on all of them."""
        if self.count == 1:
            return
        for bucket in _buckets(tensors):
            flat = torch.cat([one.reshape(-1) for one in bucket]).to(self.device)
            with _together():
                torch.distributed.all_reduce(flat)
            parts = torch.split(flat, [one.numel() for one in bucket])
            for one, total in zip(bucket, parts, strict=True):
                one.copy_(total.view_as(one))

    def add_up_gradients(self, network: nn.Module, loss: Tensor) -> None:
        """Sum the gradients, and beside them the loss of each rank's share."""
        if self.count > 1:
            found = [one.grad for one in network.parameters() if one.grad is not None]
            self.add_up([*found, loss])

    def take_leaders(self, tensors: Iterable[Tensor]) -> None:
        """Overwrite each tensor, on this rank's device, with that of rank 0."""
        if self.count > 1:
            for one in tensors:
                flat = one.contiguous()
                with _together():
                    torch.distributed.broadcast(flat, 0)
                one.copy_(flat)

    def check_same(self, network: nn.Module, step: int) -> None:
        """Compare step and weights with those of rank 0; RuntimeError if they differ in a bit."""
        if self.count == 1:
            return
        bits = [one.detach().view(torch.int32) for one in network.parameters()]
        own = torch.stack([torch.tensor(step, device=self.device), *(one.sum() for one in bits)])
        leaders = own.clone()
        self.take_leaders([leaders])
        if not torch.equal(own, leaders):
            raise RuntimeError(f"rank {self.number} has not the weights of rank 0 at step {step}")


ALONE: Final = Ranks()


def count_ranks(run: RunSettings, batch: int) -> int:
    """How many ranks train a model: a visible GPU each, `run.gpus` at most.

    Raises InputError if a batch of `batch` images has not two images for each of them: batch norm
    cannot normalise over a single one.
    """
    if run.gpus == 1:
        return 1
    seen = torch.cuda.device_count() or int(os.environ.get(RANKS_VARIABLE, 1))
    count = min(run.gpus, seen)
    if count > 1 and batch < 2 * count:
        raise InputError(
            f"gpus = {run.gpus}: a batch of {batch} images is too small for {count} GPUs, "
            "each needs two images"
        )
    return count


@contextmanager
def start_ranks(attempt: Path, count: int, device: torch.device) -> Iterator[Ranks]:
    """Start the other ranks of an attempt and meet them; they are ended with the context."""
    if count == 1:
        yield ALONE
        return
    # In memory: nothing is left behind by a rank that is killed, and no port is open to others.
    meeting = os.memfd_create("ranks")
    lines = [
        command("jobs.programs.rank", str(attempt), *map(str, (number, count, meeting)))
        for number in range(1, count)
    ]
    try:
        with other_ranks(lines, meeting):
            yield join_ranks(number=0, count=count, device=device, meeting=meeting_file(meeting))
    finally:
        os.close(meeting)


def join_ranks(number: int, count: int, device: torch.device, meeting: Path) -> Ranks:
    """Wait at the file `meeting`, empty at first, until all ranks are there."""
    # All are on this machine; a name of the host that resolves to nothing must not matter.
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    os.environ.setdefault("NCCL_SOCKET_IFNAME", "lo")
    on_gpu = device.type == "cuda"
    with _together():
        torch.distributed.init_process_group(
            "nccl" if on_gpu else "gloo",
            init_method=meeting.as_uri(),
            rank=number,
            world_size=count,
            timeout=PATIENCE,
            device_id=device if on_gpu else None,
        )
    return Ranks(number, count, device)


@contextmanager
def _together() -> Iterator[None]:
    """Around what all ranks do at once, and what fails on all of them as soon as one has ended.

    Then not this error is to be told but the end of that one, which rank 0 sees within the moment
    and shares, and so do we.
    """
    try:
        yield
    except RuntimeError:
        time.sleep(VERDICT_SECONDS)
        raise


def _buckets(tensors: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """The tensors in their order, in as few lists as hold `BUCKET_BYTES` each, or one tensor."""
    bucket: list[Tensor] = []
    held = 0
    for one in tensors:
        if bucket and held + one.nbytes > BUCKET_BYTES:
            yield bucket
            bucket, held = [], 0
        bucket.append(one)
        held += one.nbytes
    if bucket:
        yield bucket
