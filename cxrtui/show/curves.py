"""The poster's figure in the terminal: losses and validation mAP, and a legend with the numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from cxrtui.chart.drawing import draw_chart
from cxrtui.chart.lines import COLOURS, Line, Mark, shade
from cxrtui.lineages.curves import Curve
from cxrtui.lineages.lineage import TITLES, Lineage, Series, ending_words, number, starts_of_stages
from cxrtui.show.plain import plain

_SIDE_BY_SIDE: Final = 72  # cells, from which on both charts stand in one row
_GAP: Final = 2
_INDENT: Final = 4
_SIGNS: Final = "ABCDEF"  # of validation; the same in lower case of training
_TOLD_RESETS: Final[tuple[Series, ...]] = ("val_loss", "val_map")


def curve_charts(lineages: Sequence[Lineage], width: int, smoothing: float = 0.0) -> Group:
    """Both charts and the legend, at most `width` cells wide; colour is never the only sign."""
    loss = [
        *_lines(lineages, "train_loss", smoothing),
        *_lines(lineages, "val_loss", smoothing),
    ]
    score = _lines(lineages, "val_map", smoothing)
    marks = [
        Mark(epoch, "stage", plain(name)) for epoch, name in starts_of_stages(lineages).items()
    ]
    end = float(max(lineage.end for lineage in lineages))
    side_by_side = width >= _SIDE_BY_SIDE
    cells = (width - _GAP) // 2 if side_by_side else width
    rows = min(max(cells * 2 // 5, 10), 20)
    charts = []
    for title, lines in (("Loss", loss), ("Validation mAP", score)):
        canvas = draw_chart(lines, marks, (0.0, end), cells, rows)
        charts.append([_title(title, cells), *canvas.strips(Style.null())])
    if side_by_side:
        charts = [[_beside(left, right) for left, right in zip(*charts, strict=True)]]
    drawn = [Segments([*strip, Segment.line()]) for chart in charts for strip in chart]
    return Group(*drawn, Text(""), curve_legend(lineages, smoothing))


def curve_legend(lineages: Sequence[Lineage], smoothing: float = 0.0) -> Group:
    """What each lineage is, where it has come to, and what the starts of stages did to it."""
    rows: list[RenderableType] = []
    for sign, colour, lineage in zip(_SIGNS, COLOURS, lineages, strict=False):
        rows.append(Text.assemble((f"━{sign}━ ", f"bold {colour}"), plain(lineage.words)))
        for told in (ending_words(lineage), *reset_words(lineage)):
            rows.append(Padding.indent(Text(plain(told), "dim"), _INDENT))
    return Group(*rows, *(Text(note, "dim") for note in _notes(lineages, smoothing)))


def reset_words(lineage: Lineage) -> Iterator[str]:
    """`stage2 starts: val loss 0.165 → 0.194, val mAP 0.281 → 0.246` for each that has begun."""
    resets = {series: lineage.resets(series) for series in _TOLD_RESETS}
    for place, first in enumerate(resets["val_loss"]):
        told = [
            f"{TITLES[series]} {number(some[place].before)} → {number(some[place].after)}"
            for series, some in resets.items()
        ]
        yield f"{first.stage} starts: {', '.join(told)}"


def _notes(lineages: Sequence[Lineage], smoothing: float) -> Iterator[str]:
    yield "Over epochs. Capitals and solid: validation; small letters and dashed: train."
    if starts_of_stages(lineages):
        yield "A stage starts with a new optimizer and schedule: loss and mAP may get worse."
    if any(len(lineage.repeats) > 1 for lineage in lineages):
        yield "With letters: the mean of the repeats; without: the repeats themselves."
    if smoothing:
        yield f"Smoothed: exponential moving average, {smoothing:g}; numbers are not."


def _lines(lineages: Sequence[Lineage], series: Series, smoothing: float) -> list[Line]:
    """The repeats below, darker, without signs; above them the mean of each lineage."""
    train = series == "train_loss"
    faint, bold = [], []
    for sign, colour, lineage in zip(_SIGNS, COLOURS, lineages, strict=False):
        own = shade(colour) if train else colour
        line = _line(lineage.mean(series, smoothing), lineage.name, own)
        bold.append(replace(line, sign=sign.lower() if train else sign, dashed=train))
        if len(lineage.repeats) > 1:
            faint += [
                _line(curve, repeat.model, shade(own))
                for repeat, curve in zip(
                    lineage.repeats, lineage.lines(series, smoothing), strict=True
                )
            ]
    return [*faint, *bold]


def _line(curve: Curve, name: str, colour: str) -> Line:
    return Line(name, curve.epoch, curve.value, colour)


def _title(title: str, width: int) -> Strip:
    return Strip([Segment(f"{title:<{width}}", Style(bold=True))], width)


def _beside(left: Strip, right: Strip) -> Strip:
    return Strip([*left, Segment(" " * _GAP), *right])
