"""The Ensemble screen: tick members on the left, the per-label AP table moves on the right."""

from functools import partial
from typing import ClassVar, Final

from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Footer, OptionList, Static
from textual.worker import get_current_worker

from cxrtui.chart.lines import WARNING
from cxrtui.screens.ensemble.confidence import Bootstrap
from cxrtui.screens.ensemble.member_list import MemberList
from cxrtui.screens.ensemble.picks import Picks
from cxrtui.screens.ensemble.save_dialog import SaveDialog
from cxrtui.screens.ensemble.table import ap_table, legend, summary, table_header
from cxrtui.screens.ensemble.work import LoadedSplit, Pick, load_split, save, score
from cxrtui.screens.known import Known
from cxrtui.screens.messages import (
    ConfidenceKnown,
    EnsembleSaved,
    Scored,
    SplitLoaded,
    WorkFailed,
)
from cxrtui.screens.status_line import StatusLine
from cxrtui.show.plain import plain
from jobs.errors import JobsError
from jobs.scoring.ensembles import Score
from jobs.workspace import Workspace

_PAUSE: Final = 0.25  # seconds without a key
_NOTHING_YET: Final = (
    "No model has predicted this split yet.\n\n"
    "Predictions follow training by themselves:\n"
    "  cxrtui run-all\n"
    "  cxrtui queue add MODEL"
)


class EnsembleScreen(Screen[None]):
    """Every key is scored in a thread; the newest choice wins."""

    CSS = """
    EnsembleScreen #members { width: 25; height: 1fr; }
    EnsembleScreen.-wide #members { width: 34; }
    EnsembleScreen #scores { padding: 0 1; }
    EnsembleScreen #summary { height: 4; }
    EnsembleScreen #header { height: 1; }
    EnsembleScreen #table.message { text-wrap: wrap; }
    EnsembleScreen Static { text-wrap: nowrap; text-overflow: ellipsis; }
    EnsembleScreen #rows { height: 1fr; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "tick"),
        Binding("v", "view_rule", "view"),
        Binding("a", "averaging", "average"),
        Binding("t", "split", "split"),
        Binding("c", "compare", "compare"),
        Binding("w", "save", "save"),
    ]

    def __init__(self, known: Known, workspace: Workspace) -> None:
        super().__init__()
        self.picks = Picks()
        self._known = known
        self._workspace = workspace
        self._predicted: object = None  # what had been predicted when splits were last read
        self._splits: dict[str, LoadedSplit] = {}
        self._bootstraps: dict[str, Bootstrap] = {}
        self._pause: Timer | None = None  # until it is worth the while to work out intervals
        self._saved: set[str] = set()

    def compose(self) -> ComposeResult:
        """Status, members beside the table, keys."""
        yield StatusLine()
        with Horizontal():
            yield MemberList(id="members", classes="box", markup=False)
            with Vertical(id="scores", classes="box"):
                yield Static(id="summary", markup=False)
                yield Static(id="header", markup=False)
                with VerticalScroll(id="rows"):
                    yield Static(id="table", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Name the boxes."""
        self.query_one("#members").border_title = "Members"
        self.query_one("#scores").border_title = "Average precision"

    def on_screen_resume(self) -> None:
        """Read what has been predicted since the last visit."""
        self.show_overview()

    def on_resize(self) -> None:
        """Fit the table, once the layout has its new widths."""
        self.call_after_refresh(self._show_scores)

    @property
    def loaded(self) -> LoadedSplit | None:
        """The split of now, once it has been read."""
        return self._splits.get(self.picks.split)

    @property
    def choice(self) -> Pick | None:
        """What is chosen now; None without a member."""
        return self.picks.choice(self.loaded.scorer.members) if self.loaded else None

    def show_overview(self) -> None:
        """Show the status, and read the split again if somebody has predicted since."""
        self.query_one(StatusLine).show(self._known)
        overview = self._known.overview
        if overview is None or self.app.screen is not self:
            return
        predicted = tuple((model.name, model.predicted) for model in overview.models)
        if predicted != self._predicted:
            self._predicted = predicted
            self._splits.clear()
            self.picks.forget_scores()
            self._load()

    def action_tick(self) -> None:
        """Take the highlighted member in, or leave it out."""
        option = self.query_one(MemberList).highlighted_option
        if option is not None and option.id is not None:
            self.picks.toggle(option.id)
            self._choose()

    def action_view_rule(self) -> None:
        """The next view rule."""
        self.picks.next_view_rule()
        self._choose()

    def action_averaging(self) -> None:
        """Average something else: probabilities, logits or ranks."""
        self.picks.next_averaging()
        self._choose()

    def action_split(self) -> None:
        """The other split."""
        self.picks.other_split()
        if self.loaded is None:
            self._load()
        else:
            self._choose()

    def action_compare(self) -> None:
        """Compare with the best single member, or with the choice before."""
        self.picks.before_is_base = not self.picks.before_is_base
        self._show_scores()

    def action_scroll_table(self, direction: int) -> None:
        """Move the table by half of what is seen of it."""
        rows = self.query_one("#rows")
        rows.scroll_relative(y=direction * max(rows.size.height // 2, 1), animate=False)

    def action_save(self) -> None:
        """Ask for a name and save the choice under it."""
        choice = self.choice
        if choice is None:
            self.notify("Tick at least one member first", severity="warning")
            return
        members = " + ".join(name for name, _ in choice.weights)
        dialog = SaveDialog(plain(f"{members}, {choice.view_rule}"), self._saved)
        self.app.push_screen(dialog, partial(self._save_as, choice))

    @on(OptionList.OptionSelected, "#members")
    def tick_by_mouse(self) -> None:
        """A click or Enter on a member ticks it."""
        self.action_tick()

    @on(SplitLoaded)
    def take_split(self, message: SplitLoaded) -> None:
        """A split has been read."""
        if message.loaded is not None:
            self._splits[message.split] = message.loaded
            self._bootstraps[message.split] = Bootstrap(message.loaded)
            self._saved |= message.loaded.saved
            self.picks.begin(message.loaded.default)
        if message.split == self.picks.split:
            self._choose()

    @on(Scored)
    def take_score(self, message: Scored) -> None:
        """A score has arrived; one of a split that was read again since is of no use."""
        if self._splits.get(message.choice.split) is message.loaded:
            self.picks.scores[message.choice] = message.result
            self._show_scores()

    @on(ConfidenceKnown)
    def take_confidence(self, message: ConfidenceKnown) -> None:
        """Intervals have arrived."""
        known = message.confidence
        if self._splits.get(known.pick.split) is message.loaded:
            self.picks.confidence[known.pick, known.base] = known
            self._show_scores()

    @on(WorkFailed)
    def take_failure(self, message: WorkFailed) -> None:
        """Tell the person."""
        if self.loaded is None:
            self._say(message.text, WARNING)
        self.notify(plain(message.text), severity="error", markup=False, timeout=10)

    @on(EnsembleSaved)
    def take_saved(self, message: EnsembleSaved) -> None:
        """Tell the person."""
        self._saved.add(message.name)
        self.notify(f"Saved as {message.name}", markup=False)

    def _load(self) -> None:
        self._say(f"Reading the predictions of {self.picks.split} ...")
        work = partial(self._load_in_thread, self.picks.split)
        self.run_worker(work, thread=True, exclusive=True, group="load")

    def _load_in_thread(self, split: str) -> None:
        try:
            loaded = load_split(self._workspace, self._known.recipe, split)
        except (JobsError, SQLAlchemyError, OSError) as error:
            self.post_message(WorkFailed(str(error)))
        else:
            self.post_message(SplitLoaded(split, loaded))

    def _choose(self) -> None:
        """Show the ticks at once, and have scored what is not known yet: the choice first."""
        loaded, choice = self.loaded, self.choice
        self.query_one(MemberList).show(loaded.scorer.members if loaded else (), self.picks)
        if loaded is None:
            self._say(_NOTHING_YET)
            return
        alone = [self.picks.single(name) for name in loaded.scorer.members]
        wanted = [*([choice] if choice else []), *alone]
        missing = [one for one in wanted if one not in self.picks.scores]
        if choice is None:
            self._say("Tick a member: space")
        elif choice in self.picks.scores:
            self._show_scores()
        work = partial(self._score_in_thread, loaded, missing)
        self.run_worker(work, thread=True, exclusive=True, group="score")

    def _score_in_thread(self, loaded: LoadedSplit, wanted: list[Pick]) -> None:
        worker = get_current_worker()
        for choice in wanted:
            if worker.is_cancelled:
                return
            self.post_message(Scored(loaded, choice, score(loaded, choice)))

    def _confide(self, choice: Pick, base: Pick | None) -> None:
        """Have intervals worked out, once nobody has pressed a key for a moment."""
        if self._pause is not None:
            self._pause.stop()
        work = partial(self._confide_in_thread, self._bootstraps[choice.split], choice, base)
        begin = partial(self.run_worker, work, thread=True, exclusive=True, group="confidence")
        self._pause = self.set_timer(_PAUSE, begin)

    def _confide_in_thread(self, bootstrap: Bootstrap, choice: Pick, base: Pick | None) -> None:
        worker = get_current_worker()
        found = bootstrap.confidence(choice, base, lambda: worker.is_cancelled)
        if found is not None:
            self.post_message(ConfidenceKnown(bootstrap.loaded, found))

    def _save_as(self, choice: Pick, name: str | None) -> None:
        if name is not None:
            self.run_worker(partial(self._save_in_thread, choice, name), thread=True, group="save")

    def _save_in_thread(self, choice: Pick, name: str) -> None:
        try:
            save(self._workspace, self._known.recipe, name, choice)
        except (JobsError, SQLAlchemyError, OSError) as error:
            self.post_message(WorkFailed(f"not saved: {error}"))
        else:
            self.post_message(EnsembleSaved(name))

    def _show_scores(self) -> None:
        loaded, choice = self.loaded, self.choice
        result = None if choice is None else self.picks.scores.get(choice)
        if loaded is None or choice is None or result is None:
            return
        self.picks.show(choice)
        base, than = self.picks.base(choice)
        against: Score | None = None if base is None else self.picks.scores[base]
        known = self.picks.confidence.get((choice, base))
        if known is None:
            self._confide(choice, base)
        width = self.query_one("#rows").size.width - 1
        box = self.query_one("#scores")
        box.border_title = f"Average precision on {loaded.split}, {len(loaded.patient):,} images"
        box.border_subtitle = legend(known)
        told = summary(choice, result, against, than, known)
        self.query_one("#summary", Static).update(told, layout=False)
        self.query_one("#header", Static).update(table_header(width), layout=False)
        table = ap_table(loaded, result, against, known, width)
        box = self.query_one("#table", Static)
        box.set_class(False, "message")
        box.update(table)
        self.query_one(MemberList).show(loaded.scorer.members, self.picks)

    def _say(self, text: str, style: str = "dim") -> None:
        for part in ("#summary", "#header"):
            self.query_one(part, Static).update("", layout=False)
        box = self.query_one("#table", Static)
        box.set_class(True, "message")
        box.update(Text(plain(text), style=style))
