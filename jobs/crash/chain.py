"""The weights of the crash test's program: a chain of hashes, in which every step shows.

They are a function of the job's key, of the weights that it starts from and of the number of
steps, so that whoever knows these can say what an unbroken run would have ended with.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

EPOCH_STEPS: Final = 25
PREDICT_STEPS: Final = 20


def first_state(key: str, parent: str) -> str:
    """The state before the first step; `parent` is the parent's last one, or empty."""
    return _hash(f"{key} {parent}")


def next_state(state: str, step: int) -> str:
    """The state after `step` (1, 2, ...)."""
    return _hash(f"{state} {step}")


def states(key: str, parent: str, steps: int) -> Iterator[str]:
    """The states before the first step and after each."""
    state = first_state(key, parent)
    yield state
    for step in range(1, steps + 1):
        state = next_state(state, step)
        yield state


def loss_of(state: str) -> float:
    """A number in [0, 1) that tells one state from another."""
    return int(state[:12], 16) / 16**12


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
