"""Asks what is to be queued, and shows at each key what that comes to."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from rich.console import Group, RenderableType
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from cxrtui.chart.lines import WARNING
from cxrtui.show.plain import plain
from cxrtui.show.plan import plan_summary, plan_table
from db.errors import DatabaseError
from jobs.errors import JobsError
from jobs.recipe.graph import target_names
from jobs.recipe.load import load_recipe
from jobs.workspace import Workspace

if TYPE_CHECKING:
    from cxrtui.enqueue import Plan, Prospect

_SHOWN: Final = 200  # lines of a plan
_FAILURES: Final = (JobsError, DatabaseError, SQLAlchemyError, OSError)
_READING: Final = "Reading the recipe and the data ..."


class ProspectRead(Message):
    """What could be queued is known, or cannot be: then `told` says why."""

    def __init__(self, found: "Prospect | None", told: str = "") -> None:
        super().__init__()
        self.found, self.told = found, told


class PlanMade(Message):
    """What a text comes to; where it comes to nothing, `told` says why."""

    def __init__(self, text: str, plan: "Plan | None", told: str = "") -> None:
        super().__init__()
        self.text, self.plan, self.told = text, plan, told


class LastWord(Suggester):
    """Completes the word that is being typed to a name."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.names: list[str] = []

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word made whole; None where no name begins like it."""
        before, _, word = value.rpartition(" ")
        found = [name for name in self.names if word and name.startswith(word)]
        return f"{before} {found[0]}".lstrip() if found else None


class AddDialog(ModalScreen[tuple[str, ...] | None]):
    """Answers with targets that come to a plan, or None if the person thought better of it."""

    CSS = """
    AddDialog { align: center middle; }
    AddDialog Vertical {
        width: 90%; max-width: 110; height: auto; max-height: 90%; border: round $primary;
        padding: 0 1; background: $surface;
    }
    AddDialog #advice { height: auto; }
    AddDialog VerticalScroll { height: auto; max-height: 55vh; scrollbar-size-vertical: 1; }
    AddDialog #plan { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel"),
        Binding("pageup", "scroll_plan(-1)", "Page up", show=False, priority=True),
        Binding("pagedown", "scroll_plan(1)", "Page down", show=False, priority=True),
    ]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._found: Prospect | None = None
        self._names = LastWord()
        self._planned = ""  # the text whose plan is shown

    def compose(self) -> ComposeResult:
        """Targets, what Enter would do, the plan."""
        with Vertical() as box:
            box.border_title = "Add to the queue"
            yield Input(
                placeholder="a stage, a model, an ensemble, or all; several with blanks between",
                suggester=self._names,
            )
            yield Static(Text(_READING, style="dim"), id="advice")
            with VerticalScroll(can_focus=False):
                yield Static(id="plan")

    def on_mount(self) -> None:
        """Read what could be queued."""
        self.run_worker(self._read, thread=True, group="prospect")

    def action_scroll_plan(self, direction: int) -> None:
        """Move the plan by what is seen of it."""
        rows = self.query_one(VerticalScroll)
        rows.scroll_relative(y=direction * max(rows.size.height - 1, 1), animate=False)

    @on(Input.Changed)
    def change(self, event: Input.Changed) -> None:
        """Make the plan of what is typed now."""
        self._planned = ""
        self._plan(event.value)

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Answer, once the plan of just these targets has been seen."""
        if self._planned and self._planned == event.value:
            self.dismiss(tuple(event.value.split()))

    @on(ProspectRead)
    def take_prospect(self, message: ProspectRead) -> None:
        """Plans can be made now."""
        if message.found is None:
            self._say(message.told, WARNING)
            return
        self._found = message.found
        self._names.names = target_names(message.found.recipe.recipe)
        self._plan(self.query_one(Input).value)

    @on(PlanMade)
    def take_plan(self, message: PlanMade) -> None:
        """Show a plan, unless something else has been typed since."""
        if message.text != self.query_one(Input).value:
            return
        shown: RenderableType = ""
        if message.plan is None:
            self._say(message.told, WARNING)
        else:
            self._planned = message.text
            self._say(f"{plan_summary(message.plan.lines)}: Enter queues, Esc goes back", "bold")
            more = len(message.plan.lines) - _SHOWN
            rest = Text(f"and {more:,} more" if more > 0 else "", style="dim")
            shown = Group(plan_table(message.plan.lines[:_SHOWN]), rest)
        self.query_one("#plan", Static).update(shown)

    def _plan(self, text: str) -> None:
        if self._found is None:
            return
        if text.strip():
            work = partial(self._plan_in_thread, self._found, text)
            self.run_worker(work, thread=True, exclusive=True, group="plan")
        else:
            self._say("  ".join(dict.fromkeys(self._names.names)))
            self.query_one("#plan", Static).update("")

    def _read(self) -> None:
        # Imported here: pyarrow costs a fifth of the start-up.
        from cxrtui.enqueue import prospect

        settings, root = self._workspace.settings, self._workspace.paths.root
        try:
            found = prospect(root, settings, load_recipe(settings.recipe))
        except _FAILURES as error:
            self.post_message(ProspectRead(None, str(error)))
        else:
            self.post_message(ProspectRead(found))

    def _plan_in_thread(self, found: "Prospect", text: str) -> None:
        from cxrtui.enqueue import of_targets

        try:
            plan = found.plan(self._workspace, of_targets(found.recipe, text.split()))
        except _FAILURES as error:
            self.post_message(PlanMade(text, None, str(error)))
        else:
            self.post_message(PlanMade(text, plan))

    def _say(self, text: str, style: str = "dim") -> None:
        self.query_one("#advice", Static).update(Text(plain(text), style=style))
