"""Imports of torch and the like: a fifth sooner if Python looks for no garbage meanwhile."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """What is imported here stays as long as the process: it is not looked through, then or later.

    Elsewhere the collector does as always: a tensor in a cycle must not keep memory of the GPU.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
