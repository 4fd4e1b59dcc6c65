"""The models' parts of one series behind each other, of which only the last one grows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrtui.lineages.growing import Buffer, Floats


@dataclass(frozen=True, eq=False)
class Piece:
    """One model's part of a stitched series."""

    x: Floats  # from where the model begins
    value: Floats
    restarts: Floats
    length: float


@dataclass(frozen=True, eq=False)
class Stitched:
    """A series of a whole lineage over any axis."""

    x: Floats
    value: Floats
    restarts: tuple[float, ...]  # where later attempts took over
    begins: tuple[float, ...]  # where each model of the lineage begins, the root first
    end: float  # where the last one ends


class Seam:
    """Pieces as they were stitched last: what is there already is not copied again."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._begins: list[float] = []
        self._stitched: Stitched | None = None
        self._x, self._value = Buffer(np.float64), Buffer(np.float64)

    def stitch(self, pieces: Sequence[Piece]) -> Stitched:
        """These pieces behind each other; while none is new it is the same object."""
        if self._stitched is None or self._pieces != list(pieces):
            *begins, end = np.cumsum([0.0, *(piece.length for piece in pieces)]).tolist()
            self._append(pieces, begins)
            self._pieces, self._begins = list(pieces), begins
            restarts = (
                place + begin
                for piece, begin in zip(pieces, begins, strict=True)
                for place in piece.restarts.tolist()
            )
            x, value = self._x.array, self._value.array
            self._stitched = Stitched(x, value, tuple(restarts), tuple(begins), end)
        return self._stitched

    def _append(self, pieces: Sequence[Piece], begins: list[float]) -> None:
        """Put what is new behind each other, x by itself: smoothing changes values alone."""
        x, earlier_x = [one.x for one in pieces], [one.x for one in self._pieces]
        if self._begins == begins and _goes_on(earlier_x, x):
            self._x.append(x[-1][earlier_x[-1].size :] + begins[-1])
        else:
            self._x = Buffer(np.float64, _room(x))
            for part, begin in zip(x, begins, strict=True):
                self._x.append(part + begin)
        values, earlier = [one.value for one in pieces], [one.value for one in self._pieces]
        if _goes_on(earlier, values):
            self._value.append(values[-1][earlier[-1].size :])
        else:
            self._value = Buffer(np.float64, _room(values))
            for part in values:
                self._value.append(part)


def _room(parts: Sequence[Floats]) -> int:
    """For all of them, and for what comes in the next while."""
    return int(1.2 * sum(part.size for part in parts)) + 1000


def _goes_on(earlier: Sequence[Floats], parts: Sequence[Floats]) -> bool:
    """Whether only the last part is longer than it was, and begins as it did."""
    if not earlier or len(earlier) != len(parts):
        return False
    last, before = parts[-1], earlier[-1]
    pairs = [*zip(parts[:-1], earlier[:-1], strict=True), (last[: before.size], before)]
    return all(_is_same(one, other) for one, other in pairs)


def _is_same(one: Floats, other: Floats) -> bool:
    """Bit by bit, so that NaN is NaN; what lies at one place of a buffer need not be read."""
    if one.base is not None and one.base is other.base and _place(one) == _place(other):
        return one.size == other.size
    return np.array_equal(one.view(np.int64), other.view(np.int64))


def _place(part: Floats) -> int:
    address: int = part.__array_interface__["data"][0]
    return address
