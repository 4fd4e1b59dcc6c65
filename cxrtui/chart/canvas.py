"""A grid of characters and styles that becomes the strips of a widget."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_SPACE = ord(" ")


class Canvas:
    """Cells of one character and one style each; style 0 is the widget's own."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._characters = np.full((height, width), _SPACE, dtype=np.uint32)
        self._styles = np.zeros((height, width), dtype=np.intp)
        self._palette: dict[Style, int] = {Style.null(): 0}

    def style(self, style: Style) -> int:
        """The number by which cells refer to `style`."""
        return self._palette.setdefault(style, len(self._palette))

    def text(self, column: int, row: int, text: str, style: Style) -> None:
        """Write `text` from a cell on; what lies outside is cut off. One cell a character."""
        first, last = max(column, 0), min(column + len(text), self.width)
        if first < last and 0 <= row < self.height:
            codes = [ord(character) for character in text[first - column : last - column]]
            self._characters[row, first:last] = codes
            self._styles[row, first:last] = self.style(style)

    def pole(self, column: int, height: int, character: str, style: Style) -> None:
        """Write one character on the first `height` cells of a column that lies within."""
        self._characters[:height, column] = ord(character)
        self._styles[:height, column] = self.style(style)

    def put(
        self,
        column: int,
        row: int,
        characters: NDArray[np.uint32],
        shown: NDArray[np.bool_],
        style: Style,
    ) -> None:
        """Write a block (H, W) of characters from a cell on, where it is `shown`."""
        height, width = characters.shape
        area = np.s_[row : row + height, column : column + width]
        self._characters[area][shown] = characters[shown]
        self._styles[area][shown] = self.style(style)

    def is_free(self, column: int, row: int, width: int) -> bool:
        """Whether nothing has been written on `width` cells that all lie within the canvas."""
        if column < 0 or column + width > self.width or not 0 <= row < self.height:
            return False
        return bool((self._characters[row, column : column + width] == _SPACE).all())

    def strips(self, base: Style) -> list[Strip]:
        """One strip a row, neighbouring cells of one style in one segment."""
        styles = [base + style for style in self._palette]
        rows = zip(self._characters, self._styles, strict=True)
        return [Strip(_segments(*row, styles), self.width) for row in rows]


def _segments(
    characters: NDArray[np.uint32], numbers: NDArray[np.intp], styles: Sequence[Style]
) -> list[Segment]:
    text = characters.astype("<u4").tobytes().decode("utf-32-le")
    cuts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(text)]
    return [
        Segment(text[start:end], styles[numbers[start]])
        for start, end in pairwise(cuts)
        if end > start
    ]
