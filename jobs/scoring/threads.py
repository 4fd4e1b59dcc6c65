"""Labels scored side by side: numpy computes without the interpreter's lock."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

_THREADS: Final = 4  # more would only wait for the interpreter between numpy's calls
_LARGE: Final = 200_000  # scores; below it starting threads costs more than it saves

Found = TypeVar("Found")


def each_label(action: Callable[[int], Found], labels: int, images: int) -> list[Found]:
    """What `action` finds for each label's number, in order.

    On several threads where `images` x `labels` are worth it. Raises what the first label that
    fails raises.
    """
    threads = min(_THREADS, len(os.sched_getaffinity(0))) if images * labels >= _LARGE else 1
    if threads == 1:
        return [action(label) for label in range(labels)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(action, range(labels)))
