"""The characters of a chart: braille, or ASCII where a terminal has nothing else."""

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Glyphs:
    """How cells look: each has (h, w) dots, the sum of whose bits is a place in `characters`."""

    bits: NDArray[np.uint8]  # (h, w), rows from the top, columns from the left
    characters: NDArray[np.uint32]  # code points
    lost: str  # above a value that is not finite
    sunk: str  # below a value that is not positive, on a logarithmic axis
    stage: str
    restart: str
    cursor: str
    axis: str
    tick: str
    sample: str  # of a line, in legends
    ascii_only: bool

    @property
    def cell_width(self) -> int:
        """Columns of dots in a cell."""
        return len(self.bits[0])

    @property
    def cell_height(self) -> int:
        """Rows of dots in a cell."""
        return len(self.bits)

    def text(self, text: str) -> str:
        """`text` in characters that the terminal has, as many as before."""
        if not self.ascii_only:
            return text
        return text.translate(_IN_ASCII).encode("ascii", "replace").decode("ascii")


_IN_ASCII: Final = str.maketrans({"↻": "R", "…": "~"})
# Bits of the eight dots of a braille cell (Unicode 15, section 21.1), and its first character.
_BRAILLE_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
_FIRST_BRAILLE: Final = 0x2800

BRAILLE: Final = Glyphs(
    bits=_BRAILLE_BITS,
    characters=np.arange(_FIRST_BRAILLE, _FIRST_BRAILLE + 256, dtype=np.uint32),
    lost="\N{MULTIPLICATION SIGN}",
    sunk="▾",
    stage="│",
    restart="┊",
    cursor="╎",
    axis="│",
    tick="┤",
    sample="━",
    ascii_only=False,
)
ASCII: Final = Glyphs(
    bits=np.array([[1], [2], [4]], np.uint8),
    characters=np.frombuffer(b" '-|.:||", np.uint8).astype(np.uint32),
    lost="x",
    sunk="v",
    stage="|",
    restart=":",
    cursor="!",
    axis="|",
    tick="+",
    sample="=",
    ascii_only=True,
)


def terminal_glyphs(environment: Mapping[str, str] = os.environ) -> Glyphs:
    """ASCII where the locale is not UTF-8, and on the Linux console, whose font has no braille."""
    utf8 = locale.getencoding().lower().replace("-", "") == "utf8"
    return BRAILLE if utf8 and environment.get("TERM") != "linux" else ASCII
