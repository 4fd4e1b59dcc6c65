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

    def goes_on(self, earlier: "Piece") -> bool:
        """Whether it begins with all that was there earlier."""
        size = earlier.x.size
        return np.array_equal(self.x[:size], earlier.x) and np.array_equal(
            self.value[:size], earlier.value, equal_nan=True
        )


@dataclass(frozen=True, eq=False)
class Stitched:
    """A series of a whole lineage over any axis."""

    x: Floats
    value: Floats
    restarts: tuple[float, ...]  # where later attempts took over
    begins: tuple[float, ...]  # where each model of the lineage begins, the root first
    end: float  # where the last one ends


class Seam:
    """Pieces as they were stitched last."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._stitched: Stitched | None = None
        self._x, self._value = Buffer(np.float64), Buffer(np.float64)

    def stitch(self, pieces: Sequence[Piece]) -> Stitched:
        """These pieces behind each other; while none is new it is the same object."""
        if self._stitched is None or self._pieces != list(pieces):
            self._fill(pieces)
            self._pieces = list(pieces)
            ends = np.cumsum([0.0, *(piece.length for piece in pieces)]).tolist()
            restarts = (
                place + begin
                for piece, begin in zip(pieces, ends, strict=False)
                for place in piece.restarts.tolist()
            )
            x, value = self._x.array, self._value.array
            self._stitched = Stitched(x, value, tuple(restarts), tuple(ends[:-1]), ends[-1])
        return self._stitched

    def _fill(self, pieces: Sequence[Piece]) -> None:
        """Append what is new, or begin again."""
        begin = sum(piece.length for piece in pieces[:-1])
        if self._grows(pieces):
            new = slice(self._pieces[-1].x.size, None)
            self._x.append(pieces[-1].x[new] + begin)
            self._value.append(pieces[-1].value[new])
            return
        self._x, self._value = Buffer(np.float64), Buffer(np.float64)
        end = 0.0
        for piece in pieces:
            self._x.append(piece.x + end)
            self._value.append(piece.value)
            end += piece.length

    def _grows(self, pieces: Sequence[Piece]) -> bool:
        before = self._pieces
        return bool(before) and before[:-1] == list(pieces[:-1]) and pieces[-1].goes_on(before[-1])
