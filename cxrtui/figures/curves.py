"""The poster's figure: losses and validation mAP of some lineages over their epochs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cxrtui.figures.paper import GREY, MARKERS, PAPER_COLOURS, on_paper
from cxrtui.lineages.curves import Curve
from cxrtui.lineages.lineage import Lineage, Series, ending_words, starts_of_stages

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RESETS: Final = (
    "Where a stage starts, optimizer and schedule are reset: "
    "loss and mAP may get worse for a moment."
)
_BOLD: Final = 1.8  # points
_THIN: Final = 0.7
_FAINT: Final = 0.5
_CHART_INCHES: Final = 4.0  # with its labels and the notes
_LEGEND_INCHES: Final = 0.4  # of one lineage
_MARGIN: Final = 1.01  # so that the last marker is whole
_MARKERS_A_LINE: Final = 8


def curve_figure(
    lineages: Sequence[Lineage],
    *,
    smoothing: float = 0.0,
    width: float = 10.0,
    height: float | None = None,
) -> "Figure":
    """Losses on the left, validation mAP on the right, one colour and marker a lineage.

    `smoothing` is the weight of an exponential moving average, 0 for none; the legend's values are
    not smoothed. `width` and `height` are inches; without a height it is one that suits the legend.
    At most as many lineages as there are colours.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with on_paper():
        height = height or _CHART_INCHES + _LEGEND_INCHES * len(lineages)
        layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.05)
        figure = Figure(figsize=(width, height), layout=layout)
        loss, score = figure.subplots(1, 2)
        _draw(loss, lineages, "train_loss", smoothing, "--")
        _draw(loss, lineages, "val_loss", smoothing, "-")
        _draw(score, lineages, "val_map", smoothing, "-")
        _finish(loss, "Loss", lineages)
        _finish(score, "Validation mAP", lineages)
        _explain_styles(loss)
        _add_legend(figure, lineages, smoothing)
        figure.draw_without_rendering()  # lays it out, once for all formats
        figure.set_layout_engine("none")
    return figure


def _draw(
    axes: "Axes", lineages: Sequence[Lineage], series: Series, smoothing: float, style: str
) -> None:
    for place, lineage in enumerate(lineages):
        colour = PAPER_COLOURS[place]
        lines = lineage.lines(series, smoothing) if len(lineage.repeats) > 1 else ()
        for line in lines:
            axes.plot(line.epoch, line.value, style, color=colour, linewidth=_THIN, alpha=_FAINT)
        mean = lineage.mean(series, smoothing)
        axes.plot(
            mean.epoch,
            mean.value,
            style,
            color=colour,
            linewidth=_BOLD,
            marker=MARKERS[place],
            markersize=4,
            markevery=_markers(mean, place),
        )


def _markers(curve: Curve, place: int) -> tuple[int, int]:
    """(first, every) point that has a marker; those of several lineages seldom meet."""
    every = max(1, curve.epoch.size // _MARKERS_A_LINE)
    return (place * every // len(MARKERS), every)


def _finish(axes: "Axes", title: str, lineages: Sequence[Lineage]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title)
    axes.set_xlabel("epochs")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlim(0, max((lineage.end for lineage in lineages), default=1) * _MARGIN)
    for epoch, stage in starts_of_stages(lineages).items():
        axes.axvline(epoch, color=GREY, linewidth=0.9, linestyle=":", zorder=1)
        axes.annotate(
            stage,
            (epoch, 1),
            xytext=(3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left",
            va="top",
            color=GREY,
            fontsize=8,
        )


def _explain_styles(axes: "Axes") -> None:
    from matplotlib.lines import Line2D

    train = Line2D([], [], color=GREY, linestyle="--", label="train")
    validation = Line2D([], [], color=GREY, linestyle="-", label="validation")
    axes.legend(
        handles=[train, validation], loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderpad=0
    )


def _add_legend(figure: "Figure", lineages: Sequence[Lineage], smoothing: float) -> None:
    from matplotlib.lines import Line2D

    entries = [
        Line2D(
            [],
            [],
            color=PAPER_COLOURS[place],
            marker=MARKERS[place],
            linewidth=_BOLD,
            markersize=4,
            label=f"{lineage.words}\n{ending_words(lineage)}",
        )
        for place, lineage in enumerate(lineages)
    ]
    notes = [RESETS] if starts_of_stages(lineages) else []
    if any(len(lineage.repeats) > 1 for lineage in lineages):
        notes.append("Thin: one line a seed; bold: their mean.")
    if smoothing:
        notes.append(f"Smoothed: exponential moving average, {smoothing:g}.")
    figure.legend(
        handles=entries,
        loc="outside lower left",
        title="\n".join(notes),
        alignment="left",
        title_fontsize=8,
        fontsize=8.5,
    )
