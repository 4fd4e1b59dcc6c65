"""The small drawing of a label: precision over recall, and beside it reliability."""

from typing import TYPE_CHECKING, Any, Final

from cxrtui.figures.formats import as_svg
from cxrtui.figures.paper import GREY, PAPER_COLOURS, on_paper
from cxrtui.report.label_curves import LabelCurves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Style = dict[str, Any]
_Drawn = list[tuple[LabelCurves, _Style]]

_INCHES: Final = (4.8, 2.3)
_ROOM: Final = {"left": 0.1, "right": 0.97, "top": 0.96, "bottom": 0.2, "wspace": 0.42}
_TEST: Final[_Style] = {"color": PAPER_COLOURS[0], "linewidth": 1.6}
_DEV: Final[_Style] = {"color": PAPER_COLOURS[1], "linewidth": 1.0, "linestyle": (0, (3, 1.5))}
_HINT: Final[_Style] = {"color": GREY, "linewidth": 0.8, "linestyle": ":"}
_LIMITS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # of the axes of reliability


def draw_label(test: LabelCurves | None, dev: LabelCurves | None) -> bytes:
    """An SVG of the label on `test`, thick, and on `dev`, dashed; one of them must be there."""
    from matplotlib.figure import Figure

    both = [(one, style) for one, style in ((dev, _DEV), (test, _TEST)) if one is not None]
    with on_paper():
        figure = Figure(figsize=_INCHES)
        left, right = figure.subplots(1, 2, gridspec_kw=_ROOM)
        _draw_precision(left, both)
        _draw_reliability(right, both)
    return as_svg(figure).encode()


def _draw_precision(axes: "Axes", both: _Drawn) -> None:
    axes.axhline(both[-1][0].prevalence, **_HINT)
    for curves, style in both:
        # Precision holds from the recall before it up to its own: the steps that AP sums.
        axes.plot(curves.recall, curves.precision, drawstyle="steps-pre", **style)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    axes.set(xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))


def _draw_reliability(axes: "Axes", both: _Drawn) -> None:
    most = max(max(one.predicted.max(), one.observed.max()) for one, _ in both)
    limit = next((limit for limit in _LIMITS if most <= limit), 1.0)
    axes.plot((0, limit), (0, limit), **_HINT)
    for curves, style in both:
        axes.plot(curves.predicted, curves.observed, marker="o", markersize=2.5, **style)
    axes.set(xlabel="predicted", ylabel="observed", xlim=(0, limit), ylim=(0, limit * 1.02))
    axes.set(xticks=(0, limit / 2, limit), yticks=(0, limit / 2, limit))
