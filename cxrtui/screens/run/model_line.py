"""The line above the charts: what the selected model starts from, and how fast it goes."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text
from textual.widgets import Static

from cxrtui.chart.lines import WARNING
from cxrtui.lineages.overview import ModelView
from cxrtui.screens.run.speed import JobSpeed
from cxrtui.screens.status_line import Part, duration, fitted
from cxrtui.show.plain import plain_line

_MUCH: Final = 0.1  # of the time: whoever waits longer for images wants to know


class ModelLine(Static):
    """As much of it as fits; the speed stays longest."""

    DEFAULT_CSS = """
    ModelLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: list[Part] = []
        self._told: Text | None = None

    def show(self, model: ModelView, speed: JobSpeed | None) -> None:
        """Tell of this model, and of its job if that runs."""
        self._parts = list(model_parts(model, speed))
        self._tell()

    def on_resize(self) -> None:
        """As much as fits now."""
        self._tell()

    def _tell(self) -> None:
        told = fitted(self._parts, self.content_size.width)
        if told != self._told:
            self._told = told
            self.update(told, layout=False)


def model_parts(model: ModelView, speed: JobSpeed | None) -> Iterator[Part]:
    """The words of the line."""
    yield Part(0, Text(plain_line(model.name), "bold"))
    if model.parent is not None:
        yield Part(3, Text(f"from {plain_line(model.parent)}", "dim"))
    yield Part(6, Text(f"{model.image_size} px, batch {model.batch_size}", "dim"))
    if model.state != "running" or speed is None or speed.kind != model.kind:
        words = f"{model.state or 'not queued'} {model.reason}".split()
        yield Part(1, Text(plain_line(" ".join(words))))
        return
    rate = speed.images_per_second
    yield Part(1, Text("running" if rate is None else f"{rate:,.0f} img/s"))
    if speed.seconds_left is not None:
        yield Part(2, Text(f"ETA {duration(speed.seconds_left)}"))
    if speed.waiting is not None:
        style = WARNING if speed.waiting > _MUCH else ""
        yield Part(4, Text(f"waits {speed.waiting:.0%} for images", style))
