"""The Images screen: the cases of a label on the left, the image, and all that is said of it."""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import OptionList

from cxrtui.chart.glyphs import terminal_glyphs
from cxrtui.screens.images.case_list import CaseList
from cxrtui.screens.images.case_picture import CasePicture
from cxrtui.screens.images.score_rows import ScoreRows
from cxrtui.screens.images.work import (
    MemberScores,
    ScoresRead,
    ScoresUnread,
    read_scores,
)
from cxrtui.screens.known import Known
from cxrtui.screens.look.keys import KeyLine
from cxrtui.screens.status_line import StatusLine
from cxrtui.show.plain import plain_line
from jobs.cases import KINDS, CaseKind, ranked_cases
from jobs.workspace import Workspace

_MOST: Final = 100  # cases in the list
_SIDE: Final = 43  # cells of the list and of the scores, where the image is between them
_PATIENCE: Final = 0.3  # seconds for which the cases before stay
_NONE: Final = {
    "false positives": "Every image of {split} has {label}",
    "true positives": "No image of {split} has {label}",
    "missed": "No image of {split} has {label}",
}


@dataclass(frozen=True)
class Question:
    """Which cases are looked at."""

    split: str
    member: str
    label: str
    kind: CaseKind = "false positives"


class ImagesScreen(Screen[None]):
    """Scores and images are read in threads; the newest wanted wins."""

    CSS = """
    ImagesScreen #panes { layout: grid; grid-size: 2 2; grid-columns: 36 1fr; }
    ImagesScreen.-wide #panes { grid-columns: 43 1fr; }
    ImagesScreen.-beside #panes { grid-size: 3 1; grid-columns: 43 1fr 43; }
    ImagesScreen #cases { height: 100%; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    ImagesScreen #cases > .option-list--option { padding: 0; }
    ImagesScreen #image {
        height: 100%; row-span: 2; border-top: round $foreground 30%;
        border-title-color: $foreground;
    }
    ImagesScreen.-beside #image { row-span: 1; }
    ImagesScreen #scores { height: 100%; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    ImagesScreen #score-rows { height: 0; text-wrap: nowrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,right_square_bracket", "label(1)", "label", key_display="← →"),
        Binding("left,h,left_square_bracket", "label(-1)", "label before", show=False),
        Binding("f", "kind", "true, false"),
        Binding("m", "member", "member"),
        Binding("t", "split", "split"),
        Binding("c", "contrast", "contrast"),
        Binding("space", "scroll_scores", "more scores", show=False),
        Binding("escape", "dismiss", "back"),
        *(
            Binding(key, f"leave_to('{screen}')", show=False, tooltip=f"go to {screen}")
            for key, screen in zip("1234", ("run", "queue", "results", "ensemble"), strict=True)
        ),
    ]

    def __init__(
        self, known: Known, workspace: Workspace, *, split: str, member: str, label: str
    ) -> None:
        """`split` is dev or test, `member` has predicted it, `label` is one of the recipe's."""
        super().__init__()
        self.asked = Question(split, member, label)
        self._known = known
        self._workspace = workspace
        self._scores: MemberScores | None = None
        self._glyphs = terminal_glyphs()
        self._is_loading = False
        self._timer: Timer | None = None  # until it is said that one has to wait

    def compose(self) -> ComposeResult:
        """Status, cases, image and scores, keys."""
        yield StatusLine()
        with Container(id="panes"):
            yield CaseList(self._glyphs, id="cases", classes="box")
            yield CasePicture(id="image", glyphs=self._glyphs)
            with VerticalScroll(id="scores", classes="box", can_focus=False):
                yield ScoreRows(self._glyphs, id="score-rows")
        yield KeyLine()

    def on_mount(self) -> None:
        """Read what the member has predicted."""
        self.query_one(StatusLine).show(self._known)
        self.query_one(CaseList).focus()
        self._load()

    def on_resize(self) -> None:
        """Put the scores below the cases, or beyond the image where that leaves it as large."""
        width, height = self.size
        self.set_class(width - 2 * _SIDE >= 2 * (height - 4), "-beside")

    @property
    def scores(self) -> MemberScores | None:
        """What has been read, if it is what is asked."""
        read, asked = self._scores, self.asked
        if read is None or (read.split, read.member) != (asked.split, asked.member):
            return None
        return read

    def action_label(self, by: int) -> None:
        """Another label, in the order of the result table."""
        if self.scores is not None:
            labels = self.scores.order
            place = labels.index(self.asked.label) + by
            self._ask(replace(self.asked, label=labels[place % len(labels)]))

    def action_kind(self) -> None:
        """False positives, true positives or missed."""
        place = KINDS.index(self.asked.kind) + 1
        self._ask(replace(self.asked, kind=KINDS[place % len(KINDS)]))

    def action_member(self) -> None:
        """The next member that has predicted the split."""
        if self._scores is not None:
            members, member = self._scores.members, self.asked.member
            place = members.index(member) + 1 if member in members else 0
            self._ask(replace(self.asked, member=members[place % len(members)]))

    def action_split(self) -> None:
        """The other split."""
        self._ask(replace(self.asked, split="test" if self.asked.split == "dev" else "dev"))

    def action_contrast(self) -> None:
        """Raise the contrast, or show the grays of the file."""
        self.query_one(CasePicture).turn_contrast()

    def action_scroll_scores(self) -> None:
        """The scores further down; from the last ones back to the first."""
        box = self.query_one("#scores", VerticalScroll)
        if box.scroll_y >= box.max_scroll_y:
            box.scroll_home(animate=False)
        else:
            box.scroll_relative(y=max(box.size.height - 1, 1), animate=False)

    async def action_leave_to(self, screen: str) -> None:
        """Back, and on to a screen of the dashboard."""
        self.app.pop_screen()
        await self.app.run_action(f"app.show('{screen}')")

    @on(ScoresRead)
    def take_scores(self, message: ScoresRead) -> None:
        """What a member has predicted is there."""
        self._scores = message.scores
        if self.scores is not None:
            self._end_loading()
            self._show_cases()

    @on(ScoresUnread)
    def take_failure(self, message: ScoresUnread) -> None:
        """Say why there is nothing to see."""
        self._end_loading()
        self._show_nothing(message.text)

    @on(OptionList.OptionHighlighted, "#cases")
    def take_case(self) -> None:
        """Show the scores of another case at once; its image follows."""
        scores, row = self.scores, self.query_one(CaseList).row
        if scores is not None and row is not None:
            self.query_one(ScoreRows).show(scores, row, self.asked.label)
            self.query_one("#scores").scroll_home(animate=False)
            self.query_one(CasePicture).want(scores, row)

    def _ask(self, question: Question) -> None:
        self.asked = question
        if self.scores is None:
            self._load()
        else:
            self._show_cases()

    def _load(self) -> None:
        asked = self.asked
        self._is_loading = True
        self._stop_timer()
        self._timer = self.set_timer(_PATIENCE, self._tell_to_wait)
        work = partial(
            read_scores,
            self._workspace,
            self._known.recipe,
            asked.split,
            asked.member,
            self.post_message,
        )
        self.run_worker(work, thread=True, exclusive=True, group="scores")

    def _tell_to_wait(self) -> None:
        if self._is_loading:  # a timer that was stopped may have been heard before
            self._show_nothing(f"Reading what {self.asked.member} predicts of {self.asked.split}")

    def _show_cases(self) -> None:
        scores, asked = self.scores, self.asked
        if scores is None:
            return
        values, positive = scores.column(asked.label)
        rows = ranked_cases(values, positive, asked.kind, _MOST)
        if not rows.size:
            self._show_nothing(_NONE[asked.kind].format(split=asked.split, label=asked.label))
            return
        self.query_one(CaseList).show(scores, asked.label, rows.tolist())
        self._name_cases(int((~positive if asked.kind == "false positives" else positive).sum()))
        self.take_case()  # the first may be highlighted already, which tells nobody

    def _show_nothing(self, text: str) -> None:
        self.query_one(CaseList).clear()
        self.query_one(ScoreRows).clear()
        self.query_one(CasePicture).want_nothing(text)
        self._name_cases(0)

    def _name_cases(self, count: int) -> None:
        asked, cases = self.asked, self.query_one(CaseList)
        cases.border_title = _safe(asked.label)
        cases.border_subtitle = f"{asked.kind}, {min(count, _MOST)} of {count:,}"
        self.query_one("#scores").border_title = _safe(f"{asked.member} on {asked.split}")

    def _end_loading(self) -> None:
        self._is_loading = False
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()


def _safe(text: str) -> str:
    """A title of a frame, which would be read as markup."""
    return Content(plain_line(text)).markup
