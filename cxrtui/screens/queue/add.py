"""Asks what is to be queued, and shows at each key what that comes to."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from rich.console import Group, RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Checkbox, Input, Label, Static

from cxrtui.chart.lines import WARNING
from cxrtui.screens.dialog import Dialog
from cxrtui.screens.field import Field
from cxrtui.screens.queue.request import AddRequest
from cxrtui.screens.reporting import FAILURES
from cxrtui.show.plain import plain
from cxrtui.show.plan import plan_summary, plan_table
from jobs.recipe.graph import target_names
from jobs.recipe.load import load_recipe
from jobs.workspace import Workspace

if TYPE_CHECKING:
    from cxrtui.enqueue import Plan, Prospect

_SHOWN: Final = 200  # lines of a plan
_READING: Final = "Reading the recipe and the data ..."


class ProspectRead(Message):
    """What could be queued is known, or cannot be: then `told` says why."""

    def __init__(self, found: "Prospect | None", told: str = "") -> None:
        super().__init__()
        self.found, self.told = found, told


class PlanMade(Message):
    """What a request comes to; where it comes to nothing, `told` says why."""

    def __init__(self, request: AddRequest, plan: "Plan | None", told: str = "") -> None:
        super().__init__()
        self.request, self.plan, self.told = request, plan, told


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


class Tick(Checkbox):
    """A box that is empty until it is ticked, also for those who see no colours."""

    BUTTON_INNER = " "

    def watch_value(self) -> None:
        """Show the tick."""
        self.BUTTON_INNER = "✓" if self.value else " "
        super().watch_value()


class AddDialog(Dialog[AddRequest | None]):
    """Answers with a request that comes to a plan, or None if the person thought better of it."""

    CSS = """
    AddDialog { align: center middle; }
    AddDialog > Vertical {
        width: 90%; max-width: 110; height: auto; max-height: 90%; border: round $primary;
        padding: 0 1; background: $surface;
    }
    AddDialog Horizontal { height: 1; }
    AddDialog #targets { margin-bottom: 1; }
    AddDialog Label { width: 10; padding: 0 1; }
    AddDialog #priority { width: 10; margin-right: 2; }
    AddDialog Checkbox { width: auto; }
    AddDialog #advice { height: auto; margin-top: 1; }
    AddDialog VerticalScroll { height: auto; max-height: 50vh; scrollbar-size-vertical: 1; }
    AddDialog #plan { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel", tooltip="queue nothing"),
        Binding("enter", "accept", "queue", tooltip="queue what the plan shows"),
        Binding("tab", "app.focus_next", "next", tooltip="targets, priority, without parents"),
        Binding(
            "pageup",
            "scroll_plan(-1)",
            "Page up",
            show=False,
            priority=True,
            tooltip="the plan further up",
        ),
        Binding(
            "pagedown",
            "scroll_plan(1)",
            "Page down",
            show=False,
            priority=True,
            tooltip="the plan further down",
        ),
    ]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._found: Prospect | None = None
        self._names = LastWord()
        self._planned: AddRequest | None = None  # the one whose plan is shown

    def compose(self) -> ComposeResult:
        """Targets, what Enter would do, the plan."""
        with Vertical() as box:
            box.border_title = "Add to the queue"
            yield Field(
                placeholder="a stage, a model, an ensemble, or all; several with blanks between",
                suggester=self._names,
                id="targets",
                compact=True,
            )
            with Horizontal():
                yield Label("Priority")
                yield Field(
                    placeholder="0",
                    restrict=r"-?[0-9]{0,6}",
                    tooltip="higher goes first; also for those that are queued already",
                    id="priority",
                    compact=True,
                )
                yield Tick(
                    "without parents",
                    tooltip="only the targets' own jobs, not their parents'",
                    id="alone",
                    compact=True,
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

    @property
    def request(self) -> AddRequest:
        """What is asked for now."""
        priority = self.query_one("#priority", Input).value
        return AddRequest(
            tuple(self.query_one("#targets", Input).value.split()),
            int(priority) if priority.strip("-") else None,
            parents=not self.query_one("#alone", Checkbox).value,
        )

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def change(self) -> None:
        """Make the plan of what is asked for now."""
        self._planned = None
        self._plan()

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Answer, once the plan of just this request has been seen."""
        if self._planned is not None and self._planned == self.request:
            self.dismiss(self._planned)

    @on(ProspectRead)
    def take_prospect(self, message: ProspectRead) -> None:
        """Plans can be made now."""
        if message.found is None:
            self._say(message.told, WARNING)
            return
        self._found = message.found
        self._names.names = target_names(message.found.recipe.recipe)
        self._plan()

    @on(PlanMade)
    def take_plan(self, message: PlanMade) -> None:
        """Show a plan, unless something else has been asked for since."""
        if message.request != self.request:
            return
        shown: RenderableType = ""
        if message.plan is None:
            self._say(message.told, WARNING)
        else:
            self._planned = message.request
            self._say(f"{plan_summary(message.plan.lines)}: Enter queues, Esc goes back", "bold")
            more = len(message.plan.lines) - _SHOWN
            rest = Text(f"and {more:,} more" if more > 0 else "", style="dim")
            shown = Group(plan_table(message.plan.lines[:_SHOWN]), rest)
        self.query_one("#plan", Static).update(shown)

    def _plan(self) -> None:
        if self._found is None:
            return
        if self.request.targets:
            work = partial(self._plan_in_thread, self._found, self.request)
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
        except FAILURES as error:
            self.post_message(ProspectRead(None, str(error)))
        else:
            self.post_message(ProspectRead(found))

    def _plan_in_thread(self, found: "Prospect", request: AddRequest) -> None:
        from cxrtui.enqueue import of_targets

        try:
            choice = of_targets(found.recipe, request.targets, parents=request.parents)
            plan = found.plan(self._workspace, choice)
        except FAILURES as error:
            self.post_message(PlanMade(request, None, str(error)))
        else:
            self.post_message(PlanMade(request, plan))

    def _say(self, text: str, style: str = "dim") -> None:
        self.query_one("#advice", Static).update(Text(plain(text), style=style))
