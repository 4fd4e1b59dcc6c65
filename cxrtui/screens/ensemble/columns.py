"""The columns of the per-label table: which fit, how wide they are, and what stands in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from rich.cells import cell_len

from cxrtui.chart.lines import COLOURS
from cxrtui.screens.ensemble.cells import GROUP_COLOURS, Cell, difference, fit, number, span
from cxrtui.screens.ensemble.rows import LabelRow
from cxrtui.show.signs import FEW

_LABEL: Final = 26  # cells that a label has at most while another column could be shown
_LONGEST: Final = 48
_LEAST: Final = 8  # cells of a label on the narrowest screens
_NAME: Final = 12  # cells of a member's name
_CHANGE: Final = 9
_BAR: Final = 10, 60  # cells from which a bar says something, and the most


@dataclass(frozen=True)
class Column:
    """A column, with a blank before it; the smaller its rank, the narrower a screen has it."""

    key: str
    title: str
    width: int
    rank: int
    cell: Callable[[LabelRow], Cell]
    right: bool = False

    def fit(self, text: str) -> str:
        """A text in exactly as many cells as the column has."""
        return fit(text, self.width, right=self.right)


def columns(rows: Sequence[LabelRow], width: int, base: str) -> tuple[Column, ...]:
    """As many columns as fit into so many cells; `base` is what is compared with."""
    longest = max((cell_len(row.label) for row in rows), default=0)
    label = Column("label", "label", min(longest, _LABEL), 0, lambda row: (row.label, ""))
    name = min(max((cell_len(row.best_model) for row in rows), default=0), _NAME)
    every = [label, *_numbers(name, base)]
    has_groups = any(row.group for row in rows)
    every = [one for one in every if has_groups or one.key != "group"]
    while len(every) > 1 and _width(every) > width:
        every.remove(max(every, key=lambda one: one.rank))
    if not any(one.key == "model" for one in every):
        every = [replace(one, title="single") if one.key == "best" else one for one in every]
    room = width - _width(every)
    wanted = min(longest, _LONGEST)
    label = replace(label, width=max(min(label.width + room, wanted), _LEAST))
    room -= label.width - every[0].width
    least, most = _BAR
    if room > least:
        every.append(Column("bar", "", min(room - 1, most), 9, _bar(min(room - 1, most))))
    return (label, *every[1:])


def _numbers(name: int, base: str) -> list[Column]:
    return [
        Column("positives", "n pos", 6, 3, lambda row: (f"{row.positives:,}", "dim"), right=True),
        Column("best", "best", 6, 4, lambda row: (_known(row.best), ""), right=True),
        Column("model", "single", max(name, 6), 6, lambda row: (row.best_model, "dim")),
        Column("value", "AP", 6, 0, _value, right=True),
        Column("change", f"vs {base}" if base else "change", _CHANGE, 1, _change),
        Column("interval", "95 % interval", 16, 5, _interval),
        Column("base", f"{base}", 9, 7, lambda row: (_known(row.base), "dim"), right=True),
        Column("group", "group", 6, 2, lambda row: (row.group, GROUP_COLOURS.get(row.group, ""))),
    ]


def _value(row: LabelRow) -> Cell:
    is_marked = row.is_rare and not np.isnan(row.value)
    return number(row.value) + (FEW if is_marked else " "), "bold"


def _change(row: LabelRow) -> Cell:
    if row.base is None:
        return "", ""
    return difference(row.value - row.base, is_noise=row.is_noise)


def _interval(row: LabelRow) -> Cell:
    return ("" if row.change is None else span(*row.change)), "dim"


def _bar(width: int) -> Callable[[LabelRow], Cell]:
    def cell(row: LabelRow) -> Cell:
        return ("" if np.isnan(row.value) else "▄" * round(row.value * width)), COLOURS[0]

    return cell


def _known(value: float | None) -> str:
    return "" if value is None else number(value)


def _width(every: Sequence[Column]) -> int:
    return sum(one.width for one in every) + len(every) - 1
