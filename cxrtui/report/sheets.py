"""A table of the page as texts, whatever it tells of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_PAGE_LINES: Final = 40


@dataclass(frozen=True)
class Piece:
    """A part of a cell, which may be set off from the rest."""

    text: str
    strong: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class SheetRow:
    """What the row is about, then its cells, each of one or more pieces."""

    head: str
    cells: tuple[tuple[Piece, ...], ...]
    kind: str = ""  # "mean" sets it off from the rows of single labels, "optional" is quiet


@dataclass(frozen=True)
class Sheet:
    """A table with what stands above and below it."""

    caption: str
    heads: tuple[str, ...]  # of the column of row heads too
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...] = ()
    prose: bool = False  # its cells may be long: they break into lines

    @property
    def fits_on_paper(self) -> bool:
        """Whether it is short enough to stand on one page whole."""
        return sum(_lines(row) for row in self.rows) <= _PAGE_LINES


def _lines(row: SheetRow) -> int:
    return 1 + max((sum(piece.quiet for piece in cell) for cell in row.cells), default=0)


def plain_row(head: str, cells: Iterable[str], kind: str = "") -> SheetRow:
    """A row whose cells have one piece each."""
    return SheetRow(head, tuple((Piece(cell),) for cell in cells), kind)


def number(value: float | None, missing: str = "-") -> str:
    """With three decimals, as all scores are written."""
    return missing if value is None or value != value else f"{value:.3f}"


def moment(seconds: float) -> str:
    """A time of the database, to the minute."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
