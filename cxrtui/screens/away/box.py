"""Tells in one box what happened while nobody looked."""

import time
from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.screens.away.news import News
from cxrtui.screens.status_line import duration
from cxrtui.show.plain import plain_line

_MARKS: Final = {
    "failed": ("✗", WARNING),
    "blocked": ("✗", WARNING),
    "retried": ("↻", COLOURS[1]),
    "succeeded": ("✓", COLOURS[2]),
}
_PAUSED: Final = ("⏸", "dim")
_WORDS: Final = {"succeeded": "done", "retried": "broke off and goes on"}
_AFTER: Final = {"predict": "predicted", "pack": "decoded"}  # told in one line each
_ORDER: Final = ("failed", "blocked", "retried", "succeeded")


class AwayBox(ModalScreen[None]):
    """What finished, failed or was tried again; any of its keys, or a click, closes it."""

    CSS = """
    AwayBox { align: center middle; }
    AwayBox VerticalScroll {
        width: 76; height: auto; max-height: 80%; border: round $primary; padding: 0 1;
        background: $surface;
    }
    AwayBox Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,space", "dismiss", "close", tooltip="close it (or a click)")
    ]

    def __init__(self, news: Sequence[News], since: float) -> None:
        super().__init__()
        self._news = news
        self._since = since

    def compose(self) -> ComposeResult:
        """One text."""
        with VerticalScroll() as box:
            away = duration(time.time() - self._since)
            box.border_title = f"While you were away  {away}"
            box.border_subtitle = "Enter closes"
            yield Static(news_text(self._news))

    def on_click(self) -> None:
        """Close."""
        self.dismiss()


def news_text(news: Sequence[News]) -> Text:
    """What went wrong first; predictions and packs that are done in one line each."""
    counts: dict[str, list[str]] = {}
    lines = []
    for one in sorted(news, key=_place):
        if one.state == "succeeded" and one.kind in _AFTER:
            counts.setdefault(one.kind, []).append(one.name.removesuffix(f" {one.kind}"))
        else:
            lines.append(_line(one))
    for kind, names in counts.items():
        done = Text.assemble(_MARKS["succeeded"], f" {_AFTER[kind]}  ")
        lines.append(done.append(plain_line(", ".join(names)), style="dim"))
    return Text("\n").join(lines)


def _place(one: News) -> int:
    return _ORDER.index(one.state) if one.state in _ORDER else len(_ORDER)


def _line(one: News) -> Text:
    mark, style = _MARKS.get(one.state, _PAUSED)
    line = Text.assemble((mark, style), " ", (plain_line(one.name), "bold"))
    line.append(f"  {_WORDS.get(one.state, one.state)}")
    if one.val_map is not None:
        line.append(f"  val mAP {one.val_map:.3f}")
    if one.attempts > 1:
        line.append(f"  {one.attempts} attempts", style="dim")
    if one.reason and one.state != "succeeded":
        line.append(f"\n  {plain_line(one.reason)}", style="dim")
    return line
