"""What of the Ensemble screen reads and scores: always the newest choice, in threads."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.timer import Timer

from cxrtui.chart.lines import WARNING
from cxrtui.screens.ensemble import threads
from cxrtui.screens.ensemble.confidence import Bootstrap
from cxrtui.screens.ensemble.member_list import MemberList
from cxrtui.screens.ensemble.panel import ScoresPanel
from cxrtui.screens.ensemble.picks import Picks
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from cxrtui.screens.known import Known
from cxrtui.screens.look.keys import KeyLine
from cxrtui.screens.messages import ConfidenceKnown, Scored, SplitLoaded, WorkFailed
from cxrtui.screens.status_line import StatusLine
from cxrtui.show.plain import plain
from jobs.workspace import Workspace

_CONFIDENCE: Final = "confidence"
_PAUSE: Final = 0.25  # seconds without a key
_NOTHING_YET: Final = (
    "No model has predicted this split yet.\n\n"
    "Predictions follow training by themselves:\n"
    "  cxrtui run-all\n"
    "  cxrtui queue add MODEL"
)


class ScoringScreen(Screen[None]):
    """Members beside their scores; what is picked is changed by its subclass."""

    AUTO_FOCUS: ClassVar[str] = "#members"

    def __init__(self, known: Known, workspace: Workspace) -> None:
        super().__init__()
        self.picks = Picks()
        self.shown: Pick | None = None  # the pick whose numbers are on the screen
        self.known = known
        self.workspace = workspace
        self._predicted: object = None  # what had been predicted when splits were last read
        self._splits: dict[str, LoadedSplit] = {}
        self._bootstraps: dict[str, Bootstrap] = {}
        self._pause: Timer | None = None  # until it is worth the while to work out intervals

    def compose(self) -> ComposeResult:
        """Status, members beside the table, keys."""
        yield StatusLine()
        with Horizontal():
            members = MemberList(id="members", classes="box")
            members.border_title = "Members"
            yield members
            yield ScoresPanel(id="scores", classes="box")
        yield KeyLine("ensemble")

    def on_screen_resume(self) -> None:
        """Read what has been predicted since the last visit."""
        self.show_overview()

    def on_resize(self) -> None:
        """Fit all, once the layout has its new widths."""
        self.call_after_refresh(self._show_members)
        self.call_after_refresh(self._show_scores)

    @property
    def panel(self) -> ScoresPanel:
        """The scores."""
        return self.query_one(ScoresPanel)

    @property
    def members(self) -> MemberList:
        """The tick list."""
        return self.query_one(MemberList)

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
        self.query_one(StatusLine).show(self.known)
        overview = self.known.overview
        if overview is None or self.app.screen is not self:
            return
        predicted = tuple((model.name, model.predicted) for model in overview.models)
        if predicted != self._predicted:
            self._predicted = predicted
            self._splits.clear()
            self.picks.forget_scores()
            self.show_split()

    def show_split(self) -> None:
        """Show what the split of now gives; it is read if it has not been."""
        if self._predicted is None:
            return
        if self.loaded is not None:
            self.show_choice()
            return
        split = self.picks.split
        self._say(f"Reading the predictions of {split} ...")
        work = partial(threads.load, self.workspace, self.known.recipe, split, self.post_message)
        self._begin(work, "load")

    def show_choice(self) -> None:
        """Show the ticks at once, and have scored what is not known yet: the choice first."""
        loaded, choice = self.loaded, self.choice
        self.workers.cancel_group(self, _CONFIDENCE)  # it would keep the processor from scoring
        self._show_members()
        if loaded is None:
            self._say(_NOTHING_YET)
            return
        if choice is None:
            self._say("Tick a member: space")
        elif choice in self.picks.scores:
            self._show_scores()
        missing = self.picks.missing(choice, loaded)
        if missing:
            work = partial(threads.score_each, loaded, missing, self.post_message)
            self._begin(work, "score")

    @on(SplitLoaded)
    def take_split(self, message: SplitLoaded) -> None:
        """A split has been read."""
        if message.loaded is not None:
            self._splits[message.split] = message.loaded
            self._bootstraps[message.split] = Bootstrap(message.loaded)
            self.picks.choices.update(message.loaded.choices)
            self.picks.begin(message.loaded.default)
        if message.split == self.picks.split:
            self.show_choice()

    @on(Scored)
    def take_score(self, message: Scored) -> None:
        """A score has arrived; one of a split that was read again since is of no use."""
        if self._splits.get(message.choice.split) is message.loaded:
            self.picks.scores[message.choice] = message.result
            self._show_members()
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

    def _show_members(self) -> None:
        loaded = self.loaded
        self.members.show(loaded.scorer.members if loaded else (), self.picks)

    def _show_scores(self) -> None:
        loaded, choice = self.loaded, self.choice
        result = None if choice is None else self.picks.scores.get(choice)
        if loaded is None or choice is None or result is None:
            return
        self.picks.show(choice)
        base = self.picks.against(choice, loaded)
        known = self.picks.confidence.get((choice, base.pick))
        if known is None and base.score is not None:
            self._confide(choice, base.pick)
        alone = self.picks.alone(choice)
        is_whole = len(alone) == len(choice.weights)
        self.panel.show(loaded, choice, result, alone if is_whole else {}, base, known)
        self.shown = choice

    def _confide(self, choice: Pick, base: Pick | None) -> None:
        """Have intervals worked out, once nobody has pressed a key for a moment."""
        if self._pause is not None:
            self._pause.stop()
        bootstrap = self._bootstraps[choice.split]
        work = partial(threads.confide, bootstrap, choice, base, self.post_message)
        self._pause = self.set_timer(_PAUSE, partial(self._begin, work, _CONFIDENCE))

    def _begin(self, work: Callable[[], None], group: str) -> None:
        # Without a description all of a split would be written out as one.
        self.run_worker(work, thread=True, exclusive=True, group=group, description=group)

    def _say(self, text: str, style: str = "dim") -> None:
        self.shown = None
        self.panel.say(text, style)
