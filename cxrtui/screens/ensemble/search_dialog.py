"""Searches for the members that score best together, and offers what it found."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cxrtui.chart.lines import WARNING
from cxrtui.screens.ensemble import threads
from cxrtui.screens.ensemble.found import FoundChoice, is_greedy
from cxrtui.screens.ensemble.messages import SearchAdvanced, SearchDone, SearchFailed
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from cxrtui.show.plain import plain
from cxrtui.show.signs import bar
from jobs.choice import Choice
from jobs.workspace import Workspace

_START = "Enter searches, Esc goes back"


class SearchDialog(ModalScreen[Choice | None]):
    """Answers with a choice to be taken over, or None if the person thought better of it."""

    CSS = """
    SearchDialog { align: center middle; }
    SearchDialog Vertical {
        width: 96%; max-width: 104; height: auto; max-height: 96%; border: round $primary;
        padding: 0 1; background: $surface;
    }
    SearchDialog #about { height: auto; }
    SearchDialog #advice { height: auto; margin-top: 1; }
    SearchDialog OptionList {
        display: none; height: auto; max-height: 14; margin-top: 1; padding: 0; border: none;
        scrollbar-size-vertical: 1; background: transparent;
    }
    SearchDialog.-found OptionList { display: block; }
    """
    AUTO_FOCUS = ""  # else Enter would be for the list, which is empty at first
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "begin", "search", tooltip="search; then tick the members of a line"),
        Binding("escape", "leave", "back", tooltip="stop the search; go back"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]

    def __init__(
        self, workspace: Workspace, recipe: str, loaded: LoadedSplit, pattern: Pick
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._recipe = recipe
        self._loaded = loaded
        self._pattern = pattern
        self._offered: list[FoundChoice] = []
        self.is_searching = False

    def compose(self) -> ComposeResult:
        """What it does, what it found, what a key would do now."""
        with Vertical() as box:
            box.border_title = "Search for members"
            yield Static(Text(self._about()), id="about")
            yield OptionList(markup=False)
            yield Static(Text(_START, style="dim"), id="advice")

    def action_begin(self) -> None:
        """Begin to search, unless that has been done."""
        if self.is_searching or self._offered:
            return
        self.is_searching = True
        self._say("Reading the predictions ... Esc stops")
        members = len(self._loaded.members)
        work = partial(
            threads.search_members,
            self._workspace,
            self._recipe,
            self._pattern,
            members,
            self.post_message,
        )
        self.run_worker(work, thread=True, exclusive=True, group="search", description="search")

    def action_leave(self) -> None:
        """Stop the search; if there is none, go back."""
        if not self.is_searching:
            self.dismiss(None)
            return
        self.workers.cancel_group(self, "search")
        self.is_searching = False
        self._say(f"Stopped: {_START}")

    def action_move(self, by: int) -> None:
        """Highlight another choice."""
        listed = self.query_one(OptionList)
        move = listed.action_cursor_down if by > 0 else listed.action_cursor_up
        move()

    @on(SearchAdvanced)
    def take_progress(self, message: SearchAdvanced) -> None:
        """Show how far it is."""
        if self.is_searching:
            share = bar(message.done / message.of, 20)
            self._say(f"{share}  {message.done:,} of {message.of:,}   Esc stops", "")

    @on(SearchDone)
    def take_found(self, message: SearchDone) -> None:
        """Show what was found."""
        if not self.is_searching:
            return
        self.is_searching = False
        told = message.told
        self._offered = [*told.best, told.baseline]
        listed = self.query_one(OptionList)
        listed.add_options([Option(_row(one)) for one in self._offered])
        self.add_class("-found")
        listed.highlighted = 0
        listed.focus()
        self.query_one("#about", Static).update(Text(plain(f"{told.heading}.\n{told.verdict}")))
        self._say("Enter ticks these members, Esc goes back")

    @on(SearchFailed)
    def take_failure(self, message: SearchFailed) -> None:
        """Tell the person."""
        if self.is_searching:
            self.is_searching = False
            self._say(message.text, WARNING)

    @on(OptionList.OptionSelected)
    def accept(self, event: OptionList.OptionSelected) -> None:
        """Answer with what was chosen."""
        self.dismiss(self._offered[event.option_index].choice)

    def _about(self) -> str:
        members, patients = len(self._loaded.members), self._loaded.patients
        if is_greedy(members):
            how = f"Members are added to the best one by one, again if need be, from all {members}."
        else:
            how = f"All {2**members - 1:,} ensembles of the {members} members are tried."
        return (
            f"{how}\nThey are chosen by their mAP on half of the {patients:,} patients of "
            f"{self._loaded.split}, and judged on the other half, which had no say.\n"
            f"View rule {self._pattern.view_rule}, mean of {self._pattern.averaging}."
        )

    def _say(self, text: str, style: str = "dim") -> None:
        self.query_one("#advice", Static).update(Text(plain(text), style=style))


def _row(found: FoundChoice) -> Text:
    row = Text(plain(found.members), style="bold", no_wrap=True, overflow="ellipsis")
    return row.append(f"\n  {plain(found.figures)}", style="not bold dim")
