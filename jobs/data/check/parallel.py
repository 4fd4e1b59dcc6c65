"""Work on many things in threads, in order, with little in memory and a clean end."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Progress = Callable[[int, int], None]
T = TypeVar("T")
R = TypeVar("R")

_AHEAD: Final = 4  # chunks a thread that may wait for their turn


def in_threads(
    work: Callable[[T], R],
    items: Sequence[T],
    *,
    threads: int,
    chunk: int,
    progress: Progress | None = None,
) -> Iterator[R]:
    """`work` of each item, in their order; a thread takes `chunk` items at a time.

    `progress(done, total)` counts items. What `work` raises is raised here; then, and on Ctrl+C,
    chunks that no thread has begun are dropped.
    """
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[list[R]]] = deque()
    done = 0
    try:
        for start in range(0, len(items), chunk):
            waiting.append(pool.submit(_chunk, work, items[start : start + chunk]))
            while len(waiting) > _AHEAD * threads or (waiting and start + chunk >= len(items)):
                results = waiting.popleft().result()
                done += len(results)
                if progress is not None:
                    progress(done, len(items))
                yield from results
    finally:
        pool.shutdown(cancel_futures=True)


def _chunk(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    return [work(item) for item in items]
