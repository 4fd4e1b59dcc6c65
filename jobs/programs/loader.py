"""Batches of decoded images, gathered ahead by one thread while the network works."""

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jobs.programs.attempt import SplitData

AHEAD: Final = 2  # batches that are ready or under way


def load_batches(
    data: SplitData, batches: Iterable[NDArray[np.intp]], device: torch.device
) -> Generator[Tensor, None, None]:
    """The images of each batch (rows of the table), in order: (B, size, size) uint8 on `device`.

    A batch is good until the next is asked for, since its memory is used again. What goes wrong in
    the thread is raised here; when the generator is closed, the thread has ended.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="loader")
    spaces = cycle([Space(pinned=device.type == "cuda") for _ in range(AHEAD + 2)])
    waiting: deque[Future[Tensor]] = deque()
    try:
        for rows in batches:
            waiting.append(pool.submit(_gather, data, rows, next(spaces)))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result().to(device, non_blocking=True)
        while waiting:
            yield waiting.popleft().result().to(device, non_blocking=True)
    finally:
        pool.shutdown(cancel_futures=True)


class Waited(Iterator[Tensor]):
    """Hands on batches, and knows how long they were waited for."""

    def __init__(self, batches: Iterator[Tensor]) -> None:
        self.seconds = 0.0
        self._batches = batches

    def __next__(self) -> Tensor:
        began = time.monotonic()
        try:
            return next(self._batches)
        finally:
            self.seconds += time.monotonic() - began


class Space:
    """Memory for one batch at a time: to get new memory costs more than the copy into it.

    Pinned memory is asked for anew: its copies to the GPU are not waited for, and torch gives it
    again only when they are done.
    """

    def __init__(self, pinned: bool) -> None:
        self._pinned = pinned
        self._memory = torch.empty(0, dtype=torch.uint8)

    def of(self, count: int, size: int) -> Tensor:
        """Room for (count, size, size) uint8; what it held before is lost."""
        shape = (count, size, size)
        if self._pinned:
            return torch.empty(shape, dtype=torch.uint8, pin_memory=True)
        length = count * size * size
        if len(self._memory) < length:
            self._memory = torch.empty(length, dtype=torch.uint8)
        return self._memory[:length].view(shape)


def to_floats(images: Tensor) -> Tensor:
    """(B, S, S) uint8 to (B, 1, S, S) floats in 0..1."""
    return images.unsqueeze(1).float().div_(255)


def _gather(data: SplitData, rows: NDArray[np.intp], space: Space) -> Tensor:
    images = space.of(len(rows), data.pack.size)
    data.gather(rows, images.numpy())
    return images
