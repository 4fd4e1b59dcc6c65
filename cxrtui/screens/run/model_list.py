"""The list of stages and models on the left of the Run screen."""

from collections.abc import Mapping
from typing import ClassVar, Final, Self

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.lineages.overview import ModelView, Overview, PackView
from cxrtui.show.plain import plain_line
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
_MEDIUM: Final = 26
_Told = tuple[Overview, Mapping[str, float | None], Mapping[str, str]]


class ModelList(OptionList, inherit_bindings=False):
    """Stages as headings, models with a mark, their progress and their best val mAP.

    It scrolls up and down only: the other arrows are for the charts.
    """

    DEFAULT_CSS = """
    ModelList {
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        & > .option-list--option-disabled { color: $foreground 75%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False, tooltip="the model below"),
        Binding("up,k", "cursor_up", "Up", show=False, tooltip="the model above"),
        Binding("home,g", "first", "First", show=False, tooltip="the first model"),
        Binding("end,G", "last", "Last", show=False, tooltip="the last model"),
        Binding("pagedown", "page_down", "Page down", show=False, tooltip="models further below"),
        Binding("pageup", "page_up", "Page up", show=False, tooltip="models further above"),
    ]

    highlighted: reactive[int | None] = reactive(None, repaint=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._lit: int | None = None  # the option that was highlighted last
        self._shape: tuple[tuple[str, str], ...] = ()
        self._prompts: dict[str, Text] = {}
        self._told: _Told | None = None
        self._is_replacing = False

    def show(
        self, overview: Overview, best: Mapping[str, float | None], colours: Mapping[str, str]
    ) -> None:
        """Show the models, optional ones if queued; `colours` are those of lines in the charts."""
        self._told = overview, best, colours
        models = [model for model in overview.models if model.state or not model.optional]
        width = max(self.scrollable_content_region.width - 2, 14)
        prompts = {
            model.name: model_row(model, best.get(model.name), colours.get(model.name), width)
            for model in models
        }
        packs = {f"{_PACK}{pack.name}": pack_row(pack, width) for pack in overview.packs}
        shape = (*((model.stage, model.name) for model in models), *(("", id) for id in packs))
        if shape == self._shape:
            self._replace({**prompts, **packs})
            return
        chosen = self.selected
        self.clear_options()
        self._shape, self._prompts, stage = shape, {**prompts, **packs}, None
        if packs:
            self.add_option(Option(Text("decoding images", "bold"), disabled=True))
        for name, prompt in packs.items():
            self.add_option(Option(prompt, id=name, disabled=True))
        for model in models:
            if model.stage != stage:
                stage = model.stage
                self.add_option(Option(Text(plain_line(stage), "bold"), disabled=True))
            self.add_option(Option(prompts[model.name], id=model.name))
        names = [model.name for model in models]
        if names:
            self.highlighted = self.get_option_index(chosen if chosen in names else names[0])

    def on_resize(self) -> None:
        """Write the rows anew, for the width of now."""
        if self._told is not None:
            self.show(*self._told)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw again, but not the whole list for a new prompt."""
        if self._is_replacing:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Draw only the two options whose look changes."""
        super().watch_highlighted(highlighted)
        for place in (self._lit, highlighted):
            if place is not None and place < self.option_count:
                self.refresh_line(place)
        self._lit = highlighted

    def _replace(self, prompts: Mapping[str, Text]) -> None:
        """Only lines that are not what they were go to the terminal; each option has one."""
        changed = [name for name, prompt in prompts.items() if prompt != self._prompts[name]]
        self._prompts, self._is_replacing = dict(prompts), True
        for name in changed:
            self.replace_option_prompt(name, prompts[name])
        self._is_replacing = False
        for name in changed:
            self.refresh_line(self.get_option_index(name))

    def select(self, name: str) -> None:
        """Select the model of that name, if it is listed."""
        if any(name == listed for stage, listed in self._shape if stage):
            self.highlighted = self.get_option_index(name)

    @property
    def selected(self) -> str | None:
        """Name of the model that is selected."""
        option = self.highlighted_option
        return None if option is None else option.id


def pack_row(pack: PackView, width: int) -> Text:
    """One line of `width` cells for a pack that models wait for."""
    mark, style = _MARKS.get(pack.state, (" ", "dim"))
    row = Text.assemble(" ", (mark, style), f" {plain_line(pack.name)} ", no_wrap=True)
    if pack.state == "running":
        right = _bar(pack.progress or 0.0)
        return row.append(" " * max(width - row.cell_len - right.cell_len, 1)).append_text(right)
    bad = pack.state in ("failed", "blocked")
    row.append(
        plain_line(pack.reason.replace("\n", " ") or pack.state), style=WARNING if bad else "dim"
    )
    row.truncate(width, overflow="ellipsis")
    return row


def model_row(model: ModelView, best: float | None, colour: str | None, width: int) -> Text:
    """One line of `width` cells; `colour` is that of its line in the charts, if it has one."""
    mark, style = _MARKS.get(model.state, (" ", "dim"))
    row = Text(no_wrap=True, overflow="ellipsis")
    row.append("━" if colour else " ", style=colour or "")
    row.append(mark, style=style)
    name = Text(f" {plain_line(model.name):<7} ", "" if model.state else "dim")
    name.truncate(width // 2, overflow="ellipsis")
    row.append_text(name)
    waits = _waiting(model)
    if waits:
        row.append(
            plain_line(waits), style=WARNING if model.state in ("failed", "blocked") else "dim"
        )
        row.truncate(width, overflow="ellipsis")
        return row
    right = _right(model, best, wide=width >= _WIDE)
    if width >= _MEDIUM:
        row.append(f"{model.image_size}/{model.batch_size}", style="dim")
    if model.parent is not None and width >= _WIDE:
        row.append(f" ← {plain_line(model.parent)}", style="dim")
    row.truncate(width - right.cell_len - 1, overflow="ellipsis")
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
        return Text(f"predicts {score}" if wide else "predicts")
    drawn = _bar(model.progress or 0.0)
    return drawn.append(f"  {score:>5}") if wide else drawn


def _bar(share: float) -> Text:
    return Text.assemble((bar(share, _BAR), COLOURS[0]), f"{int(share * 100):>3}%")
