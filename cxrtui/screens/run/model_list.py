"""The list of stages and models on the left of the Run screen."""

from collections.abc import Mapping
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.lineages.overview import ModelView, Overview, PackView
from cxrtui.show.plain import plain
from cxrtui.show.signs import bar

_MARKS: Final = {
    "succeeded": ("✓", COLOURS[2]),
    "running": ("▶", COLOURS[0]),
    "queued": ("·", ""),
    "failed": ("✗", WARNING),
    "blocked": ("✗", WARNING),
    "cancelled": ("✗", "dim"),
    "paused": ("⏸", COLOURS[1]),
    "held": ("⏸", COLOURS[1]),
}
_BAR: Final = 4
_PACK: Final = "pack "  # no model has a blank in its name
_WIDE: Final = 36


class ModelList(OptionList, inherit_bindings=False):
    """Stages as headings, models with a mark, their progress and their best val mAP.

    It scrolls up and down only: the other arrows are for the charts.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *OptionList.BINDINGS,
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._shape: tuple[tuple[str, str], ...] = ()

    def show(
        self, overview: Overview, best: Mapping[str, float | None], colours: Mapping[str, str]
    ) -> None:
        """Show the models, optional ones if queued; `colours` are those of lines in the charts."""
        models = [model for model in overview.models if model.state or not model.optional]
        width = max(self.scrollable_content_region.width - 2, 20)
        prompts = {
            model.name: model_row(model, best[model.name], colours.get(model.name), width)
            for model in models
        }
        packs = {f"{_PACK}{pack.name}": pack_row(pack, width) for pack in overview.packs}
        shape = (*((model.stage, model.name) for model in models), *(("", id) for id in packs))
        if shape == self._shape:
            for name, prompt in {**prompts, **packs}.items():
                self.replace_option_prompt(name, prompt)
            return
        chosen = self.selected
        self.clear_options()
        self._shape, stage = shape, None
        if packs:
            self.add_option(Option(Text("decoding images", "bold dim"), disabled=True))
        for name, prompt in packs.items():
            self.add_option(Option(prompt, id=name, disabled=True))
        for model in models:
            if model.stage != stage:
                stage = model.stage
                self.add_option(Option(Text(plain(stage), "bold dim"), disabled=True))
            self.add_option(Option(prompts[model.name], id=model.name))
        names = [model.name for model in models]
        if names:
            self.highlighted = self.get_option_index(chosen if chosen in names else names[0])

    @property
    def selected(self) -> str | None:
        """Name of the model that is selected."""
        option = self.highlighted_option
        return None if option is None else option.id


def pack_row(pack: PackView, width: int) -> Text:
    """One line of `width` cells for a pack that models wait for."""
    mark, style = _MARKS.get(pack.state, (" ", "dim"))
    row = Text.assemble(" ", (mark, style), f" {plain(pack.name)} ", no_wrap=True)
    if pack.state == "running":
        right = _bar(pack.progress or 0.0)
        return row.append(" " * max(width - row.cell_len - right.cell_len, 1)).append_text(right)
    bad = pack.state in ("failed", "blocked")
    row.append(plain(pack.reason.replace("\n", " ") or pack.state), style=WARNING if bad else "dim")
    row.truncate(width, overflow="ellipsis")
    return row


def model_row(model: ModelView, best: float | None, colour: str | None, width: int) -> Text:
    """One line of `width` cells; `colour` is that of its line in the charts, if it has one."""
    mark, style = _MARKS.get(model.state, (" ", "dim"))
    row = Text(no_wrap=True, overflow="ellipsis")
    row.append("━" if colour else " ", style=colour or "")
    row.append(mark, style=style)
    row.append(f" {plain(model.name):<7} ", style="" if model.state else "dim")
    waits = _waiting(model)
    if waits:
        row.append(plain(waits), style=WARNING if model.state in ("failed", "blocked") else "dim")
        row.truncate(width, overflow="ellipsis")
        return row
    right = _right(model, best, wide=width >= _WIDE)
    size = f"{model.image_size}/{model.batch_size}"
    row.append(size, style="dim")
    gap = width - row.cell_len - right.cell_len
    return row.append(" " * max(gap, 1)).append_text(right)


def _waiting(model: ModelView) -> str:
    if model.state in ("running", "succeeded"):
        return ""
    if not model.state:
        return "not queued"
    return model.reason.replace("\n", " ") or model.state


def _right(model: ModelView, best: float | None, *, wide: bool) -> Text:
    score = "" if best is None else f"{best:.3f}"
    if model.state != "running":
        return Text(score)
    if model.kind == "predict":
        return Text(f"predicts {score}" if wide else score)
    drawn = _bar(model.progress or 0.0)
    return drawn.append(f"  {score:>5}") if wide else drawn


def _bar(share: float) -> Text:
    return Text.assemble((bar(share, _BAR), COLOURS[0]), f"{int(share * 100):>3}%")
