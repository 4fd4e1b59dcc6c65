"""What of the Ensemble screen is read and scored: always the newest choice, in a process."""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from cxrtui.chart.lines import WARNING
from cxrtui.screens.ensemble.likely import likely
from cxrtui.screens.ensemble.member_list import MemberList
from cxrtui.screens.ensemble.messages import (
    ConfidenceKnown,
    Scored,
    ScorerEnded,
    SplitLoaded,
)
from cxrtui.screens.ensemble.panel import ScoresPanel
from cxrtui.screens.ensemble.picks import Picks
from cxrtui.screens.ensemble.scorer import Scorer, StartScorer
from cxrtui.screens.ensemble.wire import Request
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from cxrtui.screens.known import Known
from cxrtui.screens.look.keys import KeyLine
from cxrtui.screens.messages import WorkFailed
from cxrtui.screens.status_line import StatusLine
from cxrtui.show.plain import plain
from jobs.workspace import Workspace

_NOTHING_YET: Final = (
    "No model has predicted this split yet.\n\n"
    "Predictions follow training by themselves:\n"
    "  cxrtui run-all\n"
    "  cxrtui queue add MODEL"
)


class ScoringScreen(Screen[None]):
    """Members beside their scores; what is picked is changed by its subclass."""

    AUTO_FOCUS: ClassVar[str] = "#members"

    def __init__(
        self,
        known: Known,
        workspace: Workspace,
        start: StartScorer = Scorer,
    ) -> None:
        """`start` makes what scores."""
        super().__init__()
        self._start = start
        self.picks = Picks()
        self.shown: Pick | None = None  # the pick whose numbers are on the screen
        self.known = known
        self.workspace = workspace
        self._predicted: object = None  # what had been predicted when splits were last read
        self._splits: dict[str, LoadedSplit] = {}
        self._scorer: Scorer | None = None  # of what had been predicted then
        self._was_missing = False  # whether a score was that somebody waits for

    def compose(self) -> ComposeResult:
        """Status, members beside the table, keys."""
        yield StatusLine()
        with Horizontal():
            with Vertical(id="beside", classes="box") as beside:
                beside.border_title = "Members"
                yield MemberList(id="members")
            yield ScoresPanel(id="scores", classes="box")
        yield KeyLine("ensemble")

    def on_screen_resume(self) -> None:
        """Read what has been predicted since the last visit."""
        self.show_overview()

    def on_unmount(self) -> None:
        """End what scores."""
        self._end_scorer()

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
        return self.picks.choice(self.loaded.members) if self.loaded else None

    def show_overview(self) -> None:
        """Show the status, and read the split again if somebody has predicted since."""
        self.query_one(StatusLine).show(self.known)
        overview = self.known.overview
        if overview is None or self.app.screen is not self:
            return
        predicted = tuple((model.name, model.predicted) for model in overview.models)
        if predicted != self._predicted:
            self._predicted = predicted
            self._end_scorer()
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
        self._say(f"Reading the predictions of {self.picks.split} ...")
        self._ask()

    def show_choice(self) -> None:
        """Show the ticks at once, and have scored what is not known yet: the choice first."""
        choice = self.choice
        self._show_members()
        if self.loaded is None:
            self._say(_NOTHING_YET)
        elif choice is None:
            self._say("Tick a member: space")
        elif choice in self.picks.scores:
            self._show_scores()
        self._ask()

    @on(SplitLoaded)
    def take_split(self, message: SplitLoaded) -> None:
        """A split has been read."""
        if message.source is not self._scorer:
            return
        if message.loaded is not None:
            self._splits[message.split] = message.loaded
            self.picks.choices.update(message.loaded.choices)
            self.picks.begin(message.loaded.default)
        if message.split == self.picks.split:
            self.show_choice()

    @on(Scored)
    def take_score(self, message: Scored) -> None:
        """A score has arrived; one of predictions that were read again since is of no use."""
        if message.source is not self._scorer:
            return
        self.picks.keep(message.choice, message.result)  # it is told only once
        if self.loaded is None:
            return
        missing = self.picks.missing(self.choice, self.loaded)
        if message.choice == self.choice or (self._was_missing and not missing):
            self._show_members()
            self._show_scores()
            self._ask()
        self._was_missing = bool(missing)

    @on(ConfidenceKnown)
    def take_confidence(self, message: ConfidenceKnown) -> None:
        """Intervals have arrived."""
        known = message.confidence
        if message.source is self._scorer:
            self.picks.confidence[known.pick, known.base] = known
            self._show_scores()

    @on(ScorerEnded)
    def take_end(self, message: ScorerEnded) -> None:
        """Tell the person; the next key starts it again."""
        if message.source is self._scorer:
            self._end_scorer()
            self.take_failure(WorkFailed(message.text))

    @on(WorkFailed)
    def take_failure(self, message: WorkFailed) -> None:
        """Tell the person."""
        if self.loaded is None:
            self._say(message.text, WARNING)
        self.notify(plain(message.text), severity="error", markup=False, timeout=10)

    def _show_members(self) -> None:
        loaded = self.loaded
        self.members.show(loaded.members if loaded else (), self.picks)

    def _show_scores(self) -> None:
        loaded, choice = self.loaded, self.choice
        result = None if choice is None else self.picks.scores.get(choice)
        if loaded is None or choice is None or result is None:
            return
        self.picks.show(choice)
        base = self.picks.against(choice, loaded)
        known = self.picks.confidence.get((choice, base.pick))
        alone = self.picks.alone(choice)
        is_whole = len(alone) == len(choice.weights)
        self.panel.show(loaded, choice, result, alone if is_whole else {}, base, known)
        self.shown = choice

    def _ask(self) -> None:
        """Have worked out what is not known of what is chosen now."""
        if self._scorer is None:
            root = self.workspace.paths.root
            self._scorer = self._start(root, self.known.recipe, self.post_message)
        request = Request(self.picks.split)
        if self.loaded is not None:
            missing = tuple(self.picks.missing(self.choice, self.loaded))
            unsure = self.picks.unsure(self.choice, self.loaded)
            next_ones = likely(self.picks, self.loaded, self.members.member)
            request = Request(self.picks.split, self.choice, missing, unsure, next_ones)
        self._was_missing = bool(request.missing)
        self._scorer.ask(request)

    def _end_scorer(self) -> None:
        if self._scorer is not None:
            self._scorer.end()
            self._scorer = None

    def _say(self, text: str, style: str = "dim") -> None:
        self.shown = None
        self.panel.say(text, style)
