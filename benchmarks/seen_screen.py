"""What stands on a terminal's screen: as much of a terminal as the dashboard makes use of."""

import re
from collections import Counter
from typing import Final

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<style>[\d;]*)m"
    r"|\x1b(?:\[[?>=]?[\d;$ ]*[@-~]|[^\[])"
    r"|(?P<text>[^\x00-\x1f]+)"
    r"|(?P<control>[\x00-\x1f])"
)
_GROUND: Final = re.compile(r"(?:^|;)(48;2;\d+;\d+;\d+|48;5;\d+|4[0-7])(?:;|$)")

_FEW: Final = 2


class SeenScreen:
    """Characters and what is behind them; every character takes one cell."""

    def __init__(self, rows: int, columns: int) -> None:
        self._characters = [[" "] * columns for _ in range(rows)]
        self._grounds = [[""] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._ground = ""

    def show(self, output: str) -> None:
        """Take over what a program writes."""
        for token in _TOKEN.finditer(output):
            if token["text"] is not None:
                self._write(token["text"])
            elif token["style"] is not None:
                found = _GROUND.search(token["style"])
                self._ground = found[1] if found else ""
            elif token["row"] is not None:
                self._row, self._column = int(token["row"]) - 1, int(token["column"]) - 1
            elif token["control"] == "\n":
                self._row, self._column = self._row + 1, 0
            elif token["control"] == "\r":
                self._column = 0

    @property
    def lines(self) -> list[str]:
        """The text of each row."""
        return ["".join(row) for row in self._characters]

    def highlighted(self, columns: slice) -> tuple[str, ...]:
        """The rows that have another ground than most within these columns."""
        grounds = [row[columns][0] for row in self._grounds]
        usual = {ground for ground, count in Counter(grounds).items() if count > _FEW}
        odd = [place for place, ground in enumerate(grounds) if ground not in usual]
        return tuple("".join(self._characters[place][columns]) for place in odd)

    def _write(self, text: str) -> None:
        if self._row < len(self._characters):
            row = self._characters[self._row]
            text = text[: len(row) - self._column]
            end = self._column + len(text)
            row[self._column : end] = text
            self._grounds[self._row][self._column : end] = [self._ground] * len(text)
            self._column = end
