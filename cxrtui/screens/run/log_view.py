"""The tail of a log in a box, and a search in it."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Log

from cxrtui.screens.field import Field
from cxrtui.screens.messages import LogLines
from cxrtui.screens.run.log_tail import Search, added
from cxrtui.show.plain import plain_line

_FOUND: Final = "black on #F0E442"
_HERE, _ELSEWHERE = "▸ ", "  "
_MOST: Final = 2_000  # lines that can be scrolled back to


class LogView(Vertical):
    """Shows the newest lines; while something is searched for, the lines around a match."""

    DEFAULT_CSS = """
    LogView Log { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    LogView Log { background: transparent; }
    LogView Input { height: 1; border: none; padding: 0 1; display: none; }
    LogView.-find Input { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", tooltip="end the search"),
        Binding("up,enter", "older", "older", tooltip="the match before"),
        Binding("down", "newer", "newer", tooltip="the match after"),
    ]

    class Left(Message):
        """The search is over."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[str, ...] = ()
        self._written: tuple[str, ...] | None = None  # the newest lines that stand there
        self._search: Search | None = None
        self._reason = ""
        self._title = ""
        self._titles = ("", "")

    def compose(self) -> ComposeResult:
        """The lines, and where a search is typed."""
        yield Log(highlight=False, max_lines=_MOST)
        yield Field(placeholder="find: ↑ Enter older, ↓ newer, Esc leaves", compact=True)

    def on_mount(self) -> None:
        """Keys are for the list of models."""
        self.query_one(Log).can_focus = False

    @property
    def is_searching(self) -> bool:
        """Whether the search is open."""
        return self._search is not None

    def show(self, log: LogLines) -> None:
        """Show the end of a log, or what is searched for in it."""
        self._lines = log.lines
        if self._search is not None:
            self._search = self._search.within(log.lines)
        title = (
            f"Log  {log.model} {log.attempt}" if log.attempt else f"Log  {log.model}: no attempt"
        )
        title = plain_line(title)
        if title != self._title:
            self._title, self._written = title, None
        self._write()

    def tell(self, reason: str) -> None:
        """Say in the border what the model waits for."""
        self._reason = reason
        self._show_subtitle()

    def search(self) -> None:
        """Open the search."""
        self._search = Search(self._lines, "")
        self.add_class("-find")
        field = self.query_one(Field)
        self.app.stylesheet.update(field)  # now: keys that follow are for it
        self.screen.set_focus(field)
        self._write()

    def action_leave(self) -> None:
        """End the search and show the newest lines again."""
        self._search = None
        self.remove_class("-find")
        with self.prevent(Input.Changed):
            self.query_one(Input).clear()
        self._write()
        self.post_message(self.Left())

    def action_older(self) -> None:
        """Go to the match before."""
        self._move(-1)

    def action_newer(self) -> None:
        """Go to the match after."""
        self._move(1)

    @on(Input.Changed)
    def seek(self, event: Input.Changed) -> None:
        """Find the newest match of what is typed so far."""
        event.stop()
        if self._search is not None:
            self._search = Search(self._lines, event.value)
            self._write()

    @on(Input.Submitted)
    def seek_older(self, event: Input.Submitted) -> None:
        """Enter goes to the match before."""
        event.stop()
        self._move(-1)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the match in sight."""
        self.call_after_refresh(self._scroll)

    def _move(self, by: int) -> None:
        if self._search is not None:
            self._search = self._search.moved(by)
            self._write()

    def _write(self) -> None:
        view, search = self.query_one(Log), self._search
        view.highlight = search is not None and bool(search.wanted)
        view.highlighter = _Matches(search)
        new = None if search or self._written is None else added(self._written, self._lines)
        if new is None:
            view.clear()
            new = self._lines if search is None else _pointed(self._lines, search.line)
        if new:
            view.write_lines(line or " " for line in new)  # an empty one would be left out
        self._written = self._lines if search is None else None
        self._show_subtitle()
        if search is not None or new:
            self.call_after_refresh(self._scroll)

    def _scroll(self) -> None:
        view, search = self.query_one(Log), self._search
        if search is None or search.line is None:
            view.scroll_end(animate=False, x_axis=False)
        else:
            view.scroll_to(y=search.line - view.size.height // 2, animate=False)

    def _show_subtitle(self) -> None:
        text = self._reason if self._search is None else self._search.words
        self._entitle(self._title, plain_line(text.replace("\n", " ")))

    def _entitle(self, title: str, subtitle: str) -> None:
        """They are drawn with the whole log, so only if one is new."""
        if (title, subtitle) != self._titles:
            self._titles = title, subtitle
            self.border_title, self.border_subtitle = Content(title), Content(subtitle)


class _Matches(Highlighter):
    """Colours what a search has found."""

    def __init__(self, search: Search | None) -> None:
        self._search = search

    def highlight(self, text: Text) -> None:
        """Colour every match of one line."""
        if self._search is not None:
            for first, last in self._search.spans(text.plain):
                text.stylize(_FOUND, first, last)


def _pointed(lines: Sequence[str], here: int | None) -> list[str]:
    """The lines with a sign before the match of now, for colours are not for everyone."""
    return [f"{_HERE if number == here else _ELSEWHERE}{line}" for number, line in enumerate(lines)]
