"""A figure as a file's content: the same bytes for the same data."""

import io
from typing import TYPE_CHECKING

from cxrtui.figures.paper import on_paper

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def as_svg(figure: "Figure") -> str:
    """An SVG document from `<svg` on: as good in a file as within a page. Text stays text."""
    buffer = io.StringIO()
    with on_paper():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def as_png(figure: "Figure", dpi: int = 200) -> bytes:
    """A PNG with `dpi` pixels an inch."""
    buffer = io.BytesIO()
    with on_paper():
        figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()
