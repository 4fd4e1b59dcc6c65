"""Batches of decoded images, gathered ahead by one thread while the network works."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
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

    For a GPU they are gathered in pinned memory, and the copy does not wait: torch keeps pinned
    memory until the copies from it are done. What goes wrong in the thread is raised here; when
    the generator is closed, the thread has ended.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="loader")
    waiting: deque[Future[Tensor]] = deque()
    try:
        for rows in batches:
            waiting.append(pool.submit(_gather, data, rows, device.type == "cuda"))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result().to(device, non_blocking=True)
        while waiting:
            yield waiting.popleft().result().to(device, non_blocking=True)
    finally:
        pool.shutdown(cancel_futures=True)


def to_floats(images: Tensor) -> Tensor:
    """(B, S, S) uint8 to (B, 1, S, S) floats in 0..1."""
    return images.unsqueeze(1).float().div_(255)


def _gather(data: SplitData, rows: NDArray[np.intp], pinned: bool) -> Tensor:
    size = data.pack.size
    images = torch.empty((len(rows), size, size), dtype=torch.uint8, pin_memory=pinned)
    data.gather(rows, images.numpy())
    return images
